/** A person's inbox: listing it, and what the person does with its entries. */
import { z } from "zod";
import { RawJson } from "../../core/raw-json.ts";
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText, notificationJson } from "../../db/row-json.ts";
import { AppError } from "../../protocol/errors.ts";
import type {
  Notification,
  NotificationCategory,
  ReadNotifications,
  SnoozeNotification,
  UnreadCount,
} from "../../protocol/notifications.ts";
import { emit } from "../../realtime/log.ts";

export interface InboxFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly unread: "true" | "false";
  readonly category?: NotificationCategory | undefined;
  readonly archived: "true" | "false";
  readonly snoozed: "true" | "false";
}

/** Unread, in sight: `$1` is the person. */
const unreadSql = `(select count(*)::int from notifications n where n.user_id = $1::uuid and n.read_at is null
  and n.archived_at is null and (n.snoozed_until is null or n.snoozed_until <= now()))`;

const listSql = `
  select n.id, ${isoText("n.updated_at")} as at, ${notificationJson("n")} as body from notifications n
  where n.user_id = $1::uuid and ($2::timestamptz is null or (n.updated_at, n.id) < ($2::timestamptz, $3::uuid))
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

const readSql = `
  update notifications n set read_at = case when $3::boolean then now() end
  where n.user_id = $1::uuid and n.archived_at is null and (n.read_at is null) = $3::boolean
    and ($2::uuid[] is null or n.id = any($2::uuid[]))
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

type ReadEvent = { notification_ids?: string[]; all?: true; read: boolean };

/** One write to the person's inbox: `work` answers what the other windows hear, or nothing where nothing changed. */
async function change(
  ctx: Ctx,
  work: (tx: Tx, userId: string) => Promise<ReadEvent | undefined>,
): Promise<UnreadCount> {
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
    replay: (events) => ({
      unread_count: z.object({ unread_count: z.int() }).parse(JSON.parse(events[0]?.data ?? "{}")).unread_count,
    }),
  });
  return answer;
}

const snoozeSql = `
  update notifications n set snoozed_until = $3::timestamptz, read_at = null
  where n.id = $2::uuid and n.user_id = $1::uuid and n.archived_at is null returning ${notificationJson("n")} as body`;
const archiveSql = `
  update notifications n set archived_at = coalesce(n.archived_at, now()), read_at = coalesce(n.read_at, now())
  where n.id = $2::uuid and n.user_id = $1::uuid returning ${notificationJson("n")} as body`;

/** Hides an entry until a time; the job loop brings it back. Throws `not_found`. */
export async function snooze(caller: Ctx, id: string, input: SnoozeNotification): Promise<Notification> {
  return changeOne(withMutation(caller, "notification_snooze", { ...input, id }), id, snoozeSql, [input.until], false);
}

/** Puts an entry away; it counts as read. Throws `not_found`. */
export async function archive(
  caller: Ctx,
  id: string,
  input: { mutation_id?: string | undefined },
): Promise<Notification> {
  return changeOne(withMutation(caller, "notification_archive", { ...input, id }), id, archiveSql, [], true);
}

async function changeOne(
  ctx: Ctx,
  id: string,
  text: string,
  values: readonly string[],
  read: boolean,
): Promise<Notification> {
  let body = "";
  await change(ctx, async (tx, userId) => {
    const [row] = await queryIn<{ body: string }>(tx.orm, text, [userId, id, ...values]);
    if (!row) throw new AppError("not_found", "there is no such notification in your inbox");
    body = row.body;
    return { notification_ids: [id], read };
  });
  if (body !== "") return JSON.parse(body);
  const [row] = await query<{ body: string }>(
    ctx,
    `select ${notificationJson("n")} as body from notifications n where n.user_id = $1::uuid and n.id = $2::uuid`,
    [ctx.actor.id, id],
  );
  if (!row) throw new AppError("not_found", "there is no such notification in your inbox");
  return JSON.parse(row.body);
}
