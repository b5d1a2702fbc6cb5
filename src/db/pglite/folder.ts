/** The data folder of the embedded database: DATA_DIR/format (a number), DATA_DIR/pg (the cluster), lock, reserve. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { StartError } from "../../core/start-error.ts";
import { syncFolder, writeDurably } from "./seed.ts";

/** Raised when the layout of the folder changes so that an older Taskwire must not touch it. */
const format = 1;
/** Major version of PostgreSQL inside PGlite: a cluster belongs to one. */
const major = 18;

export class DataFolderNewer extends StartError {}
export class DataFolderUnusable extends StartError {}

/** Makes the folder where it is missing, and returns its absolute path. Throws DataFolderUnusable. */
export function makeDataFolder(dataDir: string): string {
  const folder = resolve(dataDir);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(folder, error);
  }
  return folder;
}

/** Looks whether this version may work on the folder; call it under the lock. Throws DataFolderNewer. */
export function checkFormat(folder: string): void {
  const found = readNumber(join(folder, "format"));
  if (found !== undefined && found > format) {
    throw new DataFolderNewer(
      `the data folder ${folder} has format ${found}; this version knows formats up to ${format}`,
      "It was used by a newer Taskwire. Start that version, or restore a backup made before the upgrade.",
    );
  }
  const cluster = readNumber(join(folder, "pg", "PG_VERSION"));
  if (cluster !== undefined && cluster !== major) {
    throw new DataFolderNewer(
      `the database in ${folder} is of PostgreSQL ${cluster}; this version brings PostgreSQL ${major}`,
      `Start the Taskwire that made it and take a backup there, then restore it with this one.`,
    );
  }
  if (found === undefined) writeFormat(folder);
}

function writeFormat(folder: string): void {
  const path = join(folder, "format");
  rmSync(`${path}.new`, { force: true });
  writeDurably(`${path}.new`, Buffer.from(`${format}\n`));
  renameSync(`${path}.new`, path);
  syncFolder(folder);
}

/** Undefined where there is no such file. Anything but a number is as good as an unknown version. */
function readNumber(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const value = Number(readFileSync(path, "utf8").trim() || Number.NaN);
  return Number.isInteger(value) ? value : Number.POSITIVE_INFINITY;
}

/** An error of the file system as advice to a person. */
export function unusable(folder: string, error: unknown): StartError {
  if (error instanceof StartError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const named = error instanceof Error && "code" in error ? error.code : undefined;
  const code = said.includes("No space left on device") ? "ENOSPC" : named;
  const options = { cause: error };
  switch (code) {
    case "ENOSPC":
    case "SQLITE_FULL":
    case "EDQUOT":
      return new DataFolderUnusable(`the disk of the data folder ${folder} is full`, "Free space on it.", options);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOENT":
      return new DataFolderUnusable(
        `the data folder ${folder} cannot be written`,
        "Give the user that runs Taskwire the right to write there, or set DATA_DIR to another folder.",
        options,
      );
    case "ENOTDIR":
    case "EEXIST":
      return new DataFolderUnusable(`${folder} is not a folder`, "Set DATA_DIR to a folder.", options);
    default:
      return new DataFolderUnusable(
        `the database in ${folder} cannot be opened: ${said}`,
        "See the lines before this one. If the folder was damaged, restore a backup.",
        options,
      );
  }
}
