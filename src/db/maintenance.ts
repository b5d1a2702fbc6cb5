/**
 * What the database needs from time to time: events and notifications past their retention go, jobs that
 * failed for good with them, kept answers after a day, ended sessions.
 */
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { AppError } from "../protocol/errors.ts";
import { catchUpActivity } from "./activity.ts";
import type { Database } from "./open.ts";
import { activityProcessor, readUpTo } from "./processors.ts";

export interface Maintenance {
  /** One round; also run every hour. Answers the number of events removed. */
  run(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

export interface MaintenanceOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Events older than this many days are removed; clients that come back from further take a snapshot. */
  readonly retentionDays: number;
  /** The same for what people were told; what is snoozed stays until it came back. And for jobs that failed for good. */
  readonly notificationRetentionDays: number;
}

const roundMs = 60 * 60 * 1000;
/** A round never runs into the first requests after the start. */
const firstRoundMs = 5 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;
/** Events removed in one transaction: it holds the room's lock, so it must be short. */
const batch = 1_000;
const roomsAtOnce = 100;

export function createMaintenance(options: MaintenanceOptions): Maintenance {
  const { database, clock, log, retentionDays, notificationRetentionDays } = options;
  let running: Promise<unknown> = Promise.resolve();
  let stopped = false;
  let cancel = (): void => {};

  const run = async (): Promise<number> => {
    const cutoff = new Date(clock.now() - retentionDays * dayMs).toISOString();
    await catchUpAll(database, log, () => stopped);
    const removed = await trimAll(database, cutoff, () => stopped);
    const yesterday = new Date(clock.now() - dayMs).toISOString();
    await database.sql`delete from mutations where created_at < ${yesterday}`;
    await database.sql`delete from sessions where expires_at < ${yesterday}`;
    await database.sql`delete from verifications where expires_at < ${yesterday}`;
    const untold = new Date(clock.now() - notificationRetentionDays * dayMs).toISOString();
    for (const old of [oldNotificationsSql, deadJobsSql]) await removeBatches(database, old, untold, () => stopped);
    if (removed > 0) log.info({ events: removed, before: cutoff }, "old events removed");
    return removed;
  };

  const round = (): void => {
    running = database
      .guard(run)
      .catch((error) => log.warn({ err: error }, "maintenance failed; the next round tries again"));
  };

  return {
    run,
    start() {
      const first = clock.setTimeout(round, firstRoundMs);
      const every = clock.setInterval(round, roundMs);
      cancel = () => {
        first();
        every();
      };
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

const beforeAll = "00000000-0000-0000-0000-000000000000";

/**
 * Activity follows the log by an hour at most, so that no reader has long to wait for it. A project whose events cannot
 * be read keeps its log; the others go on.
 */
async function catchUpAll(database: Database, log: Log, stopped: () => boolean): Promise<void> {
  for (let after = beforeAll; !stopped(); ) {
    const rooms = await database.sql<{ id: string; behind: boolean }[]>`
      select r.id, r.kind = 'project' and r.seq > coalesce(p.seq, 0) as behind
      from rooms r left join positions p on p.processor = ${activityProcessor} and p.room_id = r.id
      where r.id > ${after} order by r.id limit ${roomsAtOnce}`;
    for (const { id, behind } of rooms) {
      if (!behind || stopped()) continue;
      await catchUpActivity(database, id, undefined, stopped).catch((error: unknown) => {
        if (error instanceof AppError) throw error;
        log.error({ err: error, project: id }, "the activity of a project cannot be made; its log is kept");
      });
    }
    const last = rooms.at(-1);
    if (!last || rooms.length < roomsAtOnce) break;
    after = last.id;
  }
}

const trimmableSql = `
  select max(seq) as seq from (
    select e.seq, bool_and(e.at < $2::timestamptz) over (order by e.seq) as old
    from rooms r cross join lateral (
      select e.seq, e.at from events e
      where e.room_id = r.id and e.seq <= case r.kind when 'project' then ${readUpTo("r.id")} else r.seq end
      order by e.seq limit ${batch}) e
    where r.id = $1::uuid) e where old`;

const oldNotificationsSql = `delete from notifications where id = any(array(
  select id from notifications where updated_at < $1::timestamptz and (snoozed_until is null or snoozed_until < now())
  order by updated_at limit ${batch}))`;

const deadJobsSql = `delete from jobs where id = any(array(
  select id from jobs where dead_at < $1::timestamptz order by dead_at limit ${batch}))`;

/** Each batch is a transaction of its own. */
async function removeBatches(database: Database, sql: string, cutoff: string, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const gone = await database.sql.unsafe(sql, [cutoff], { prepare: true });
    if (gone.count < batch) return;
  }
}

/** Rooms are found by their oldest event, one index probe each. */
async function trimAll(database: Database, cutoff: string, stopped: () => boolean): Promise<number> {
  let removed = 0;
  for (let after = beforeAll; !stopped(); ) {
    const rooms = await database.sql<{ id: string }[]>`
      select r.id from rooms r cross join lateral (
        select at from events e where e.room_id = r.id order by e.seq limit 1) e
      where r.id > ${after} and e.at < ${cutoff} order by r.id limit ${roomsAtOnce}`;
    for (const { id } of rooms) removed += await trimRoom(database, id, cutoff, stopped);
    const last = rooms.at(-1);
    if (!last || rooms.length < roomsAtOnce) break;
    after = last.id;
  }
  return removed;
}

/**
 * Removes the room's oldest events before `cutoff`, without a hole, and notes how far history reaches back. Of a project
 * only those go that every processor has read.
 */
async function trimRoom(database: Database, id: string, cutoff: string, stopped: () => boolean): Promise<number> {
  let removed = 0;
  while (!stopped()) {
    const count = await database.sql.begin(async (tx) => {
      const [upTo] = await tx.unsafe<{ seq: number | null }[]>(trimmableSql, [id, cutoff], { prepare: true });
      if (upTo?.seq == null) return 0;
      await tx`update rooms set trimmed_seq = ${upTo.seq} where id = ${id}`;
      const gone = await tx`delete from events where room_id = ${id} and seq <= ${upTo.seq}`;
      return gone.count;
    });
    removed += count;
    if (count < batch) break;
  }
  return removed;
}
