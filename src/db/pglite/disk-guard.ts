/**
 * A full disk. PostgreSQL panics when it cannot extend its write-ahead log, so the last of the disk is kept for it:
 * below the reserve every writing statement is refused with 53100 (disk_full) while reads go on, and writing returns by
 * itself when there is space again.
 */
import { statfsSync } from "node:fs";
import type { Engine } from "./engine.ts";
import { errorResponse, query } from "./frames.ts";

/** Writing stops below this, and returns above `plentyBytes`: the log between two checkpoints fits in twice. */
const reserveBytes = 16 * 1024 * 1024;
const plentyBytes = 20 * 1024 * 1024;
/** The disk is asked no more often than this; at full speed the log grows by some hundred KB meanwhile. */
const intervalMs = 100;

const readOnlyTransaction = "25006";
const diskFull = "53100";

export interface DiskGuard {
  /** Looks at the disk where the last look is old. Only between transactions. */
  look(): Promise<void>;
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
  return {
    async look() {
      const now = performance.now();
      if (now - lookedMs < intervalMs) return;
      lookedMs = now;
      const was = full;
      full = freeBytes(folder) < (was ? plentyBytes : reserveBytes);
      if (full && !was) {
        // A checkpoint gives back the disk of the log before it.
        await engine.maintain(true);
        full = freeBytes(folder) < reserveBytes;
      }
      if (full !== was) await apply();
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
