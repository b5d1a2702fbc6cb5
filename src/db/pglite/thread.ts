/** The worker thread as the main thread sees it: starting, sockets, the watchdog, the end. */
import { closeSync, readdirSync, readlinkSync } from "node:fs";
import { MessageChannel, Worker } from "node:worker_threads";
import type { Begin, FromWorker, ToWorker } from "./messages.ts";
import { PipeSocket } from "./socket.ts";

export interface ThreadOptions {
  /** The folder of the cluster. */
  folder: string;
  statementTimeoutMs: number;
  idleTransactionTimeoutMs: number;
  /** A line of PostgreSQL's own log. */
  said(line: string): void;
  /**
   * The thread ends by itself or by the watchdog; every socket is closed. Another may be started when `gone` resolves.
   * Not called after `close`.
   */
  died(reason: string, gone: Promise<void>): void;
}

export interface Thread {
  connect(): PipeSocket;
  /** Ends the database in order. */
  close(): Promise<void>;
}

/** An error of starting; `code` is the file system's. */
class EngineStartError extends Error {
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

const closeTimeoutMs = 10_000;

/** In the executable the worker is found by its path from the root of the sources. */
const workerFile = () =>
  Bun.embeddedFiles.length > 0 ? "./src/db/worker.ts" : new URL("../worker.ts", import.meta.url);

/** Throws EngineStartError. */
export async function startThread(options: ThreadOptions): Promise<Thread> {
  const { folder, idleTransactionTimeoutMs } = options;
  const worker = new Worker(workerFile());
  const { port1: port, port2 } = new MessageChannel();
  const pulse = new SharedArrayBuffer(4);
  const sockets = new Map<number, PipeSocket>();
  const ended = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  let over = false;
  let lastId = 0;

  const send = (message: ToWorker) => port.postMessage(message);
  const end = async () => {
    over = true;
    stopWatching();
    for (const socket of sockets.values()) socket.closed();
    sockets.clear();
    port.close();
    await worker.terminate();
    closeFiles(folder);
  };
  const die = (reason: string) => {
    if (over) return;
    const gone = end();
    options.died(reason, gone);
    ready.reject(new EngineStartError(reason, undefined));
    void gone.then(ended.resolve);
  };
  const stopWatching = watchPulse(pulse, options.statementTimeoutMs, () => {
    die(`a statement ran longer than ${options.statementTimeoutMs} ms`);
  });

  port.on("message", (message: FromWorker) => {
    switch (message.kind) {
      case "data":
        return sockets.get(message.id)?.received(message.bytes);
      case "end":
        sockets.get(message.id)?.closed();
        return sockets.delete(message.id);
      case "log":
        return options.said(message.line);
      case "ready":
        return ready.resolve();
      case "failed":
        return ready.reject(new EngineStartError(message.message, message.code));
      case "died":
        return die(message.reason);
      case "closed":
        return ended.resolve();
    }
  });
  worker.on("error", (error) => die(error instanceof Error ? error.message : String(error)));
  worker.on("exit", () => die("the thread ended"));
  const begin: Begin = { port: port2, folder, idleTransactionTimeoutMs, pulse };
  worker.postMessage(begin, [port2]);

  try {
    await ready.promise;
  } catch (error) {
    if (!over) await end();
    throw error;
  }
  return {
    connect() {
      const id = ++lastId;
      const socket = new PipeSocket({
        write: (bytes) => send({ id, bytes }),
        drop() {
          if (sockets.delete(id)) send({ id });
        },
      });
      // Whoever has asked hears of the end only when it has begun to listen.
      if (over) setImmediate(() => socket.closed());
      else sockets.set(id, socket);
      return socket;
    },
    async close() {
      if (over) return;
      for (const socket of [...sockets.values()]) socket.destroy();
      send("close");
      const late = setTimeout(() => ended.resolve(), closeTimeoutMs);
      await ended.promise;
      clearTimeout(late);
      if (!over) await end();
    },
  };
}

/** The engine ignores statement_timeout and cancel requests: whoever runs too long is ended with its thread. */
function watchPulse(pulse: SharedArrayBuffer, timeoutMs: number, late: () => void): () => void {
  const pulses = new Int32Array(pulse);
  let seen = 0;
  let sinceMs = 0;
  const timer = setInterval(
    () => {
      const now = Atomics.load(pulses, 0);
      if (now % 2 === 0 || now !== seen) {
        seen = now;
        sinceMs = performance.now();
      } else if (performance.now() - sinceMs > timeoutMs) {
        late();
      }
    },
    Math.min(100, timeoutMs / 4),
  );
  return () => clearInterval(timer);
}

/** A thread that is ended leaves its files open; the new one opens its own. (Only Linux tells which.) */
function closeFiles(folder: string): void {
  if (process.platform !== "linux") return;
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`).startsWith(`${folder}/`)) closeSync(Number(name));
    } catch {
      // Closed in the meantime.
    }
  }
}
