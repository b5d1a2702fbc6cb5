/**
 * Writes on their way. Each has a mutation id, so that one whose answer was lost is sent again and applied once (H4).
 * They are sent in the order they were made, at a pace the server allows (S8), and kept until they are answered: where
 * there is a storage, also beyond the end of the page.
 */
import { backoffMs } from "./backoff.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import { TaskwireError } from "./errors.ts";
import { createCell, type Observable } from "./observable.ts";
import { subjectsOf, type Write, type WriteAnswer } from "./optimistic.ts";
import { adopted, createEntry, type Entry, refuseEarly } from "./outbox-entry.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import { createPace } from "./pace.ts";
import { isAwaited } from "./structure.ts";

export interface Outbox {
  /** Writes without an answer, oldest first. */
  readonly waiting: Observable<readonly Write[]>;
  /**
   * Queues a write and answers the server's answer. Throws TaskwireError: where the server refuses it, `too_large`, and
   * `outbox_full`.
   */
  add(write: Write): Promise<WriteAnswer>;
  /** Who writes, as the connection says. What they left in the storage goes first; nobody else's writes are sent. */
  use(userId: string): Promise<void>;
  /** There is a connection: send what waits. */
  open(): void;
  /** The connection was lost: what was sent and not answered will be sent again. */
  close(): void;
  /**
   * Gives up: everything that waits, and everything added later, is rejected with `error`. What is stored stays for the
   * next time, unless it is to be discarded.
   */
  abandon(error: TaskwireError, discard: boolean): void;
}

export interface OutboxHooks {
  /** Writes that an earlier page left behind. */
  readonly adopted?: (writes: readonly Write[]) => void;
  readonly settled?: (write: Write, answer: WriteAnswer) => void;
  readonly refused?: (write: Write, error: TaskwireError) => void;
  /** The server refused it: what to send instead under the same mutation id, if anything. */
  readonly amend?: (write: Write, error: TaskwireError) => Write | undefined;
}

export interface OutboxOptions {
  /** Sends one write and answers its answer; throws `network` where the connection ended before. */
  readonly send: (write: Write) => Promise<WriteAnswer>;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  /** Absent: writes are kept in memory alone. */
  readonly storage?: OutboxStorage | undefined;
  readonly hooks?: OutboxHooks;
}

/** An `internal` that comes again so often is the write's own fault; the other passing failures are waited out. */
const internalMost = 5;
const inFlightMost = 32;
/** A storage that does not answer must not keep what is new from being sent. */
const storageMostMs = 3000;

export function createOutbox({ send, clock, random, storage, hooks = {} }: OutboxOptions): Outbox {
  const waiting = createCell<readonly Write[]>([]);
  const pace = createPace(clock);
  let entries: Entry[] = [];
  let owner: string | undefined;
  let isOpen = false;
  /** What an earlier page left goes first: until it is here nothing is sent. */
  let isLoaded = storage === undefined;
  // Raised by `close`: what an earlier connection answers is not heard.
  let connection = 0;
  let cancelPump: CancelTimer = () => {};
  let abandoned: TaskwireError | undefined;

  const changed = () => waiting.set(entries.map((entry) => entry.write));

  const pump = (): void => {
    cancelPump();
    if (!isOpen || !isLoaded) return;
    const busy = new Set<string>();
    let inFlight = 0;
    for (const entry of entries) {
      const subjects = subjectsOf(entry.write);
      if (!entry.sent) {
        // The order of sending is the order of doing; only what waits for nobody else is sent beside another.
        if (inFlight >= inFlightMost || subjects.some((id) => busy.has(id))) return;
        const delayMs = Math.max(entry.notBeforeMs - clock.now(), 0) || pace.take();
        if (delayMs > 0) {
          cancelPump = clock.setTimeout(pump, delayMs);
          return;
        }
        entry.sent = true;
        void deliver(entry, connection);
      }
      inFlight++;
      for (const id of subjects) busy.add(id);
      if (isAwaited(entry.write)) return;
    }
  };

  const deliver = async (entry: Entry, own: number): Promise<void> => {
    let settle: () => void;
    try {
      const answer = await send(entry.write);
      settle = () => {
        hooks.settled?.(entry.write, answer);
        entry.resolve(answer);
      };
    } catch (error) {
      if (own !== connection) return;
      const known = error instanceof TaskwireError ? error : new TaskwireError("internal", String(error));
      if (mayRetry(entry, known)) return sendAgain(entry, known);
      const amended = hooks.amend?.(entry.write, known);
      if (amended) return sendAmended(entry, amended);
      settle = () => refuse(entry, known);
    }
    if (!entries.includes(entry)) return;
    entries = entries.filter((other) => other !== entry);
    storage?.remove(entry.write.mutationId);
    settle();
    changed();
    pump();
  };
  const sendAgain = (entry: Entry, error: TaskwireError): void => {
    entry.sent = false;
    entry.notBeforeMs = clock.now() + backoffMs(entry.failures++, random(), error.extras.retryAfterMs);
    pump();
  };
  const sendAmended = (entry: Entry, write: Write): void => {
    entry.write = write;
    entry.sent = false;
    if (owner !== undefined) storage?.put(owner, write);
    pump();
  };
  const refuse = (entry: Entry, error: TaskwireError): void => {
    hooks.refused?.(entry.write, error);
    entry.reject(error);
  };

  /** Another person signed in: what the one before wrote is not theirs to send. It stays in the storage. */
  const handOver = (userId: string): void => {
    const others = entries.filter(({ write }) => write.userId !== "" && write.userId !== userId);
    entries = entries.filter((entry) => !others.includes(entry));
    const error = new TaskwireError("closed", "somebody else has signed in");
    for (const entry of others) refuse(entry, error);
    // Made before it was known who writes.
    for (const entry of entries) {
      if (entry.write.userId === "") entry.write = { ...entry.write, userId };
      storage?.put(userId, entry.write);
    }
    if (others.length > 0) changed();
  };
  const adopt = (writes: readonly Write[]): void => {
    const known = new Set(entries.map(({ write }) => write.mutationId));
    const left = writes.filter(({ mutationId }) => !known.has(mutationId));
    if (left.length === 0) return;
    entries = [...left.map(adopted), ...entries];
    hooks.adopted?.(left);
    changed();
  };

  const takeLeft = async (userId: string, from: OutboxStorage): Promise<void> => {
    const isTheirs = (): boolean => owner === userId && abandoned === undefined;
    const left = await from.take(userId, () => {
      if (isTheirs()) void takeLeft(userId, from).then(pump);
    });
    if (isTheirs()) adopt(left);
  };

  return {
    waiting,
    add(write) {
      if (abandoned) return Promise.reject(abandoned);
      const early = refuseEarly(write, entries.length);
      if (early) return Promise.reject(early);
      if (owner !== undefined && write.userId === owner) storage?.put(owner, write);
      return new Promise((resolve, reject) => {
        entries.push(createEntry(write, resolve, reject));
        changed();
        pump();
      });
    },
    async use(userId) {
      if (abandoned) return;
      if (owner !== userId) {
        owner = userId;
        isLoaded = storage === undefined;
        handOver(userId);
      }
      if (!storage) return;
      const loaded = (): void => {
        isLoaded = owner === userId;
        pump();
      };
      const cancel = clock.setTimeout(loaded, storageMostMs);
      await takeLeft(userId, storage);
      cancel();
      if (owner === userId && !abandoned) loaded();
    },
    open() {
      isOpen = true;
      pump();
    },
    close() {
      isOpen = false;
      connection++;
      cancelPump();
      for (const entry of entries) {
        entry.sent = false;
        entry.notBeforeMs = 0;
      }
    },
    abandon(error, discard) {
      abandoned = error;
      const all = entries;
      entries = [];
      changed();
      for (const entry of all) {
        if (discard) storage?.remove(entry.write.mutationId);
        entry.reject(error);
      }
      storage?.close();
    },
  };
}

/** `unauthenticated` is the connection's trouble, not the write's: it waits for the next one. */
function mayRetry(entry: Entry, { code, retry }: TaskwireError): boolean {
  if (code === "internal") return entry.failures < internalMost;
  return retry || code === "unauthenticated";
}
