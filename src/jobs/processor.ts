/**
 * A reader of the log that turns events into something else (notifications, reminders). It keeps a position for each
 * room and writes its effects in the transaction that moves it, so that a crash between any two steps doubles nothing and
 * leaves nothing out. Rooms are found by the commits this process hears of, and every few seconds by their numbers.
 */
import type { CancelTimer, Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { type CommittedEvent, fromRow, type Store, type Tx, transact } from "../db/context.ts";
import { queryIn } from "../db/query.ts";
import { isoText } from "../db/row-json.ts";
import { systemCtx } from "../realtime/log.ts";

export interface ProcessorKind {
  /** Its name in `positions`. */
  readonly name: string;
  /** The events it does something about; of all others it only takes note. */
  readonly events: ReadonlySet<string>;
  /** Reads what it needs; answers what to write, or nothing. May be asked again for the same events. */
  readonly plan: (roomId: string, events: readonly CommittedEvent[]) => Promise<Plan | undefined>;
}

export interface Plan {
  /** Rooms that `work` emits to. */
  readonly rooms: readonly string[];
  readonly work: (tx: Tx) => Promise<void>;
  /** After the commit. */
  readonly after?: (() => void) | undefined;
}

export interface Processor {
  /** The room's log grew to `seq`, here or at another node; by which event, where that is known. */
  grown(roomId: string, seq: number, event?: string): void;
  /** Such words may have been lost. */
  recovered(): void;
  start(): void;
  /** Settles when nothing runs any more. */
  stop(): Promise<void>;
}

export interface ProcessorOptions {
  readonly kind: ProcessorKind;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Is it this process that looks at the room first? Absent: always. */
  readonly first?: (roomId: string) => boolean;
  /** Events of one moment are looked at together. */
  readonly gatherMs?: number | undefined;
  /** A busy room is looked at so often, not once an event. */
  readonly restMs?: number | undefined;
}

const defaultGatherMs = 200;
const defaultRestMs = 500;
/** Rooms are left to the node whose turn it is for so long: by then it is done with what it heard of, unless it died. */
const leftMs = 2_000;
/** Rooms that were changed without a word to this process are found by looking at so many each time, one after the other. */
const scanMs = 5_000;
const scannedAtOnce = 200;
/** At the start, and when words may have been lost, all of them are looked at. */
const sweptAtOnce = 1_000;
const roomsAtOnce = 4;
const pageSize = 500;
/** Events passed by in one statement: it holds the embedded database for so long. */
const rangeMax = 5_000;
/** Remembered positions; they only spare a query. */
const rememberedMax = 10_000;

/** A page of the projects after $2, those among them marked whose log goes on behind the position. */
const behindSql = `
  select c.id, c.seq, (select r.seq from rooms r where r.id = c.id) > c.seq as behind from (
    select p.id, coalesce((
      select o.seq from positions o where o.processor = $1 and o.room_id = p.id), 0) as seq
    from projects p where p.id > $2::uuid order by p.id limit $3::int) c
  order by c.id`;
const beforeAll = "00000000-0000-0000-0000-000000000000";

/** Only the processor's own events are read: of all others only the index is. */
const readSql = `
  select least(r.seq, $2::bigint + ${rangeMax}) as up_to, r.seq as head,
    e.seq, e.event, ${isoText("e.at")} as at, e.actor, e.mutation_id, e.data
  from rooms r left join lateral (
    select * from events e where e.room_id = r.id and e.seq > $2::bigint
      and e.seq <= least(r.seq, $2::bigint + ${rangeMax}) and e.event = any($3::text[])
    order by e.seq limit ${pageSize}) e on true
  where r.id = $1::uuid and r.kind = 'project' order by e.seq`;

interface ReadRow {
  readonly up_to: string | number;
  readonly head: string | number;
  readonly seq: string | number | null;
  readonly event: string;
  readonly at: string;
  readonly actor: string | null;
  readonly mutation_id: string | null;
  readonly data: string;
}

interface Page {
  readonly events: readonly CommittedEvent[];
  /** All of the processor's events up to here are in it. */
  readonly upTo: number;
  readonly head: number;
}

/** Moves the position if it still is where the events were read from. */
const moveSql = `
  insert into positions as p (processor, room_id, seq) select $1, $2::uuid, $4::bigint
  where $3::bigint = 0 or exists (select from positions where processor = $1 and room_id = $2::uuid)
  on conflict (processor, room_id) do update set seq = excluded.seq where p.seq = $3::bigint
  returning p.seq`;

const positionsSql = "select room_id as id, seq from positions where processor = $1 and room_id = any($2::uuid[])";

interface Left {
  /** Numbers heard of since: the node whose turn it is has looked at the first by now, at the last a while later. */
  readonly first: number;
  last: number;
  readonly sinceMs: number;
}

/** Another node was faster. */
class Superseded extends Error {
  override readonly name = "Superseded";
}

export function createProcessor(options: ProcessorOptions): Processor {
  const { kind, store, clock, log, first = () => true } = options;
  const { gatherMs = defaultGatherMs, restMs = defaultRestMs } = options;
  const { database } = store;
  const ctx = systemCtx({ store }, `processor-${kind.name}`);
  const positions = new Map<string, number>();
  const waiting = new Set<string>();
  const running = new Set<string>();
  /** Until when rooms rest that were looked at a moment ago. */
  const resting = new Map<string, number>();
  /** Rooms that are another node's to look at, oldest first. */
  const left = new Map<string, Left>();
  let leftTimer: CancelTimer | undefined;
  let timer: CancelTimer | undefined;
  let stopScanning: CancelTimer = () => {};
  /** The project up to which the present round has looked. */
  let scanned = beforeAll;
  let looking: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const idle: (() => void)[] = [];

  const failed = (error: unknown): void =>
    log.warn({ err: error, processor: kind.name }, "events could not be processed; the next look tries again");

  const remember = (roomId: string, seq: number): void => {
    if (positions.size >= rememberedMax) positions.clear();
    positions.set(roomId, seq);
  };

  const schedule = (inMs: number): void => {
    if (!stopped) timer ??= clock.setTimeout(run, inMs);
  };

  const touched = (roomId: string): void => {
    waiting.add(roomId);
    schedule(gatherMs);
  };

  const run = (): void => {
    timer = undefined;
    const now = clock.now();
    // One that would rest longer than any does began before the clock was set back.
    for (const [roomId, until] of resting) if (until <= now || until > now + restMs) resting.delete(roomId);
    for (const roomId of waiting) {
      if (running.size >= roomsAtOnce) return; // whoever ends runs the rest
      if (running.has(roomId) || resting.has(roomId)) continue;
      waiting.delete(roomId);
      running.add(roomId);
      void readOn(roomId)
        .catch(failed)
        .finally(() => {
          running.delete(roomId);
          resting.set(roomId, clock.now() + restMs);
          if (waiting.size > 0) schedule(gatherMs);
          if (running.size === 0) for (const resolve of idle.splice(0)) resolve();
        });
    }
    if (waiting.size > 0) schedule(gatherMs);
  };

  /** Page by page to the room's end. */
  const readOn = async (roomId: string): Promise<void> => {
    for (let more = true; more && !stopped; ) {
      const from = positions.get(roomId) ?? (await readPosition(roomId));
      const page = await readPage(roomId, from);
      if (!page || page.upTo <= from) return;
      try {
        await advance(roomId, from, page);
        remember(roomId, page.upTo);
        more = page.upTo < page.head;
      } catch (error) {
        positions.delete(roomId);
        if (!(error instanceof Superseded)) throw error;
      }
    }
  };

  const readPage = async (roomId: string, from: number): Promise<Page | undefined> => {
    const names = `{${[...kind.events].join()}}`;
    const rows = await database.guard(() =>
      database.sql.unsafe<ReadRow[]>(readSql, [roomId, from, names], { prepare: true }),
    );
    const first = rows[0];
    if (!first) return undefined;
    const events = rows.flatMap((row) =>
      row.seq === null ? [] : [fromRow({ ...row, seq: row.seq, room_id: roomId, kind: "project" })],
    );
    const full = events.length === pageSize ? events.at(-1)?.seq : undefined;
    return { events, upTo: full ?? Number(first.up_to), head: Number(first.head) };
  };

  const advance = async (roomId: string, from: number, { events, upTo }: Page): Promise<void> => {
    const plan = events.length > 0 ? await kind.plan(roomId, events) : undefined;
    const values = [kind.name, roomId, from, upTo];
    if (!plan) {
      const moved = await database.guard(() => database.sql.unsafe(moveSql, values, { prepare: true }));
      if (moved.length === 0) throw new Superseded();
      return;
    }
    await transact<void>(ctx, {
      rooms: plan.rooms,
      replay: () => {},
      async work(tx) {
        const moved = await queryIn(tx.orm, moveSql, values);
        if (moved.length === 0) throw new Superseded();
        await plan.work(tx);
      },
    });
    plan.after?.();
  };

  const readPosition = async (roomId: string): Promise<number> => {
    const rows = await database.guard(() =>
      database.sql.unsafe<{ seq: string | number }[]>(
        "select seq from positions where processor = $1 and room_id = $2::uuid",
        [kind.name, roomId],
        { prepare: true },
      ),
    );
    return Number(rows[0]?.seq ?? 0);
  };

  const leave = (roomId: string, seq: number): void => {
    const known = left.get(roomId);
    if (known) known.last = Math.max(known.last, seq);
    else left.set(roomId, { first: seq, last: seq, sinceMs: clock.now() });
    if (!stopped) leftTimer ??= clock.setTimeout(lookAtLeft, leftMs);
  };

  const lookAtLeft = (): void => {
    const now = clock.now();
    const due = new Map<string, Left>();
    let oldest: Left | undefined;
    for (const [roomId, room] of left) {
      // One that was left later than now was so before the clock was set back.
      if (room.sinceMs > now - leftMs + gatherMs && room.sinceMs <= now) {
        oldest = room;
        break;
      }
      left.delete(roomId);
      due.set(roomId, room);
    }
    leftTimer = oldest && clock.setTimeout(lookAtLeft, oldest.sinceMs + leftMs - now);
    if (due.size > 0) look(() => lookBehind(due));
  };

  /** Looks at rooms where the node whose turn it was is not done by now with what was heard of first. */
  const lookBehind = async (rooms: ReadonlyMap<string, Left>): Promise<void> => {
    const list = `{${[...rooms.keys()].join()}}`;
    const rows = await database.guard(() =>
      database.sql.unsafe<{ id: string; seq: string | number }[]>(positionsSql, [kind.name, list], { prepare: true }),
    );
    for (const { id, seq } of rows) remember(id, Number(seq));
    for (const [id, { first, last }] of rooms) {
      const position = positions.get(id) ?? 0;
      if (position < first) touched(id);
      else if (position < last) leave(id, last);
    }
  };

  /** Looks at the next projects after `scanned`; answers whether there are more behind them. */
  const scan = async (atOnce: number): Promise<boolean> => {
    const rows = await database.guard(() =>
      database.sql.unsafe<{ id: string; seq: string | number; behind: boolean }[]>(
        behindSql,
        [kind.name, scanned, atOnce],
        { prepare: true },
      ),
    );
    for (const { id, seq, behind } of rows) {
      if (!behind) continue;
      remember(id, Number(seq));
      if (first(id)) touched(id);
      else leave(id, Number(seq) + 1);
    }
    const last = rows.length < atOnce ? undefined : rows.at(-1);
    scanned = last?.id ?? beforeAll;
    return last !== undefined;
  };

  const sweep = async (): Promise<void> => {
    scanned = beforeAll;
    while (!stopped && (await scan(sweptAtOnce)));
  };

  /** One look at a time; what is asked for meanwhile waits for it. */
  const look = (work: () => Promise<unknown>): void => {
    looking = looking.then(() => (stopped ? undefined : work())).catch(failed);
  };

  return {
    grown(roomId, seq, event) {
      if (stopped || (event !== undefined && !kind.events.has(event)) || waiting.has(roomId)) return;
      if (first(roomId)) touched(roomId);
      else leave(roomId, seq);
    },
    recovered: () => look(sweep),
    start() {
      stopScanning = clock.setInterval(() => look(() => scan(scannedAtOnce)), scanMs);
      look(sweep);
    },
    async stop() {
      stopped = true;
      stopScanning();
      timer?.();
      leftTimer?.();
      await looking;
      if (running.size > 0) await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}
