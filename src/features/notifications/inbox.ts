/** A person's inbox: listing it, and what the person does with its entries. */
import { z } from "zod";
import { RawJson } from "../../core/raw-json.ts";
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText, notificationJson } from "../../db/row-json.ts";
import type { EventData } from "../../protocol/catalogue.ts";
import { AppError, invalid } from "../../protocol/errors.ts";
import {
  type Notification,
  type NotificationCategory,
  type ReadNotifications,
  type SnoozeNotification,
  UnreadCount,
} from "../../protocol/notifications.ts";
import { emit } from "../../realtime/log.ts";
import { unsnoozeAt } from "./unsnooze.ts";

export interface InboxFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly unread: "true" | "false";
  readonly category?: NotificationCategory | undefined;
  readonly archived: "true" | "false";
  readonly snoozed: "true" | "false";
}

const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** Unread, in sight: `$1` is the person. */
const unreadSql = `(select count(*)::int from notifications n where n.user_id = $1::uuid and n.read_at is null
  and n.archived_at is null and (n.snoozed_until is null or n.snoozed_until <= now()))`;

// A row comparison that is always there can use the index; one that is only sometimes there cannot.
const listSql = `
  select n.id, ${isoText("n.updated_at")} as at, ${notificationJson("n")} as body from notifications n
  where n.user_id = $1::uuid
    and (n.updated_at, n.id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, '${lastId}'))
    and (not $5::boolean or n.read_at is null) and ($6::text is null or n.category = $6)
    and (n.archived_at is not null) = $7::boolean
    and (n.snoozed_until is not null and n.snoozed_until > now()) = $8::boolean
  order by n.updated_at desc, n.id desc limit $4::int`;

const Cursor = z.tuple([z.iso.datetime(), z.uuid()]);

/** A page of the inbox, the latest first, with the number of unread entries. Throws `invalid` for a foreign cursor. */
export async function listInbox(ctx: Ctx, filter: InboxFilter): Promise<RawJson> {
  const [at, id] = decodeCursor(Cursor, filter.cursor) ?? [null, null];
  const rows = await query<{ id: string; at: string; body: string }>(ctx, listSql, [
    ctx.actor.id,
    at,
    id,
    filter.limit + 1,
    filter.unread === "true",
    filter.category,
    filter.archived === "true",
    filter.snoozed === "true",
  ]);
  const [counted] = await query<{ unread: number }>(ctx, `select ${unreadSql} as unread`, [ctx.actor.id]);
  const items = rows.slice(0, filter.limit);
  const last = items.at(-1);
  const next = rows.length > items.length && last ? encodeCursor([last.at, last.id]) : null;
  return new RawJson(
    `{"items":[${items.map(({ body }) => body).join()}],"next_cursor":${JSON.stringify(next)},"unread_count":${counted?.unread ?? 0}}`,
  );
}

/** Of all only those in sight: what is snoozed comes back unread. */
const readSql = `
  update notifications n set read_at = case when $3::boolean then now() end
  where n.user_id = $1::uuid and n.archived_at is null and (n.read_at is null) = $3::boolean
    and case when $2::uuid[] is null then n.snoozed_until is null or n.snoozed_until <= now()
      else n.id = any($2::uuid[]) end
  returning n.id`;

/** Marks entries read (or unread); the person's other windows hear of it. Ids that are not the person's are passed over. */
export function markRead(caller: Ctx, input: ReadNotifications): Promise<UnreadCount> {
  const read = input.read ?? true;
  return change(withMutation(caller, "notifications_read", input), async (tx, userId) => {
    const ids = input.notification_ids;
    const rows = await queryIn<{ id: string }>(tx.orm, readSql, [userId, ids ? `{${ids.join()}}` : null, read]);
    return rows.length > 0
      ? { ...(ids ? { notification_ids: rows.map(({ id }) => id) } : { all: true }), read }
      : undefined;
  });
}

type Changed = Omit<EventData<"notifications_read">, "unread_count">;

/** One write to the person's inbox: `work` answers what the other windows hear, or nothing where nothing changed. */
async function change(ctx: Ctx, work: (tx: Tx, userId: string) => Promise<Changed | undefined>): Promise<UnreadCount> {
  const userId = ctx.actor.id;
  const { answer } = await transact<UnreadCount>(ctx, {
    rooms: [userId],
    async work(tx) {
      const event = await work(tx, userId);
      const [row] = await queryIn<{ unread: number }>(tx.orm, `select ${unreadSql} as unread`, [userId]);
      const unread_count = row?.unread ?? 0;
      if (event) emit(tx, "notifications_read", userId, { ...event, unread_count });
      return { unread_count };
    },
    replay: (events) => UnreadCount.parse(JSON.parse(events[0]?.data ?? "{}")),
  });
  return answer;
}

const snoozeSql = `
  update notifications n set snoozed_until = $3::timestamptz, read_at = null
  where n.id = $2::uuid and n.user_id = $1::uuid and n.archived_at is null and $3::timestamptz > now()
  returning ${notificationJson("n")} as body`;
const archiveSql = `
  update notifications n set archived_at = now(), read_at = coalesce(n.read_at, now()), snoozed_until = null
  where n.id = $2::uuid and n.user_id = $1::uuid and n.archived_at is null returning ${notificationJson("n")} as body`;
const findSql = `
  select ${notificationJson("n")} as body, n.archived_at is not null as archived
  from notifications n where n.user_id = $1::uuid and n.id = $2::uuid`;

/**
 * Hides an entry until a time, when the job loop brings it back. Throws `not_found`, `invalid` for a time that is past and
 * `conflict` for an entry that was put away.
 */
export async function snooze(caller: Ctx, id: string, input: SnoozeNotification): Promise<Notification> {
  const ctx = withMutation(caller, "notification_snooze", { ...input, id });
  await change(ctx, async (tx, userId) => {
    const rows = await queryIn(tx.orm, snoozeSql, [userId, id, input.until]);
    if (rows.length === 0) {
      const entry = await findEntry(tx, userId, id);
      if (!entry.archived) throw invalid("until", "is past");
      throw new AppError("conflict", "it was put away; only what is in the inbox can be snoozed");
    }
    await unsnoozeAt(tx, { id, userId, until: input.until });
    return { notification_ids: [id], read: false, snoozed_until: input.until };
  });
  return readEntry(ctx, id);
}

/** Puts an entry away; it counts as read. Throws `not_found`. */
export async function archive(
  caller: Ctx,
  id: string,
  input: { mutation_id?: string | undefined },
): Promise<Notification> {
  const ctx = withMutation(caller, "notification_archive", { ...input, id });
  await change(ctx, async (tx, userId) => {
    const rows = await queryIn(tx.orm, archiveSql, [userId, id]);
    if (rows.length > 0) return { notification_ids: [id], read: true, archived: true };
    await findEntry(tx, userId, id);
    return undefined;
  });
  return readEntry(ctx, id);
}

interface EntryRow {
  readonly body: string;
  readonly archived: boolean;
}

const missing = () => new AppError("not_found", "there is no such notification in your inbox");

async function findEntry(tx: Tx, userId: string, id: string): Promise<EntryRow> {
  const [row] = await queryIn<EntryRow>(tx.orm, findSql, [userId, id]);
  if (!row) throw missing();
  return row;
}

async function readEntry(ctx: Ctx, id: string): Promise<Notification> {
  const [row] = await query<EntryRow>(ctx, findSql, [ctx.actor.id, id]);
  if (!row) throw missing();
  return JSON.parse(row.body);
}
