/**
 * The relay: commits and log reads only fill `pending`; one synchronous `advance` publishes delivered + 1, + 2, … and
 * drops what is not newer. A missing number waits a moment, then the log is read. So every room's events go out in
 * order and once, however late, often or mixed up the news of them came.
 */
import type { CommittedEvent } from "../db/context.ts";
import { type RoomName, roomId } from "../protocol/rooms.ts";
import type { LogPage } from "./log.ts";

export interface Relay {
  /** Events this process committed; called in the tick in which the commit became known. */
  committed(events: readonly CommittedEvent[]): void;
  /** Another node (or a poll) says: the room is at `seq` by now. */
  wake(roomId: string, seq: number): void;
  /**
   * Another node committed these. They may come late, twice or mixed up, and stand for the log's own only where their
   * epoch is the one that is followed; else the log is read.
   */
  told(events: readonly CommittedEvent[]): void;
  /** Begins to follow a room; call before its log is read for a join. Pair with `release`. */
  follow(room: RoomName): void;
  release(room: RoomName): void;
  /** What this node has delivered of a followed room; undefined until the first `start`. */
  delivered(room: RoomName): number | undefined;
  /** A log read said the room stands at `head` of `epoch`: begin there if the room was not begun yet. */
  start(room: RoomName, head: number, epoch: string): void;
  /**
   * Delivered events after `after`, if the relay still remembers them all; oldest first. They are all published when this
   * returns: who subscribes in the same tick hears what comes behind them, and only that.
   */
  recent(room: RoomName, after: number): readonly CommittedEvent[] | undefined;
  /** Is such an event among the last that were delivered? */
  remembers(room: RoomName, matches: (event: CommittedEvent) => boolean): boolean;
  /**
   * Settles once everything up to `seq` is delivered here (at once where nobody follows the room): evictions are done,
   * and it is published, or will be within a moment.
   */
  reach(room: RoomName, seq: number): Promise<void>;
  /** Reads the log of every followed room that may be behind (after an outage, on a poll). */
  poll(): Promise<void>;
  /** Rooms followed now, for the poll. */
  followed(): number;
  stop(): void;
}

export interface RelayOptions {
  readonly read: (roomId: string, after: number, limit: number) => Promise<LogPage | undefined>;
  /** Of the rooms given, those whose log stands elsewhere by now. */
  readonly moved: (known: readonly Head[]) => Promise<readonly Head[]>;
  /** Evictions and the like, before the event itself is published. */
  readonly before: (event: CommittedEvent) => void;
  readonly publish: (event: CommittedEvent) => void;
  /** The log of a room is another one (restored from a backup): its listeners must start over. */
  readonly restarted: (room: RoomName) => void;
  readonly failed: (error: unknown) => void;
  /** How long a missing number may take to arrive by itself. */
  readonly gapMs?: number;
  /** A missing number took longer than that: the log is read for it. */
  readonly gapFound?: () => void;
  /** Events were read from the log: what a gap hid, or what another node wrote. */
  readonly gapFilled?: (events: number) => void;
  /**
   * A room that was published to less than this ago gets its next events together (0: never). A busy room then costs
   * each listener one system call for several events; a quiet one waits for nothing.
   */
  readonly gatherMs?: number;
}

/** Where a room's log stands. */
export interface Head {
  readonly id: string;
  readonly seq: number;
  readonly epoch: string;
}

interface Followed {
  readonly room: RoomName;
  readonly id: string;
  holders: number;
  delivered: number | undefined;
  epoch: string | undefined;
  /** Known, not yet delivered; absent while there is nothing, as in most of the many rooms of one person. */
  pending: Map<number, CommittedEvent> | undefined;
  /** The last events published, for joins that read an older head; at most `recentMax`. Absent while there are none. */
  recent: CommittedEvent[] | undefined;
  /** Delivered, and about to be published together. */
  outgoing: CommittedEvent[] | undefined;
  /** When it was last published to, by performance.now(). */
  publishedAtMs: number;
  /** The highest number known to exist. */
  target: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  reading: Promise<void> | undefined;
  /** Was it to be read while it was being read? */
  askedAgain: boolean;
  waiters: Waiter[] | undefined;
}

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
}

const recentMax = 256;
/** What waits for a missing number; of what is more the number is remembered, and the log is read. */
const pendingMax = 5_000;
const pageSize = 500;
/** Rooms asked about in one query: 10,000 idle people are no burst of work and memory every few seconds. */
const polledAtOnce = 1_000;
const defaultGatherMs = 4;
/** Longer than another node gathers what it committed (broker/talk.ts) and takes to tell it. */
const defaultGapMs = 50;

export function createRelay(options: RelayOptions): Relay {
  const { gapMs = defaultGapMs, gatherMs = defaultGatherMs } = options;
  const rooms = new Map<string, Followed>();
  const gathering = new Set<Followed>();
  let gatherTimer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const publishGathered = (state: Followed): void => {
    const events = state.outgoing;
    if (!events) return;
    state.outgoing = undefined;
    gathering.delete(state);
    state.publishedAtMs = performance.now();
    for (const event of events) options.publish(event);
  };

  const publishAll = (): void => {
    gatherTimer = undefined;
    for (const state of gathering) publishGathered(state);
  };

  /** Publishes what `advance` delivered: at once in a quiet room, else with what comes within a moment. */
  const publishSoon = (state: Followed): void => {
    if (gatherMs === 0 || performance.now() - state.publishedAtMs >= gatherMs) publishGathered(state);
    else {
      gathering.add(state);
      gatherTimer ??= setTimeout(publishAll, gatherMs);
    }
  };

  /** The one place that delivers. Never awaits, so nothing can come between two events of a room. */
  const advance = (state: Followed): void => {
    if (state.delivered === undefined) return;
    for (;;) {
      const event: CommittedEvent | undefined = state.pending?.get(state.delivered + 1);
      if (!event) break;
      state.pending?.delete(event.seq);
      options.before(event);
      state.delivered = event.seq;
      state.recent ??= [];
      state.recent.push(event);
      state.outgoing ??= [];
      state.outgoing.push(event);
    }
    // An eviction before the last event may have emptied the room. Whoever joins it from here on reads the log: what
    // is published late by the room that was let go would reach them a second time.
    if (rooms.get(state.id) !== state) {
      state.outgoing = undefined;
      return;
    }
    if (state.outgoing) publishSoon(state);
    if (state.recent && state.recent.length > 2 * recentMax) state.recent = state.recent.slice(-recentMax);
    if (state.waiters) settleWaiters(state);
    if (state.delivered < state.target) state.timer ??= setTimeout(() => repair(state), gapMs);
    else if (state.timer) {
      clearTimeout(state.timer);
      state.timer = undefined;
    }
  };

  const add = (state: Followed, event: CommittedEvent): void => {
    if (state.delivered !== undefined && event.seq <= state.delivered) return;
    state.pending ??= new Map();
    if (state.pending.size < pendingMax || event.seq === (state.delivered ?? 0) + 1)
      state.pending.set(event.seq, event);
    if (event.seq > state.target) state.target = event.seq;
  };

  const repair = (state: Followed): void => {
    options.gapFound?.();
    void catchUp(state);
  };

  const catchUp = (state: Followed): Promise<void> => {
    state.timer = undefined;
    state.askedAgain = state.reading !== undefined;
    state.reading ??= readOn(state)
      .catch(options.failed)
      .finally(() => {
        state.reading = undefined;
        if (state.askedAgain && (state.delivered ?? state.target) < state.target) void catchUp(state);
      });
    return state.reading;
  };

  const readOn = async (state: Followed): Promise<void> => {
    while (
      !stopped &&
      state.delivered !== undefined &&
      rooms.get(state.id) === state &&
      state.delivered < state.target
    ) {
      const before = state.delivered;
      state.askedAgain = false;
      const page = await options.read(state.id, before, pageSize);
      if (!page || page.head < before || (state.epoch !== undefined && page.epoch !== state.epoch)) {
        restart(state, page);
        return;
      }
      state.epoch = page.epoch;
      for (const event of page.events) add(state, event);
      advance(state);
      options.gapFilled?.(state.delivered - before);
      // Nothing new though a higher number was told of: it is not committed (yet); its commit or the poll will say.
      // What was told of meanwhile may have been committed behind this look: then there is another one.
      if (page.events.length === 0 && !state.askedAgain) {
        state.target = Math.max(page.head, state.delivered);
        return;
      }
    }
  };

  const restart = (state: Followed, page: LogPage | undefined): void => {
    state.pending = undefined;
    state.recent = undefined;
    state.outgoing = undefined;
    gathering.delete(state);
    state.delivered = page?.head ?? 0;
    state.target = state.delivered;
    state.epoch = page?.epoch;
    options.restarted(state.room);
    settleWaiters(state, true);
  };

  /** The answer of a poll. */
  const heard = (heads: readonly Head[]): void => {
    for (const { id, seq, epoch } of heads) {
      const state = rooms.get(id);
      if (state?.delivered === undefined) continue;
      if (state.epoch !== epoch) restart(state, { epoch, head: seq, trimmedSeq: 0, events: [] });
      else if (seq > state.target) state.target = seq;
      if (state.delivered < state.target) void catchUp(state);
    }
  };

  /** A log that stands elsewhere, or is another one: only reading it tells. */
  const look = (state: Followed, seq: number): void => {
    if (seq > state.target) state.target = seq;
    if (state.delivered !== undefined && state.delivered < state.target) void catchUp(state);
  };

  const take = (events: readonly CommittedEvent[]): void => {
    const touched = new Set<Followed>();
    for (const event of events) {
      const state = rooms.get(event.roomId);
      if (!state) continue;
      // Its log may be a shorter one, so that there is something to read whatever the number is.
      if (isForeign(event, state.epoch)) look(state, Math.max(event.seq, (state.delivered ?? 0) + 1));
      else {
        add(state, event);
        touched.add(state);
      }
    }
    for (const state of touched) advance(state);
  };

  return {
    committed: take,
    told: take,
    wake(id, seq) {
      const state = rooms.get(id);
      if (state && seq > state.target) look(state, seq);
    },
    follow(room) {
      const id = roomId(room);
      const state = rooms.get(id);
      if (state) state.holders++;
      else rooms.set(id, newFollowed(room, id));
    },
    release(room) {
      const state = rooms.get(roomId(room));
      if (!state || --state.holders > 0) return;
      clearTimeout(state.timer);
      gathering.delete(state);
      rooms.delete(state.id);
      settleWaiters(state, true);
    },
    delivered: (room) => rooms.get(roomId(room))?.delivered,
    start(room, head, epoch) {
      const state = rooms.get(roomId(room));
      if (!state || state.delivered !== undefined) return;
      state.delivered = head;
      state.epoch = epoch;
      if (state.target < head) state.target = head;
      for (const [seq, event] of state.pending ?? [])
        if (seq <= head || isForeign(event, epoch)) state.pending?.delete(seq);
      advance(state);
    },
    recent(room, after) {
      const state = rooms.get(roomId(room));
      if (state?.delivered === undefined || after > state.delivered) return undefined;
      // Whoever asks is about to listen: nothing that was delivered may still be published to them.
      publishGathered(state);
      const missing = state.delivered - after;
      const recent = state.recent ?? [];
      return missing <= recent.length ? recent.slice(recent.length - missing) : undefined;
    },
    remembers: (room, matches) => rooms.get(roomId(room))?.recent?.some(matches) ?? false,
    reach(room, seq) {
      const state = rooms.get(roomId(room));
      if (!state || (state.delivered ?? seq) >= seq) return Promise.resolve();
      if (state.target < seq) state.target = seq;
      const reached = new Promise<void>((resolve) => {
        state.waiters ??= [];
        state.waiters.push({ seq, resolve });
      });
      void catchUp(state);
      return reached;
    },
    async poll() {
      let asked: Head[] = [];
      for (const { id, delivered, epoch } of [...rooms.values()]) {
        if (delivered === undefined || epoch === undefined) continue;
        asked.push({ id, seq: delivered, epoch });
        if (asked.length < polledAtOnce) continue;
        heard(await options.moved(asked));
        asked = [];
      }
      if (asked.length > 0) heard(await options.moved(asked));
    },
    followed: () => rooms.size,
    stop() {
      stopped = true;
      clearTimeout(gatherTimer);
      for (const state of rooms.values()) {
        clearTimeout(state.timer);
        settleWaiters(state, true);
      }
      rooms.clear();
    },
  };
}

const newFollowed = (room: RoomName, id: string): Followed => ({
  room,
  id,
  holders: 1,
  delivered: undefined,
  epoch: undefined,
  pending: undefined,
  recent: undefined,
  outgoing: undefined,
  publishedAtMs: Number.NEGATIVE_INFINITY,
  target: 0,
  timer: undefined,
  reading: undefined,
  askedAgain: false,
  waiters: undefined,
});

/** Is it known to be of another log than the one that is followed? */
const isForeign = (event: CommittedEvent, epoch: string | undefined): boolean =>
  event.epoch !== undefined && epoch !== undefined && event.epoch !== epoch;

function settleWaiters(state: Followed, all = false): void {
  const delivered = state.delivered ?? 0;
  const left: Waiter[] = [];
  for (const waiter of state.waiters ?? []) {
    if (all || waiter.seq <= delivered) waiter.resolve();
    else left.push(waiter);
  }
  state.waiters = left.length > 0 ? left : undefined;
}
