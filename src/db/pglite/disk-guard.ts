/**
 * A full disk. PostgreSQL panics when it cannot extend its write-ahead log, so the last of the disk is kept for it:
 * below a limit every writing statement is refused with 53100 (disk_full) while reads go on, and writing returns by
 * itself when there is space again.
 *
 * A single statement, or another program, may still take all of the disk. For this case a file of zeros holds some space
 * back: it is removed when nothing is left, or when the engine cannot start, for it needs to write a little to recover.
 */
import { existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine } from "./engine.ts";
import { errorResponse, query } from "./frames.ts";

const megabyte = 1024 * 1024;
/** Writing stops below this, and returns above `plentyBytes`: the log between two checkpoints fits in. */
const scarceBytes = 16 * megabyte;
const plentyBytes = 20 * megabyte;
const reserveBytes = 8 * megabyte;
/** Less than this, and a checkpoint may not find room for its own files, at which PostgreSQL panics. */
const checkpointBytes = 2 * megabyte;
/** The disk is asked no more often than this. */
const intervalMs = 5;

const readOnlyTransaction = "25006";
const diskFull = "53100";

const reserveOf = (folder: string) => join(dirname(folder), "reserve");

/** Gives the engine room for a recovery; false where none is left to give. `folder` is that of the cluster. */
export function releaseReserve(folder: string): boolean {
  const had = existsSync(reserveOf(folder));
  rmSync(reserveOf(folder), { force: true });
  return had;
}

export interface DiskGuard {
  /** Writing statements are refused. */
  readonly full: boolean;
  /** Where the last look is old: looks at the disk, and lets the engine maintain itself. Only between transactions. */
  look(): Promise<void>;
  /** Takes the reserve, where it is missing and the disk has plenty. */
  takeReserve(): void;
  /** For a quiet hour: takes the reserve, and leaves nothing to recover for the next start. */
  tidy(): Promise<void>;
  /** Says again to a session that was reset what the guard wants. */
  reapply(): Promise<void>;
  rewrite(sqlstate: string): Uint8Array | undefined;
}

export function createDiskGuard(folder: string, engine: Pick<Engine, "exec" | "maintain">): DiskGuard {
  let full = false;
  let lookedMs = Number.NEGATIVE_INFINITY;
  const apply = async () => {
    await engine.exec(query(`set default_transaction_read_only = ${full ? "on" : "off"}`));
  };
  const takeReserve = () => {
    const path = reserveOf(folder);
    if (existsSync(path) || freeBytes(folder) < plentyBytes + reserveBytes) return;
    try {
      writeFileSync(path, new Uint8Array(reserveBytes), { mode: 0o600 });
    } catch {
      rmSync(path, { force: true }); // somebody else was faster
    }
  };
  return {
    get full() {
      return full;
    },
    async look() {
      const now = performance.now();
      if (now - lookedMs < intervalMs) return;
      lookedMs = now;
      const was = full;
      let free = freeBytes(folder);
      // Reads write log too, a little: they clean the pages they find.
      if (free < checkpointBytes && releaseReserve(folder)) free = freeBytes(folder);
      full = free < (was ? plentyBytes : scarceBytes);
      if (full && !was && free > checkpointBytes) {
        // A checkpoint gives back the disk of the log before it.
        await engine.maintain(true);
        free = freeBytes(folder);
        full = free < scarceBytes;
      }
      if (full !== was) await apply();
      if (free > checkpointBytes) await engine.maintain(false);
    },
    takeReserve,
    async tidy() {
      takeReserve();
      if (freeBytes(folder) > checkpointBytes) await engine.maintain(true);
    },
    async reapply() {
      if (full) await apply();
    },
    rewrite(sqlstate) {
      if (!full || sqlstate !== readOnlyTransaction) return undefined;
      return errorResponse("ERROR", diskFull, "the disk of the data folder is nearly full: free space on it");
    },
  };
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
