/**
 * Writes on their way. Each has a mutation id, so that one whose answer was lost is sent again and applied once (H4).
 * They are sent in the order they were made, at a pace the server allows (S8), and kept until they are answered.
 */
import { backoffMs } from "./backoff.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import { TaskwireError } from "./errors.ts";
import { createCell, type Observable } from "./observable.ts";
import { tasksOf, type Write, type WriteAnswer } from "./optimistic.ts";
import { createPace } from "./pace.ts";

export type AnyAnswer = WriteAnswer<Write["event"]>;

export interface Outbox {
  /** Writes without an answer, oldest first. */
  readonly waiting: Observable<readonly Write[]>;
  /** Queues a write and answers the server's answer. Throws TaskwireError: where the server refuses it, and `too_large`. */
  add(write: Write): Promise<AnyAnswer>;
  /** There is a connection: send what waits. */
  open(): void;
  /** The connection was lost: what was sent and not answered will be sent again. */
  close(): void;
  /** Gives up: everything that waits, and everything added later, is rejected with `error`. */
  abandon(error: TaskwireError): void;
}

export interface OutboxOptions {
  /** Sends one write and answers its answer; throws `network` where the connection ended before. */
  readonly send: (write: Write) => Promise<AnyAnswer>;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
}

interface Entry {
  readonly write: Write;
  readonly resolve: (answer: AnyAnswer) => void;
  readonly reject: (error: TaskwireError) => void;
  sent: boolean;
  failures: number;
  /** Not sent again before this time. */
  notBeforeMs: number;
}

/** An `internal` that comes again so often is the write's own fault; the other passing failures are waited out. */
const internalMost = 5;
const inFlightMost = 32;
/** The server's limit on a frame (S8), less what stands around the data. A larger frame would close the connection. */
const writeMaxBytes = 64 * 1024 - 256;

const byteLength = ({ data }: Write): number => new TextEncoder().encode(JSON.stringify(data)).length;
const tooLarge = () =>
  new TaskwireError("too_large", `a change over the socket takes at most ${writeMaxBytes} bytes; send it over HTTP`);

export function createOutbox({ send, clock, random }: OutboxOptions): Outbox {
  const waiting = createCell<readonly Write[]>([]);
  const pace = createPace(clock);
  let entries: Entry[] = [];
  let isOpen = false;
  // Raised by `close`: what an earlier connection answers is not heard.
  let connection = 0;
  let cancelPump: CancelTimer = () => {};
  let abandoned: TaskwireError | undefined;

  const changed = () => waiting.set(entries.map((entry) => entry.write));

  const pump = (): void => {
    cancelPump();
    if (!isOpen) return;
    const busy = new Set<string>();
    let inFlight = 0;
    for (const entry of entries) {
      const tasks = tasksOf(entry.write);
      if (!entry.sent) {
        // The order of sending is the order of doing; only what waits for nobody else is sent beside another.
        if (inFlight >= inFlightMost || tasks.some((id) => busy.has(id))) return;
        const delayMs = Math.max(entry.notBeforeMs - clock.now(), 0) || pace.take();
        if (delayMs > 0) {
          cancelPump = clock.setTimeout(pump, delayMs);
          return;
        }
        entry.sent = true;
        void deliver(entry, connection);
      }
      inFlight++;
      for (const id of tasks) busy.add(id);
    }
  };

  const deliver = async (entry: Entry, own: number): Promise<void> => {
    let settle: () => void;
    try {
      const answer = await send(entry.write);
      settle = () => entry.resolve(answer);
    } catch (error) {
      if (own !== connection) return;
      const known = error instanceof TaskwireError ? error : new TaskwireError("internal", String(error));
      if (mayRetry(entry, known)) {
        entry.sent = false;
        entry.notBeforeMs = clock.now() + backoffMs(entry.failures++, random(), known.extras.retryAfterMs);
        pump();
        return;
      }
      settle = () => entry.reject(known);
    }
    if (!entries.includes(entry)) return;
    entries = entries.filter((other) => other !== entry);
    settle();
    changed();
    pump();
  };

  return {
    waiting,
    add(write) {
      if (abandoned) return Promise.reject(abandoned);
      if (byteLength(write) > writeMaxBytes) return Promise.reject(tooLarge());
      return new Promise((resolve, reject) => {
        entries.push({ write, resolve, reject, sent: false, failures: 0, notBeforeMs: 0 });
        changed();
        pump();
      });
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
    abandon(error) {
      abandoned = error;
      const all = entries;
      entries = [];
      changed();
      for (const entry of all) entry.reject(error);
    },
  };
}

/** `unauthenticated` is the connection's trouble, not the write's: it waits for the next one. */
function mayRetry(entry: Entry, { code, retry }: TaskwireError): boolean {
  if (code === "internal") return entry.failures < internalMost;
  return retry || code === "unauthenticated";
}
