/**
 * One room as a client follows it: a position, and events applied exactly in order. What arrives twice is dropped, a
 * missing number makes the room ask again from its position, and where the log does not reach back the state is taken
 * whole and the room joined behind it (S5, S6).
 */
import type { LoggedEvent } from "../protocol/event.ts";
import type { RoomPage } from "../protocol/frames.ts";
import type { Since } from "../protocol/ids.ts";
import { backoffMs } from "./backoff.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import { networkError, TaskwireError } from "./errors.ts";

export interface TakenSnapshot {
  readonly position: Since;
  /** Puts it in the place of the state. Not called for one that comes too late: the room may be past it. */
  readonly use: () => void;
}

export interface RoomSource {
  /** Joins after `since` and answers the page of events up to where the room is now. */
  readonly page: (since: Since) => Promise<RoomPage>;
  /** Reads the whole state. */
  readonly snapshot: () => Promise<TakenSnapshot>;
  /** Events in order, each once. */
  readonly apply: (events: readonly LoggedEvent[]) => void;
}

export interface RoomHooks {
  /** The room fell behind; `settled` follows once it is at its head or gave up. */
  readonly behind: () => void;
  /** A page of what it missed is here. */
  readonly advanced: () => void;
  readonly settled: () => void;
  /** The room is at its head and hears what follows. */
  readonly joined: () => void;
  /** It cannot be followed any more: not ours, deleted, not understood. */
  readonly gone: (error: TaskwireError) => void;
}

export interface RoomOptions {
  readonly source: RoomSource;
  readonly hooks: RoomHooks;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  /** Where the room stands already; absent: a snapshot is taken first. */
  readonly position?: Since;
}

export interface Room {
  readonly position: Since | undefined;
  /** Events that are known to be still to come. */
  readonly missing: number;
  /** Joins, or joins again, from the position: at once where a retry waits; nothing while it is under way. */
  resume(): void;
  /** A live frame. */
  receive(event: LoggedEvent): void;
  /** The connection was lost: what is under way counts no more, `resume` begins anew. */
  pause(): void;
}

/** While a page is under way live events wait; more than these are asked for again instead. */
const heldMost = 2000;
/** A fresh snapshot that still is no position to join from: the server contradicts itself. */
const snapshotsMost = 3;

export function createRoom({ source, hooks, clock, random, position: start }: RoomOptions): Room {
  let position = start;
  let held: LoggedEvent[] = [];
  let overflowed = false;
  let running = false;
  // Raised by `pause`: an answer to a question of an earlier connection is not heard.
  let connection = 0;
  let failures = 0;
  /** Where the room was when a page told it last. */
  let head = 0;
  /** Set while a retry waits for its time. */
  let cancelRetry: CancelTimer | undefined;

  /** Applies what follows the position; answers false at a hole. */
  const take = (events: readonly LoggedEvent[]): boolean => {
    if (!position) return false;
    const { epoch } = position;
    let { seq } = position;
    const next: LoggedEvent[] = [];
    for (const event of events) {
      if (event.seq <= seq) continue;
      if (event.seq !== seq + 1) break;
      next.push(event);
      seq++;
    }
    if (next.length > 0) {
      position = { epoch, seq };
      source.apply(next);
    }
    return (events.at(-1)?.seq ?? 0) <= seq;
  };

  const catchUp = async (own: number): Promise<void> => {
    const current = () => own === connection;
    let snapshots = 0;
    const renew = async (): Promise<void> => {
      if (++snapshots > snapshotsMost) throw new TaskwireError("internal", "the room does not accept its own snapshot");
      const taken = await source.snapshot();
      if (!current()) throw networkError();
      taken.use();
      ({ position } = taken);
    };
    if (!position) await renew();
    for (;;) {
      if (!position || !current()) throw networkError();
      const page = await source.page(position);
      if (!current()) throw networkError();
      if (!page.recovered || page.epoch !== position.epoch) {
        await renew();
        continue;
      }
      head = page.head ?? page.seq;
      if (!take(page.events) || page.seq !== position.seq) throw new TaskwireError("internal", "the page has a hole");
      hooks.advanced();
      if (page.more) continue;
      const waiting = held;
      const whole = !overflowed;
      held = [];
      overflowed = false;
      if (take(waiting) && whole) return;
    }
  };

  const run = async (own: number): Promise<void> => {
    try {
      await catchUp(own);
      if (own !== connection) return;
      failures = 0;
    } catch (error) {
      if (own !== connection) return;
      const known = error instanceof TaskwireError ? error : new TaskwireError("internal", String(error));
      if (known.retry) return retryLater(own, known);
      running = false;
      hooks.gone(known);
      hooks.settled();
      return;
    }
    running = false;
    hooks.joined();
    hooks.settled();
  };

  const retryLater = (own: number, error: TaskwireError): void => {
    const delayMs = backoffMs(failures++, random(), error.extras.retryAfterMs);
    cancelRetry = clock.setTimeout(() => {
      cancelRetry = undefined;
      void run(own);
    }, delayMs);
  };

  const resume = (): void => {
    if (running && !cancelRetry) return;
    cancelRetry?.();
    cancelRetry = undefined;
    if (!running) hooks.behind();
    running = true;
    void run(connection);
  };

  return {
    get position() {
      return position;
    },
    get missing() {
      return running && position ? Math.max(0, head + held.length - position.seq) : 0;
    },
    resume,
    receive(event) {
      if (running) {
        if (held.length < heldMost) held.push(event);
        else overflowed = true;
      } else if (!take([event])) resume();
    },
    pause() {
      connection++;
      cancelRetry?.();
      cancelRetry = undefined;
      held = [];
      if (!running) return;
      running = false;
      hooks.settled();
    },
  };
}
