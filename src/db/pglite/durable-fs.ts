/**
 * The engine's files on the host's disk, with a real fsync.
 *
 * PGlite's NODEFS has no fsync at all: what PostgreSQL believes durable sits in the page cache. Here fsync is real, and
 * for the write-ahead log it is deferred: PostgreSQL runs one statement at a time, so a fsync inside each commit would
 * make every client wait for every other's. Instead a log file is marked, and its fsync happens at the latest
 *   - in `settle()`, which the pipe calls before any answer leaves the engine: nothing is acknowledged before it;
 *   - before any other change to the disk (data pages, renames, removals, truncation, other fsyncs), because the log
 *     must be durable before what it describes.
 * So one fsync serves all commits that ran together, and a lone commit costs exactly one.
 */
import { fsyncSync } from "node:fs";
import type { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

/** What of emscripten's NODEFS is changed here; PGlite's own types leave it open. */
export interface OpenFile {
  /** The host's descriptor. */
  nfd: number;
  path: string;
}
type Operation = (...args: unknown[]) => unknown;
type FileOperation = (file: OpenFile, ...rest: unknown[]) => unknown;
export interface HostOperations {
  stream_ops: Record<"write" | "close" | "setattr", FileOperation> & { fsync?: FileOperation };
  node_ops: Record<"setattr" | "mknod" | "rename" | "unlink" | "rmdir" | "symlink", Operation>;
}

export interface LogSync {
  /** Makes every commit so far durable. */
  settle(): void;
  /** Bytes written to the write-ahead log since the start. */
  readonly logBytes: number;
}

const inLog = (file: OpenFile) => file.path.includes("/pg_wal/");

/** Gives the operations a fsync, deferred for the log. `sync` makes one file durable; it must not return otherwise. */
export function deferLogSync({ stream_ops: files, node_ops: nodes }: HostOperations, sync: (nfd: number) => void) {
  const waiting = new Set<OpenFile>();
  let logBytes = 0;
  const settle = () => {
    for (const file of waiting) {
      sync(file.nfd);
      waiting.delete(file);
    }
  };
  const settled =
    <Args extends unknown[]>(operation: (...args: Args) => unknown) =>
    (...args: Args) => {
      settle();
      return operation(...args);
    };
  const { write, close } = files;
  files.fsync = (file) => {
    waiting.add(file);
    if (!inLog(file)) settle();
    return 0;
  };
  files.write = (file, ...rest) => {
    if (!inLog(file)) settle();
    const written = write(file, ...rest);
    if (inLog(file) && typeof written === "number") logBytes += written;
    return written;
  };
  files.close = (file) => {
    if (waiting.has(file)) settle();
    return close(file);
  };
  files.setattr = settled(files.setattr);
  for (const name of ["setattr", "mknod", "rename", "unlink", "rmdir", "symlink"] as const) {
    nodes[name] = settled(nodes[name]);
  }
  return {
    settle,
    get logBytes() {
      return logBytes;
    },
  } satisfies LogSync;
}

/** The file system of the engine. `log` is there when the engine has started. */
export class DurableFs extends NodeFS {
  log: LogSync | undefined;
  readonly #failed: (error: unknown) => never;

  /** `failed` must not return: after a failed fsync nobody knows what is on the disk, so nothing may go on. */
  constructor(folder: string, failed: (error: unknown) => never) {
    super(folder);
    this.#failed = failed;
  }

  override async init(engine: PGlite, options: Parameters<NodeFS["init"]>[1]) {
    const { emscriptenOpts } = await super.init(engine, options);
    const sync = (nfd: number) => {
      try {
        fsyncSync(nfd);
      } catch (error) {
        this.#failed(error);
      }
    };
    const preRun = [
      ...(emscriptenOpts.preRun ?? []),
      // The boundary to emscripten, whose types know nothing of NODEFS's members; the pinned version has them.
      (mod: { NODEFS: unknown }) => {
        this.log = deferLogSync(mod.NODEFS as HostOperations, sync);
      },
    ];
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}
