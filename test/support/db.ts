/** Fresh migrated databases of every kind this machine has; suites run once for each. */
import { rmSync } from "node:fs";
import { migrateUp } from "../../src/db/migrate.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { newDataDir, newPostgresDatabase } from "./prepared.ts";
import { findPostgresBinaries, sharedPostgresVariable, skipped } from "./services.ts";

export interface TestDatabase {
  readonly database: Database;
  /** Address, where it is PostgreSQL. */
  readonly url: string | undefined;
  readonly dataDir: string;
  /** Closes it and removes its files. */
  close(): Promise<void>;
}

export interface DatabaseKind {
  readonly name: string;
  readonly kind: Database["kind"];
  open(): Promise<TestDatabase>;
}

async function open(url: string | undefined): Promise<TestDatabase> {
  const dataDir = newDataDir("db", url);
  const database = await openDatabase({ databaseUrl: url, dataDir, poolSize: 10 });
  await migrateUp(database);
  return {
    database,
    url,
    dataDir,
    async close() {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const embedded: DatabaseKind = { name: "the embedded database", kind: "embedded", open: () => open(undefined) };

const postgres: DatabaseKind = {
  name: "PostgreSQL",
  kind: "postgres",
  async open() {
    const url = await newPostgresDatabase();
    if (url === undefined) throw new Error("PostgreSQL is not installed");
    return open(url);
  },
};

const hasPostgres = process.env[sharedPostgresVariable] !== undefined || findPostgresBinaries() !== undefined;
if (!hasPostgres) skipped("PostgreSQL", "apt-get install postgresql");

export const databases: readonly DatabaseKind[] = hasPostgres ? [embedded, postgres] : [embedded];
