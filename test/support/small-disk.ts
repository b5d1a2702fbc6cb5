/** A disk of its own that is soon full: a tmpfs, where this user may mount one. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly path: string;
  /** Takes all that is left. */
  fill(): void;
  /** Gives the space back. */
  free(): void;
  unmount(): void;
}

const block = new Uint8Array(65_536);

/** Undefined where mounting is not allowed. */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), "taskwire-disk-"));
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=0777`, "tmpfs", path]);
  if (mounted.exitCode !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  const unmount = () => {
    process.off("exit", unmount);
    Bun.spawnSync(["umount", "--lazy", path]);
    rmSync(path, { recursive: true, force: true });
  };
  process.on("exit", unmount);
  const ballast = join(path, "ballast");
  return {
    path,
    unmount,
    fill() {
      const file = openSync(ballast, "w");
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
  };
}
