/** Reads ../../drizzle when the code is bundled (as a macro): the executable carries the migrations in itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { releaseOf } from "./releases.ts";

export interface Migration {
  /** `0000_road`: also the order. */
  readonly name: string;
  /** The version of Taskwire that brings it. */
  readonly release: string;
  /** SHA-256 of the file. A migration that was released is never changed. */
  readonly hash: string;
  /** SQL of several statements. */
  readonly up: string;
  /** SQL that takes `up` back. */
  readonly down: string;
}

/** In order. Throws where a file is missing, which stops the build. */
export function readMigrations(): Migration[] {
  const folder = join(import.meta.dir, "../../drizzle");
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8"));
  const files = readMigrationFiles({ migrationsFolder: folder });
  return journal.entries.map(({ tag }, index) => {
    const file = files[index];
    if (!file) throw new Error(`${tag} is in the journal only`);
    return {
      name: tag,
      release: releaseOf(tag),
      hash: file.hash,
      up: inSearchPath(file.sql.join("")),
      down: readFileSync(join(folder, `${tag}.down.sql`), "utf8"),
    };
  });
}

/** drizzle-kit writes `"public".` before the table a foreign key points to, but the search_path decides where tables are. */
const inSearchPath = (text: string): string => text.replaceAll('"public".', "");
