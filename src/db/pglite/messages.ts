/** What the main thread and the worker say to each other. */
import type { MessagePort } from "node:worker_threads";

/** The worker's first message. */
export interface Begin {
  port: MessagePort;
  /** The folder of the cluster; made from the seed image where it is missing. */
  folder: string;
  idleTransactionTimeoutMs: number;
  /** One Int32: odd while a unit runs, even between; it rises with each change. */
  pulse: SharedArrayBuffer;
}

/** Bytes of a connection, a connection's end, or the end of all. */
export type ToWorker = { id: number; bytes: Uint8Array } | { id: number; bytes?: never } | "close";

export type FromWorker =
  | { kind: "ready" }
  | { kind: "data"; id: number; bytes: Uint8Array }
  | { kind: "end"; id: number }
  | { kind: "log"; line: string }
  /** Starting failed; `code` is the file system's. */
  | { kind: "failed"; message: string; code?: string | undefined }
  /** The engine cannot go on, and stands still. */
  | { kind: "died"; reason: string }
  | { kind: "closed" };
