import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { openEmbedded } from "../../src/db/embedded.ts";
import { valueTypes } from "../../src/db/values.ts";
import { createPostgresDatabase, findPostgresBinaries } from "../support/services.ts";
import { type ContractDatabase, databaseContract } from "./database.ts";

const quiet = { types: valueTypes, fetch_types: false, onnotice() {} } as const;

async function openOnEmbedded(): Promise<ContractDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), "taskwire-pipe-"));
  const engine = await openEmbedded({ dataDir, statementTimeoutMs: 30_000 });
  const another = () => postgres({ ...engine.options, ...quiet });
  const sql = another();
  return {
    sql,
    another,
    async close() {
      await sql.end();
      await engine.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function openOnPostgres(): Promise<ContractDatabase> {
  const url = await createPostgresDatabase();
  if (url === undefined) throw new Error("PostgreSQL is not installed");
  const another = () => postgres(url, { ...quiet, max: 1 });
  const sql = another();
  return { sql, another, close: () => sql.end() };
}

databaseContract("the embedded database", openOnEmbedded);
if (findPostgresBinaries() !== undefined) databaseContract("PostgreSQL", openOnPostgres);
