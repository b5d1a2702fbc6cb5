/** One write in the outbox, and which writes it takes. */
import { TaskwireError } from "./errors.ts";
import type { Write, WriteAnswer } from "./optimistic.ts";

export interface Entry {
  /** Replaced where the server's answer says how it has to look. */
  write: Write;
  readonly resolve: (answer: WriteAnswer) => void;
  readonly reject: (error: TaskwireError) => void;
  sent: boolean;
  failures: number;
  /** Not sent again before this time. */
  notBeforeMs: number;
}

/** Writes that wait at a time: a day's work offline, and few enough to be sent in a minute. */
const outboxMost = 1000;
/** The server's limit on a frame (S8), less what stands around the data. A larger frame would close the connection. */
const writeMaxBytes = 64 * 1024 - 256;

const byteLength = ({ data }: Write): number => new TextEncoder().encode(JSON.stringify(data)).length;

/** Why a write is not taken, where `waiting` others wait already; undefined where it is. */
export function refuseEarly(write: Write, waiting: number): TaskwireError | undefined {
  if (waiting >= outboxMost) {
    return new TaskwireError(
      "outbox_full",
      `${waiting} changes wait for the server already; connect before making more`,
    );
  }
  if (byteLength(write) <= writeMaxBytes) return undefined;
  return new TaskwireError("too_large", `a change takes at most ${writeMaxBytes} bytes; send it over HTTP`);
}

export const createEntry = (write: Write, resolve: Entry["resolve"], reject: Entry["reject"]): Entry => ({
  write,
  resolve,
  reject,
  sent: false,
  failures: 0,
  notBeforeMs: 0,
});

/** A write of an earlier page: nobody waits for its promise. */
export const adopted = (write: Write): Entry =>
  createEntry(
    write,
    () => {},
    () => {},
  );
