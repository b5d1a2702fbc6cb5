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
interface Stream {
  nfd: number;
  path: string;
}
type Operation = (target: Stream, ...rest: unknown[]) => unknown;
interface NodeFileSystem {
  stream_ops: Record<"write" | "close" | "setattr", Operation> & { fsync?: Operation };
  node_ops: Record<"setattr" | "mknod" | "rename" | "unlink" | "rmdir" | "symlink", Operation>;
}

export interface DurableFs {
  fs: NodeFS;
  /** Makes every commit so far durable. Calls `failed` and does not return where the disk refuses. */
  settle(): void;
  /** Bytes written to the write-ahead log, and fsyncs done, since the start. */
  readonly logBytes: number;
  readonly fsyncs: number;
}

const inLog = (stream: Stream) => stream.path.includes("/pg_wal/");

/** `failed` must not return: after a failed fsync nobody knows what is on the disk, so nothing may go on. */
export function createDurableFs(folder: string, failed: (error: unknown) => never): DurableFs {
  const waiting = new Set<Stream>();
  let logBytes = 0;
  let fsyncs = 0;
  let hooked = false;

  const flush = (stream: Stream) => {
    try {
      fsyncSync(stream.nfd);
      fsyncs++;
    } catch (error) {
      failed(error);
    }
  };
  const settle = () => {
    for (const stream of waiting) {
      waiting.delete(stream);
      flush(stream);
    }
  };
  const settleFirst =
    (operation: Operation): Operation =>
    (...args) => {
      settle();
      return operation(...args);
    };

  const hook = ({ stream_ops: streams, node_ops: nodes }: NodeFileSystem) => {
    const { write, close } = streams;
    streams.fsync = (stream) => {
      if (inLog(stream)) {
        waiting.add(stream);
      } else {
        settle();
        flush(stream);
      }
      return 0;
    };
    streams.write = (stream, ...rest) => {
      if (!inLog(stream)) settle();
      const written = write(stream, ...rest);
      if (inLog(stream) && typeof written === "number") logBytes += written;
      return written;
    };
    streams.close = (stream) => {
      if (waiting.has(stream)) settle();
      return close(stream);
    };
    streams.setattr = settleFirst(streams.setattr);
    for (const name of ["setattr", "mknod", "rename", "unlink", "rmdir", "symlink"] as const) {
      nodes[name] = settleFirst(nodes[name]);
    }
    hooked = true;
  };

  class HostFs extends NodeFS {
    override async init(engine: PGlite, options: Parameters<NodeFS["init"]>[1]) {
      const { emscriptenOpts } = await super.init(engine, options);
      const preRun = [
        ...(emscriptenOpts.preRun ?? []),
        // The boundary to emscripten, whose types know nothing of NODEFS's members; the pinned version has them.
        (mod: { NODEFS: unknown }) => hook(mod.NODEFS as NodeFileSystem),
      ];
      return { emscriptenOpts: { ...emscriptenOpts, preRun } };
    }
    override async initialSyncFs() {
      if (!hooked) throw new Error("the engine does not offer its file system: fsync would not be real");
    }
  }

  return {
    fs: new HostFs(folder),
    settle,
    get logBytes() {
      return logBytes;
    },
    get fsyncs() {
      return fsyncs;
    },
  };
}
