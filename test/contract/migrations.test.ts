/** Migrations up, down and up again, on both databases; and that they make what schema.ts says. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { StartError } from "../../src/core/start-error.ts";
import { migrateDown, migrateUp, migrationStatus } from "../../src/db/migrate.ts";
import type { Migration } from "../../src/db/migration-files.ts";
import { migrations } from "../../src/db/migrations.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import * as work from "../../src/db/schema.ts";
import * as notifications from "../../src/db/schema-notifications.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { type Shape, shape } from "../support/schema-shape.ts";
import { createPostgresDatabase } from "../support/services.ts";

const names = migrations.map(({ name }) => name);
const extra: Migration = {
  name: "9998_later",
  release: "9.0.0",
  hash: "h",
  up: "create table later (id int)",
  down: "drop table later",
};
const beyond: Migration = { ...extra, name: "9999_beyond", release: "9.1.0", up: "select 1", down: "select 1" };

const schema = { ...work, ...notifications };

/** Without the table of migrations itself. */
const withoutNotes = ({ columns, constraints, indexes }: Shape) => ({
  columns: columns.filter((column) => column.table_name !== "migrations"),
  constraints: constraints.filter((constraint) => constraint.on !== "migrations"),
  indexes: indexes.filter((index) => index.indexname !== "migrations_pkey"),
});

const refusal = async (work: Promise<unknown>): Promise<StartError> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error("it was not refused");
};

describe.each(databases)("on $name", ({ open }) => {
  let db: Database;
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await open();
    db = opened.database;
  });
  beforeEach(async () => {
    await db.sql.unsafe("drop schema public cascade; create schema public");
  });
  afterAll(() => opened.close());

  test("each migration taken back leaves what was there before it, and up again makes the same", async () => {
    const stages = [await shape(db)];
    for (const [index, name] of names.entries()) {
      expect(await migrateUp(db, migrations.slice(0, index + 1))).toEqual([name]);
      stages.push(await shape(db));
    }
    const top = stages.at(-1);
    expect(top?.columns.map((column) => column.table_name)).toContain("tasks");
    for (const [index, name] of [...names.entries()].reverse()) {
      expect(await migrateDown(db, 1)).toEqual([name]);
      expect(await shape(db)).toEqual(stages[index] ?? { columns: [], constraints: [], indexes: [] });
    }
    expect(await migrateDown(db, 1)).toEqual([]);
    expect(await migrateUp(db)).toEqual(names);
    expect(await shape(db)).toEqual(top ?? stages[0] ?? { columns: [], constraints: [], indexes: [] });
  });

  test("the migrations make exactly what schema.ts says", async () => {
    await migrateUp(db);
    const migrated = withoutNotes(await shape(db));
    await db.sql.unsafe("drop schema public cascade; create schema public");
    const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema));
    await db.sql.unsafe(statements.join(";\n"));
    const declared = await shape(db);
    expect(declared.columns.length).toBeGreaterThan(50);
    expect(migrated).toEqual(declared);
  });

  test("status tells what was done, what is to do and what is foreign", async () => {
    expect(await migrationStatus(db)).toEqual({ applied: [], pending: names, ahead: [], changed: [] });
    await migrateUp(db, [...migrations, extra]);
    const applied = [...names, extra.name].map((name) => ({
      name,
      appliedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    }));
    expect(await migrationStatus(db)).toEqual({ applied, pending: [], ahead: [extra.name], changed: [] });
  });

  test("a database one release ahead is taken as it is, and who takes it hears so; it is not taken back", async () => {
    const two = { ...extra, name: "9998_later_too", up: "select 1" };
    await migrateUp(db, [...migrations, extra, two]);
    const before = await shape(db);
    const heard: string[] = [];
    expect(await migrateUp(db, migrations, { ahead: (release) => heard.push(release) })).toEqual([]);
    expect(heard).toEqual(["9.0.0"]);
    const { message } = await refusal(migrateDown(db, 1));
    expect(message).toBe("the database was made by a newer version of Taskwire (it holds the migration 9998_later)");
    expect(await shape(db)).toEqual(before);
  });

  test("a database two releases ahead is refused, up and down, and stays as it is", async () => {
    await migrateUp(db, [...migrations, extra, beyond]);
    const before = await shape(db);
    for (const work of [migrateUp, (of: Database) => migrateDown(of, 1)]) {
      const { message, advice } = await refusal(work(db));
      expect(message).toStartWith("the database was made by a newer version of Taskwire (it holds the migration 9998_");
      expect(advice).toStartWith("Start that version, or the one before it");
    }
    expect((await refusal(migrateUp(db))).message).toContain("9.0.0 and 9.1.0");
    expect(await shape(db)).toEqual(before);
    expect(await migrateUp(db, [...migrations, extra])).toEqual([]);
  });

  test("releases are noted by who migrates, also for what was applied before they were", async () => {
    await migrateUp(db);
    await db.sql`alter table migrations drop column release`;
    expect(await migrateUp(db)).toEqual([]);
    expect(await migrateUp(db, [...migrations, extra])).toEqual([extra.name]);
    const rows = await db.sql<{ release: string }[]>`select release from migrations order by number`;
    expect(rows.map(({ release }) => release)).toEqual([...migrations, extra].map(({ release }) => release));
  });

  test("a migration that was changed after it was applied is refused", async () => {
    await migrateUp(db, [{ ...extra, hash: "before" }]);
    expect((await refusal(migrateUp(db, [extra]))).message).toContain("9998_later is not the one of this version");
    expect((await migrationStatus(db, [extra])).changed).toEqual([extra.name]);
  });

  test("a migration that fails keeps nothing of itself and all before it", async () => {
    const broken = { ...extra, up: "create table half (id int); select 1/0" };
    const error = await refusal(migrateUp(db, [...migrations, broken]));
    expect(error.message).toBe("migration 9998_later failed: division by zero");
    expect(await migrationStatus(db)).toMatchObject({ pending: [], ahead: [] });
    expect([...(await db.sql`select to_regclass('half') as half`)]).toEqual([{ half: null }]);
    expect(await migrateUp(db, [...migrations, extra])).toEqual(["9998_later"]);
  });

  test("what tries at the same time applies each migration once", async () => {
    const done = await Promise.all([migrateUp(db), migrateUp(db), migrateUp(db)]);
    expect(done.flat().toSorted()).toEqual(names); // each is whoever came first
  });
});

const address = await createPostgresDatabase();

test.skipIf(!address)("two processes that migrate at once apply each migration once", async () => {
  const script = `
    import { migrateUp } from "./src/db/migrate.ts";
    import { openDatabase } from "./src/db/open.ts";
    const database = await openDatabase({ databaseUrl: process.argv[1], dataDir: "", poolSize: 2 });
    process.stdout.write("open");
    for await (const _ of process.stdin) break;
    console.log(JSON.stringify(await migrateUp(database)));
    await database.close();`;
  const start = () =>
    Bun.spawn([process.execPath, "-e", script, address ?? ""], {
      cwd: join(import.meta.dir, "../.."),
      stdin: "pipe",
      stdout: "pipe",
    });
  const both = [start(), start()];
  const outputs = both.map(({ stdout }) => stdout.getReader());
  for (const output of outputs) expect(new TextDecoder().decode((await output.read()).value)).toBe("open");
  for (const { stdin } of both) {
    stdin.write("go\n");
    await stdin.end();
  }
  const answers = await Promise.all(
    outputs.map(async (output) => new TextDecoder().decode((await output.read()).value)),
  );
  expect(answers.flatMap((answer) => JSON.parse(answer)).toSorted()).toEqual(names);
  expect(await Promise.all(both.map(({ exited }) => exited))).toEqual([0, 0]);
});

test.skipIf(!address)("the tables land in the first schema of the search_path, and nothing elsewhere", async () => {
  const url = (await createPostgresDatabase()) ?? "";
  const inSchema = { databaseUrl: `${url}?search_path=boards`, dataDir: "", poolSize: 1 };
  const db = await openDatabase(inSchema);
  expect((await refusal(migrateUp(db))).message).toContain("search_path");
  await db.sql`create schema boards`;
  expect(await migrateUp(db)).toEqual(names);
  const tables = await db.sql<{ schemaname: string; tables: number }[]>`
    select schemaname, count(*) as tables from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') group by 1`;
  const declared = Object.values(schema).filter((part) => is(part, PgTable));
  expect([...tables]).toEqual([{ schemaname: "boards", tables: declared.length + 1 }]); // and that of migrations
  expect([
    ...(await db.sql`select conname from pg_constraint where contype = 'f' and confrelid::regclass::text like '%.%'`),
  ]).toEqual([]);
  expect(await migrateUp(db)).toEqual([]);
  await db.close();
});
