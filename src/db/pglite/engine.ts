/** PostgreSQL in WebAssembly on a data folder: takes wire-protocol bytes, answers with wire-protocol bytes. */
import { PGlite } from "@electric-sql/pglite";
import { DurableFs } from "./durable-fs.ts";
import { concat, query, startup } from "./frames.ts";
// Packed: 11 MB of the executable, for 25 ms of the start.
import filesFile from "./pglite.data.zst" with { type: "file" };
import wasmFile from "./pglite.wasm.zst" with { type: "file" };

/** Write-ahead log after which a checkpoint is made: bounds the disk it takes and the time a recovery takes. */
const checkpointBytes = 12 * 1024 * 1024;

const parameters = {
  shared_buffers: "16MB",
  wal_sync_method: "fsync", // the only one the file system knows
  // Log files are kept for reuse between these bounds (a segment is 1 MB). Nobody else makes a checkpoint in
  // single-user mode: see `maintain`.
  min_wal_size: "4MB",
  max_wal_size: "16MB",
  log_line_prefix: "",
  log_min_messages: "log",
  log_checkpoints: "off",
  TimeZone: "UTC",
  enable_seqscan: "off", // as for PostgreSQL: see `plannerSettings` in pool.ts
} as const;

export interface Engine {
  /** What a session begins with: authentication, parameters, ReadyForQuery. */
  readonly hello: Uint8Array;
  /** Runs what a client sent. The answer must not leave before `settle`. */
  exec(bytes: Uint8Array): Promise<Uint8Array>;
  /** Makes all commits so far durable. */
  settle(): void;
  /** Makes a checkpoint where the write-ahead log has grown enough, or at all (`eager`). Only between transactions. */
  maintain(eager: boolean): Promise<void>;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** The folder of the cluster; it exists. */
  folder: string;
  /** Called when the engine cannot go on; must not return. */
  died: (reason: string) => never;
  /** A line of PostgreSQL's own log. */
  said?: (line: string) => void;
}

/** PGlite's own values are not used, so it need not ask for the array types: a tenth of the start. */
class RawPGlite extends PGlite {
  override async _initArrayTypes() {}
}

/** What is packed in a file of the executable. */
const unpack = async (file: string) => new Uint8Array(Bun.zstdDecompressSync(await Bun.file(file).bytes()));

export const loadWasm = async () => WebAssembly.compile(await unpack(wasmFile));

export async function openEngine(wasm: WebAssembly.Module, options: EngineOptions): Promise<Engine> {
  const { folder, died, said } = options;
  const fs = new DurableFs(folder, (error) => died(`the disk refused to make the log durable: ${error}`));
  const db = new RawPGlite({
    fs,
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== "-F"),
      ...Object.entries(parameters).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    pgliteWasmModule: wasm,
    fsBundle: new Blob([await unpack(filesFile)]),
    onStderr(line) {
      // After either the engine would exit; PGlite swallows that and every later query hangs.
      if (/^(PANIC|FATAL):/.test(line)) died(line);
      said?.(line);
      return false; // not to be printed
    },
  });
  await db.waitReady;
  const log = fs.log;
  if (!log) throw new Error("the engine does not offer its file system: fsync would not be real");

  const exec = async (bytes: Uint8Array) => {
    const parts: Uint8Array[] = [];
    // The plain execProtocolRaw parses every answer and keeps it for ever.
    const onRawData = (part: Uint8Array) => {
      parts.push(part.slice());
    };
    await db.execProtocolRawStream(bytes, { syncToFs: false, onRawData });
    return concat(parts);
  };
  let checkpointed = log.logBytes;
  return {
    hello: await exec(startup("postgres", "postgres")),
    exec,
    settle: log.settle,
    async maintain(eager) {
      if (log.logBytes - checkpointed < (eager ? 1 : checkpointBytes)) return;
      await exec(query("checkpoint"));
      checkpointed = log.logBytes;
    },
    async close() {
      await db.close();
      log.settle();
    },
  };
}
