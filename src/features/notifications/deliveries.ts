/** What is to leave by mail or push, as its job finds it: it may have been read, or be unwanted, by now. */
import { type Meter, raise } from "../../core/meter.ts";
import { type CommittedEvent, type Ctx, type Store, type Tx, transact } from "../../db/context.ts";
import { query, queryIn } from "../../db/query.ts";
import { notificationJson } from "../../db/row-json.ts";
import { endIn, enqueue, type Job } from "../../jobs/queue.ts";
import type { Notification } from "../../protocol/notifications.ts";
import { systemCtx } from "../../realtime/log.ts";
import {
  type Available,
  afterQuietHours,
  type Channel,
  type Settings,
  type SettingsRow,
  settingsColumns,
  toSettings,
} from "./settings.ts";

export interface Outgoing {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly entry: Notification;
  /** Of the person in the project the entry is about. */
  readonly settings: Settings;
  /** Unread, of somebody who is not disabled. */
  readonly current: boolean;
  /** The database's time when this was read, milliseconds since 1970. */
  readonly nowMs: number;
}

interface Row extends SettingsRow {
  readonly user_id: string;
  readonly name: string;
  readonly current: boolean;
  readonly now_ms: number;
  readonly body: string;
}

const readSql = (which: string): string => `
  select d.user_id, u.name, u.disabled_at is null and n.read_at is null as current,
    (extract(epoch from now()) * 1000)::float8 as now_ms, ${settingsColumns("u", "o", "p")}, ${notificationJson("n")} as body
  from deliveries d join notifications n on n.id = d.notification_id join users u on u.id = d.user_id
  left join notification_preferences o on o.user_id = u.id and o.project_id is null
  left join notification_preferences p on p.user_id = u.id and p.project_id = n.project_id
  where ${which} and d.channel = $2 order by n.updated_at desc, n.id desc`;

// One that is dead is here because somebody wants it to be tried again.
const namedSql = readSql("d.notification_id = any($1::uuid[]) and d.state in ('waiting', 'dead')");
const anySql = readSql("d.notification_id = any($1::uuid[])");
const waitingSql = readSql("d.user_id = $1::uuid and d.state = 'waiting'");

const read = async (
  store: Store,
  sql: string,
  which: string,
  channel: Channel,
  available: Available,
): Promise<Outgoing[]> => {
  const rows = await query<Row>(systemCtx({ store }, "deliveries"), sql, [which, channel]);
  return rows.map((row) => ({
    userId: row.user_id,
    name: row.name,
    email: row.email,
    entry: JSON.parse(row.body),
    settings: toSettings(row, available),
    current: row.current,
    nowMs: row.now_ms,
  }));
};

/** Of these notifications what has not left by this channel; `again`: that, and what has. */
export const readNamed = (
  store: Store,
  ids: readonly string[],
  channel: Channel,
  available: Available,
  again = false,
): Promise<Outgoing[]> => read(store, again ? anySql : namedSql, `{${ids.join()}}`, channel, available);

/** All of one person that has not left by this channel. */
export const readWaiting = (store: Store, userId: string, channel: Channel, available: Available) =>
  read(store, waitingSql, userId, channel, available);

/** Does the person still want it? A trial is wanted in any case. */
export const isWanted = ({ current, settings, entry }: Outgoing, channel: Channel, trial: boolean): boolean =>
  current && (trial ? settings.possible : settings.channels(entry.category))[channel];

export type Settled = "sent" | "skipped" | "dead";

const settleSql = `update deliveries set state = $3, sent_at = case when $3 = 'sent' then now() end
  where notification_id = any($1::uuid[]) and channel = $2`;
const idsOf = (outgoing: readonly Outgoing[]): string => `{${outgoing.map(({ entry }) => entry.id).join()}}`;

export async function settle(
  { store, meter }: { readonly store: Store; readonly meter: Meter },
  outgoing: readonly Outgoing[],
  channel: Channel,
  as: Settled,
): Promise<void> {
  if (outgoing.length === 0) return;
  await query(systemCtx({ store }, "deliveries"), settleSql, [idsOf(outgoing), channel, as]);
  count(meter, channel, as, outgoing.length);
}

/** `failed`: for now. `gone`: the browser unsubscribed. */
export function count(meter: Meter, channel: Channel, outcome: Settled | "failed" | "gone", by: number): void {
  if (by > 0) raise(meter.notifications, `${channel} ${outcome}`, by);
}

/** Counts what people were told in their inboxes, of all that this process committed. */
export function countTold(meter: Meter, events: readonly CommittedEvent[]): void {
  for (const { event } of events)
    if (event === "notification" || event === "due_date_reminder") raise(meter.notifications, "in_app told");
}

export async function settleIn(tx: Tx, outgoing: readonly Outgoing[], channel: Channel, as: Settled): Promise<void> {
  if (outgoing.length > 0) await queryIn(tx.orm, settleSql, [idsOf(outgoing), channel, as]);
}

/** When the person's quiet hours are over; undefined where it is not quiet now. Milliseconds since 1970. */
export function quietUntil({ settings, nowMs }: Outgoing): number | undefined {
  const until = afterQuietHours(settings, nowMs);
  return until > nowMs ? until : undefined;
}

/** The same job again, later: it counts as a new one. */
export async function postpone(ctx: Pick<Ctx, "store">, owner: string, job: Job, untilMs: number): Promise<void> {
  const { kind, key, payload } = job;
  if (typeof payload !== "object" || payload === null) throw new Error("a job's payload is an object");
  await transact<void>(systemCtx(ctx, `job-${job.id}`), {
    rooms: [],
    replay: () => {},
    async work(tx) {
      await endIn(tx.orm, owner, job);
      await enqueue(tx.orm, [{ kind, key: key ?? undefined, payload, runAt: new Date(untilMs).toISOString() }]);
    },
  });
}
