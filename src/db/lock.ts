/**
 * One process for one data folder: two engines on the same files corrupt them without a word.
 * The lock is SQLite's own file lock, because it works the same on every system, also in the executable, and the
 * system releases it when the process ends in whatever way.
 */
import { Database } from "bun:sqlite";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { StartError } from "../core/start-error.ts";

export class DataFolderInUse extends StartError {
  constructor(
    folder: string,
    /** The process that holds the folder, where it could be read. */
    readonly pid: number | undefined,
    host: string | undefined,
  ) {
    const holder = pid === undefined ? "another process" : `process ${pid}`;
    super(
      `the data folder ${folder} is in use by ${holder}${host && host !== hostname() ? ` on ${host}` : ""}`,
      "Stop that process, or give this one a folder of its own with DATA_DIR.",
    );
  }
}

export interface FolderLock {
  release(): void;
}

/** Throws DataFolderInUse; the folder exists. */
export function lockFolder(folder: string): FolderLock {
  const holder = join(folder, "lock.pid");
  const database = new Database(join(folder, "lock"));
  try {
    // SQLite writes to an empty file when it locks it: a header now lets the next start do without, on a full disk.
    if (database.query("pragma user_version").values()[0]?.[0] === 0) database.run("pragma user_version = 1");
    // The lock lasts as long as the transaction, in which nothing is ever written.
    database.run("begin exclusive");
  } catch (error) {
    database.close();
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") {
      throw new DataFolderInUse(folder, ...readHolder(holder));
    }
    throw error;
  }
  try {
    writeFileSync(holder, `${process.pid} ${hostname()}\n`);
  } catch {
    // A full disk: the lock holds all the same, only its holder cannot be named.
  }
  return {
    release() {
      rmSync(holder, { force: true });
      database.close();
    },
  };
}

function readHolder(path: string): [number | undefined, string | undefined] {
  try {
    const [pid, host] = readFileSync(path, "utf8").trim().split(" ");
    return [Number(pid) || undefined, host];
  } catch {
    return [undefined, undefined];
  }
}
