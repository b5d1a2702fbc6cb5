/**
 * The embedded database: PostgreSQL in WebAssembly on a thread of its own, reached by postgres.js through a pipe of
 * wire-protocol bytes. An engine that dies (a statement beyond its deadline, a disk that refuses) is started anew with
 * the next connection; what was under way rejects as with any lost connection. See docs/decisions/0002.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type FolderLock, lockFolder } from "./lock.ts";
import { releaseReserve } from "./pglite/disk-guard.ts";
import { checkFormat, makeDataFolder, unusable } from "./pglite/folder.ts";
import type { PipeSocket } from "./pglite/socket.ts";
import { startThread, type Thread } from "./pglite/thread.ts";

export { DataFolderInUse } from "./lock.ts";
export { DataFolderNewer, DataFolderUnusable } from "./pglite/folder.ts";

/** What of a pino logger is used here. */
export interface EmbeddedLog {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface Embedded {
  /** Options for postgres(): one connection over the pipe. */
  readonly options: {
    readonly socket: () => Promise<PipeSocket>;
    readonly user: string;
    readonly database: string;
    readonly max: 1;
    readonly fetch_types: false;
    readonly max_lifetime: null;
    readonly idle_timeout: 0;
  };
  /** Ends the database in order and gives the folder free. Close the clients first. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  /** A statement that runs longer loses its connection, as does everything else under way. */
  statementTimeoutMs: number;
  /** A transaction that waits longer for its client is rolled back; default: as for a statement. */
  idleTransactionTimeoutMs?: number | undefined;
  log?: EmbeddedLog | undefined;
}

/** Throws DataFolderInUse, DataFolderNewer or DataFolderUnusable (all StartErrors). */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { statementTimeoutMs, idleTransactionTimeoutMs = statementTimeoutMs, log } = options;
  const folder = makeDataFolder(options.dataDir);
  const lock = lockOrExplain(folder);
  const cluster = join(folder, "pg");
  const isFirst = !existsSync(cluster);
  let thread: Promise<Thread> | undefined;
  let former = Promise.resolve();
  let closed = false;

  const start = (): Promise<Thread> =>
    startThread({
      folder: cluster,
      statementTimeoutMs,
      idleTransactionTimeoutMs,
      said: (line) => log?.debug({ line }, "embedded database"),
      died(reason, gone) {
        thread = undefined;
        former = gone;
        log?.warn({ reason }, "embedded database ended");
      },
    });
  const startAgain = async (): Promise<Thread> => {
    await former; // two engines on the same files would corrupt them
    try {
      return await start();
    } catch (error) {
      // It may only want room: on a full disk a recovery needs some.
      if (!releaseReserve(cluster)) throw error;
      await former;
      return start();
    }
  };
  const engine = (): Promise<Thread> => {
    if (closed) throw new Error("the database is closed");
    if (thread) return thread;
    const starting = startAgain();
    starting.catch(() => {
      if (thread === starting) thread = undefined;
    });
    thread = starting;
    return starting;
  };

  try {
    checkFormat(folder);
    const startedMs = performance.now();
    await engine();
    log?.debug({ first: isFirst, durationMs: Math.round(performance.now() - startedMs) }, "embedded database started");
  } catch (error) {
    lock.release();
    throw unusable(folder, error);
  }

  return {
    options: {
      socket: async () => (await engine()).connect(),
      user: "postgres",
      database: "postgres",
      max: 1,
      fetch_types: false,
      max_lifetime: null,
      idle_timeout: 0,
    },
    async close() {
      if (closed) return;
      closed = true;
      const running = await thread?.catch(() => undefined);
      await running?.close();
      await former;
      lock.release();
    },
  };
}

function lockOrExplain(folder: string): FolderLock {
  try {
    return lockFolder(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
}
