/**
 * A reader of the log that turns events into something else (notifications, reminders). It keeps a position for each
 * room and writes its effects in the transaction that moves it, so that a crash between any two steps doubles nothing and
 * leaves nothing out. Rooms are found by the commits this process hears of, and every few seconds by their numbers.
 */
import type { CancelTimer, Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { type CommittedEvent, type Store, type Tx, transact } from "../db/context.ts";
import { queryIn } from "../db/query.ts";
import { type LogPage, readSince, systemCtx } from "../realtime/log.ts";

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
  /** The room's log grew. Costs next to nothing. */
  touched(roomId: string): void;
  start(): void;
  /** Settles when nothing runs any more. */
  stop(): Promise<void>;
}

export interface ProcessorOptions {
  readonly kind: ProcessorKind;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** A busy room is looked at so often, not once an event. */
const gatherMs = 200;
/** Rooms that were changed without a word to this process are found within this. */
const scanMs = 5_000;
const roomsAtOnce = 4;
const pageSize = 500;
/** Remembered positions; they only spare a query. */
const rememberedMax = 10_000;

const behindSql = `
  select r.id, coalesce(p.seq, 0) as seq from rooms r
  left join positions p on p.processor = $1 and p.room_id = r.id
  where r.kind = 'project' and r.seq > coalesce(p.seq, 0)`;

/** Moves the position if it still is where the events were read from. */
const moveSql = `
  insert into positions as p (processor, room_id, seq) select $1, $2::uuid, $4::bigint
  where $3::bigint = 0 or exists (select from positions where processor = $1 and room_id = $2::uuid)
  on conflict (processor, room_id) do update set seq = excluded.seq where p.seq = $3::bigint
  returning p.seq`;

/** Another node was faster. */
class Superseded extends Error {
  override readonly name = "Superseded";
}

export function createProcessor({ kind, store, clock, log }: ProcessorOptions): Processor {
  const { database } = store;
  const ctx = systemCtx({ store }, `processor-${kind.name}`);
  const positions = new Map<string, number>();
  const waiting = new Set<string>();
  const running = new Set<string>();
  let timer: CancelTimer | undefined;
  let stopScanning: CancelTimer = () => {};
  let stopped = false;
  const idle: (() => void)[] = [];

  const failed = (error: unknown): void =>
    log.warn({ err: error, processor: kind.name }, "events could not be processed; the next look tries again");

  const remember = (roomId: string, seq: number): void => {
    if (positions.size >= rememberedMax) positions.clear();
    positions.set(roomId, seq);
  };

  const touched = (roomId: string): void => {
    if (stopped) return;
    waiting.add(roomId);
    timer ??= clock.setTimeout(run, gatherMs);
  };

  const run = (): void => {
    timer = undefined;
    for (const roomId of waiting) {
      if (running.size >= roomsAtOnce) return; // whoever ends runs the rest
      if (running.has(roomId)) continue;
      waiting.delete(roomId);
      running.add(roomId);
      void readOn(roomId)
        .catch(failed)
        .finally(() => {
          running.delete(roomId);
          if (waiting.size > 0 && !stopped) timer ??= clock.setTimeout(run, running.size > 0 ? 0 : gatherMs);
          if (running.size === 0) for (const resolve of idle.splice(0)) resolve();
        });
    }
  };

  /** Page by page to the room's end. */
  const readOn = async (roomId: string): Promise<void> => {
    for (let more = true; more && !stopped; ) {
      const from = positions.get(roomId) ?? (await readPosition(roomId));
      const page = await database.guard(() => readSince(database, roomId, from, pageSize));
      const upTo = page?.events.at(-1)?.seq;
      if (!page || upTo === undefined) return;
      try {
        await advance(roomId, from, upTo, page);
        remember(roomId, upTo);
        more = upTo < page.head;
      } catch (error) {
        positions.delete(roomId);
        if (!(error instanceof Superseded)) throw error;
      }
    }
  };

  const advance = async (roomId: string, from: number, upTo: number, page: LogPage): Promise<void> => {
    const events = page.events.filter(({ event }) => kind.events.has(event));
    const plan = events.length > 0 ? await kind.plan(roomId, events) : undefined;
    await transact<void>(ctx, {
      rooms: plan?.rooms ?? [],
      replay: () => {},
      async work(tx) {
        const moved = await queryIn(tx.orm, moveSql, [kind.name, roomId, from, upTo]);
        if (moved.length === 0) throw new Superseded();
        await plan?.work(tx);
      },
    });
    plan?.after?.();
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

  const scan = async (): Promise<void> => {
    const rows = await database.guard(() =>
      database.sql.unsafe<{ id: string; seq: string | number }[]>(behindSql, [kind.name], { prepare: true }),
    );
    for (const { id, seq } of rows) {
      remember(id, Number(seq));
      touched(id);
    }
  };

  return {
    touched,
    start() {
      const look = (): void => void scan().catch(failed);
      stopScanning = clock.setInterval(look, scanMs);
      look();
    },
    async stop() {
      stopped = true;
      stopScanning();
      timer?.();
      if (running.size > 0) await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}
