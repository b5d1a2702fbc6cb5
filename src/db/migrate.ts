/**
 * Brings the schema up, or takes it back. Each migration is one transaction under an advisory lock, so that any number
 * of processes may try at once, and is noted in the table `migrations` beside the tables it makes (in the first schema
 * of the search_path). Servers of the release before go on meanwhile, and start again on what the next one made: a
 * release only adds (releases.ts).
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
  /** Null where a version noted it that knew of no releases. */
  readonly release: string | null;
  /** RFC 3339, UTC. */
  readonly applied_at: string;
}

export interface MigrationStatus {
  readonly applied: readonly { readonly name: string; readonly appliedAt: string }[];
  /** What `migrateUp` would do. */
  readonly pending: readonly string[];
  /** What a newer version did. */
  readonly ahead: readonly string[];
  /** Applied, and another by now: a migration is never edited. */
  readonly changed: readonly string[];
}

export interface MigrationListener {
  /** A migration was applied. */
  applied?(name: string): void;
  /** The next release was here before: its version. */
  ahead?(release: string): void;
}

/** "Taskwire" on a telephone's keys: keeps our advisory lock apart from those of other applications. */
const lockSpace = 82_759_473;

/** Number of the migration's place in the order. */
const table = `create table if not exists migrations (
  number integer primary key, name text not null, hash text not null, applied_at timestamptz not null default now(),
  release text)`;
/**
 * Statements of other servers wait behind one that waits for a table, and may hold a table it waits for; so it gives way,
 * before PostgreSQL looks for a deadlock (1 s), and tries again.
 */
const tableLockMs = 500;
const tableLockAttempts = 120;
const pauseMs = 200;
/** Lock not available, deadlock. */
const gaveWay: ReadonlySet<string | undefined> = new Set(["55P03", "40P01"]);

/**
 * Applies what is missing; one query where nothing is. Returns the names of what it applied; `listener` hears each of them.
 * Throws StartError where the database is more than one release newer than this build, was changed, or a migration fails.
 */
export async function migrateUp(
  db: Pick<Database, "sql">,
  migrations = own,
  listener: MigrationListener = {},
): Promise<string[]> {
  const { pending, ahead } = compare(await readApplied(db.sql), migrations);
  const newer = requireNeighbour(ahead);
  if (newer !== undefined) listener.ahead?.(newer);
  if (pending.length === 0) return [];
  const done: string[] = [];
  for (let attempt = 1; ; ) {
    try {
      const name = await locked(db, (tx) => applyNext(tx, migrations));
      if (name === undefined) return done;
      done.push(name);
      listener.applied?.(name);
      attempt = 1;
    } catch (error) {
      if (!(error instanceof StartError && gaveWay.has(sqlState(error.cause))) || ++attempt > tableLockAttempts)
        throw error;
      await Bun.sleep(pauseMs);
    }
  }
}

/** Its name; undefined where there is none. */
async function applyNext(tx: Tx, migrations: readonly Migration[]): Promise<string | undefined> {
  await tx.unsafe(table);
  await tx.unsafe("alter table migrations add column if not exists release text");
  const applied = await readApplied(tx);
  const { pending, ahead } = compare(applied, migrations);
  requireNeighbour(ahead);
  const [next] = pending;
  if (!next) return undefined;
  for (const [index, { release }] of applied.entries()) {
    if (release !== null) continue;
    const known = migrations[index]?.release ?? null;
    await tx.unsafe("update migrations set release = $2 where number = $1", [index, known]);
  }
  await tx.unsafe(`set local lock_timeout = ${tableLockMs}`);
  await run(tx, next.up, `migration ${next.name}`);
  await tx.unsafe("insert into migrations (number, name, hash, release) values ($1, $2, $3, $4)", [
    migrations.indexOf(next),
    next.name,
    next.hash,
    next.release,
  ]);
  return next.name;
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
      const [newer] = compare(applied, migrations).ahead;
      if (newer) throw madeByNewer(newer);
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
  const ours = new Map(migrations.map(({ name, hash }) => [name, hash]));
  const theirs = new Set(applied.map(({ name }) => name));
  return {
    applied: applied.map(({ name, applied_at }) => ({ name, appliedAt: applied_at })),
    pending: migrations.filter(({ name }) => !theirs.has(name)).map(({ name }) => name),
    ahead: applied.filter(({ name }) => !ours.has(name)).map(({ name }) => name),
    changed: applied.filter(({ name, hash }) => (ours.get(name) ?? hash) !== hash).map(({ name }) => name),
  };
}

/** Empty where there is no table yet; inside a transaction it must be there, for the error would end the transaction. */
async function readApplied(sql: Tx): Promise<readonly Applied[]> {
  try {
    const rows = await sql.unsafe<Applied[]>(`
      select name, hash, to_jsonb(migrations) ->> 'release' as release, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as applied_at
      from migrations order by number`);
    return rows;
  } catch (error) {
    if (sqlState(error) === "42P01") return [];
    throw error;
  }
}

interface Comparison {
  /** What is still to do. */
  readonly pending: readonly Migration[];
  /** What newer versions did. */
  readonly ahead: readonly Applied[];
}

/** Throws StartError unless the one is the beginning of the other. */
function compare(applied: readonly Applied[], migrations: readonly Migration[]): Comparison {
  for (const [index, { name, hash }] of applied.slice(0, migrations.length).entries()) {
    const known = migrations[index];
    if (known?.name === name && known.hash === hash) continue;
    throw new StartError(
      `the database's migration ${name} is not the one of this version of Taskwire`,
      "Start the version that made the database, or restore a backup that this version made.",
    );
  }
  return { pending: migrations.slice(applied.length), ahead: applied.slice(migrations.length) };
}

/** The one release that is ahead; undefined where none is. Throws StartError where there are more. */
function requireNeighbour(ahead: readonly Applied[]): string | undefined {
  const [first] = ahead;
  if (!first) return undefined;
  const newer = new Set(ahead.map(({ name, release }) => release ?? name));
  if (newer.size === 1 && first.release !== null) return first.release;
  throw madeByNewer(first, [...newer].join(" and "));
}

const madeByNewer = ({ name }: Applied, releases?: string): StartError =>
  new StartError(
    `the database was made by a newer version of Taskwire (it holds the migration ${name}${releases === undefined ? "" : `; ${releases} came behind this one`})`,
    "Start that version, or the one before it; or restore a backup that this version made.",
  );

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
