/**
 * Brings the schema up, or takes it back. Each migration is one transaction under an advisory lock, so that any number
 * of processes may try at once, and is noted in the table `migrations` beside the tables it makes (in the first schema
 * of the search_path).
 */
import type { TransactionSql } from "postgres";
import { StartError } from "../core/start-error.ts";
import { sqlState } from "./errors.ts";
import type { Migration } from "./migration-files.ts";
import { migrations as own } from "./migrations.ts";
import type { Database } from "./open.ts";
import { withoutDeadline } from "./pool.ts";

type Tx = Pick<TransactionSql, "unsafe">;

interface Applied {
  readonly name: string;
  readonly hash: string;
  /** RFC 3339, UTC. */
  readonly applied_at: string;
}

export interface MigrationStatus {
  readonly applied: readonly { readonly name: string; readonly appliedAt: string }[];
  /** What `migrateUp` would do. */
  readonly pending: readonly string[];
  /** What a newer version did. */
  readonly unknown: readonly string[];
}

/** "Taskwire" on a telephone's keys: keeps our advisory lock apart from those of other applications. */
const lockSpace = 82_759_473;

/** Number of the migration's place in the order. */
const table = `create table if not exists migrations (
  number integer primary key, name text not null, hash text not null, applied_at timestamptz not null default now())`;

/**
 * Applies what is missing; one query where nothing is. Returns the names of what it applied; `applied` hears each of them.
 * Throws StartError where the database is newer than this build, was changed, or a migration fails.
 */
export async function migrateUp(
  db: Pick<Database, "sql">,
  migrations = own,
  applied: (name: string) => void = () => {},
): Promise<string[]> {
  if (pendingOf(await readApplied(db.sql), migrations).length === 0) return [];
  const done: string[] = [];
  for (;;) {
    const name = await locked(db, async (tx) => {
      await tx.unsafe(table);
      const next = pendingOf(await readApplied(tx), migrations)[0];
      if (next) await applyUp(tx, next, migrations.indexOf(next));
      return next?.name;
    });
    if (name === undefined) return done;
    done.push(name);
    applied(name);
  }
}

/**
 * Takes back the last `steps` migrations, and what they hold. Returns their names, the last applied first.
 * Throws StartError as `migrateUp`.
 */
export async function migrateDown(db: Pick<Database, "sql">, steps: number, migrations = own): Promise<string[]> {
  const done: string[] = [];
  while (done.length < steps) {
    const name = await locked(db, async (tx) => {
      await tx.unsafe(table);
      const applied = await readApplied(tx);
      pendingOf(applied, migrations);
      const last = migrations[applied.length - 1];
      if (last) await applyDown(tx, last, applied.length - 1);
      if (applied.length <= 1) await tx.unsafe("drop table migrations"); // nothing of Taskwire is left
      return last?.name;
    });
    if (name === undefined) break;
    done.push(name);
  }
  return done;
}

/** What was applied and what was not; never refuses. */
export async function migrationStatus(db: Pick<Database, "sql">, migrations = own): Promise<MigrationStatus> {
  const applied = await readApplied(db.sql);
  const ours = new Set(migrations.map(({ name }) => name));
  const theirs = new Set(applied.map(({ name }) => name));
  return {
    applied: applied.map(({ name, applied_at }) => ({ name, appliedAt: applied_at })),
    pending: migrations.filter(({ name }) => !theirs.has(name)).map(({ name }) => name),
    unknown: applied.filter(({ name }) => !ours.has(name)).map(({ name }) => name),
  };
}

/** Empty where there is no table yet; inside a transaction it must be there, for the error would end the transaction. */
async function readApplied(sql: Tx): Promise<readonly Applied[]> {
  try {
    const rows = await sql.unsafe<Applied[]>(`
      select name, hash, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as applied_at
      from migrations order by number`);
    return rows;
  } catch (error) {
    if (sqlState(error) === "42P01") return [];
    throw error;
  }
}

/** What is still to do. Throws StartError unless what was applied is the beginning of `migrations`. */
function pendingOf(applied: readonly Applied[], migrations: readonly Migration[]): readonly Migration[] {
  for (const [index, { name, hash }] of applied.entries()) {
    const known = migrations[index];
    if (known?.name !== name) {
      throw new StartError(
        `the database was made by a newer version of Taskwire (it holds the migration ${name})`,
        "Start that version, or restore a backup that this version made.",
      );
    }
    if (known.hash !== hash) {
      throw new StartError(
        `the database's migration ${name} is not the one of this version of Taskwire`,
        "Start the version that made the database, or restore a backup that this version made.",
      );
    }
  }
  return migrations.slice(applied.length);
}

/** Runs `work` in a transaction that holds the lock of this schema, without deadlines: a migration may take long. */
async function locked<T>(db: Pick<Database, "sql">, work: (tx: Tx) => Promise<T>): Promise<T> {
  const result = await withoutDeadline(db.sql, () =>
    db.sql.begin(async (tx) => {
      await tx.unsafe("set local statement_timeout = 0; set local lock_timeout = 0");
      const [row] = await tx.unsafe<{ schema: string | null }[]>("select current_schema() as schema");
      if (!row?.schema) {
        throw new StartError(
          "the database has none of the schemas in the search_path of DATABASE_URL",
          "Make the schema (create schema …), or correct search_path.",
        );
      }
      await tx.unsafe("select pg_advisory_xact_lock($1::int, hashtext($2))", [lockSpace, row.schema]);
      return { value: await work(tx) };
    }),
  );
  return result.value;
}

async function applyUp(tx: Tx, migration: Migration, number: number): Promise<void> {
  await run(tx, migration.up, `migration ${migration.name}`);
  await tx.unsafe("insert into migrations (number, name, hash) values ($1, $2, $3)", [
    number,
    migration.name,
    migration.hash,
  ]);
}

async function applyDown(tx: Tx, migration: Migration, number: number): Promise<void> {
  await run(tx, migration.down, `taking back migration ${migration.name}`);
  await tx.unsafe("delete from migrations where number = $1", [number]);
}

async function run(tx: Tx, statements: string, what: string): Promise<void> {
  try {
    await tx.unsafe(statements);
  } catch (error) {
    throw new StartError(
      `${what} failed: ${error instanceof Error ? error.message : String(error)}`,
      "Nothing of it was kept. Mend what it names and start again, or start the version that was used before.",
      { cause: error },
    );
  }
}
