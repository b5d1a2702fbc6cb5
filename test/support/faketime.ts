/** A system clock for child processes that a test moves, by libfaketime; their timers are left alone. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processRuns } from "./processes.ts";
import { skipped } from "./services.ts";

const library = libraryPath();
/** Said where it is not: tests that need it are passed over. */
export const hasFaketime = library !== undefined;
if (!hasFaketime) skipped("faketime", "apt-get install faketime");

export interface MovedClock {
  /** For the processes that are to go by it. */
  readonly env: Readonly<Record<string, string>>;
  /** How far it is from the real one from now on: of processes that run where it `jumps`, else of those that start. */
  set(hours: number): void;
  remove(): void;
}

/** Throws where libfaketime is not installed. */
export function createMovedClock({ jumps }: { readonly jumps: boolean }): MovedClock {
  if (library === undefined) throw new Error("faketime is not installed");
  const folder = mkdtempSync(join(tmpdir(), "taskwire-clock-"));
  chmodSync(folder, 0o755); // PostgreSQL reads it as another user
  const file = join(folder, "offset");
  const set = (hours: number): void => {
    writeFileSync(`${file}.new`, `${hours < 0 ? "" : "+"}${hours * 3_600}\n`);
    renameSync(`${file}.new`, file); // nobody reads half of it
  };
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DISABLE_SHM: "1",
      ...(jumps && { FAKETIME_NO_CACHE: "1" }),
    },
    set,
    remove() {
      rmSync(folder, { recursive: true, force: true });
      removeShared();
    },
  };
}

const shared = "/dev/shm";

/** Those that were killed leave behind what libfaketime shares with their children. */
function removeShared(): void {
  for (const name of existsSync(shared) ? readdirSync(shared) : []) {
    const pid = /faketime_(?:sem|shm)_(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !processRuns(Number(pid))) rmSync(join(shared, name), { force: true });
  }
}

/** As the program itself gives it to those it starts; it knows where its system keeps libraries. */
function libraryPath(): string | undefined {
  const program = Bun.which("faketime");
  if (program === null) return undefined;
  const { LD_PRELOAD: _, ...env } = process.env;
  const said = Bun.spawnSync([program, "-m", "-f", "+0", "printenv", "LD_PRELOAD"], { env });
  const path = said.stdout.toString().trim();
  return said.exitCode === 0 && path !== "" ? path : undefined;
}
