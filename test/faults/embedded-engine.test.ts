import { afterEach, expect, test } from "bun:test";
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { DataFolderInUse, openEmbedded } from "../../src/db/embedded.ts";
import { dataFolder, type OpenEngine, openEngine, startWriter } from "../support/embedded.ts";

let open: OpenEngine | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});
const start = async (options: Parameters<typeof openEngine>[0]) => {
  open = await openEngine(options);
  return open;
};

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );

test("fsync is on and every page has a checksum", async () => {
  const { sql } = await start({ dataDir: dataFolder() });
  const [settings] = await sql`select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
    current_setting('synchronous_commit') as commit, current_setting('data_checksums') as checksums`;
  expect(settings).toEqual({ fsync: "on", pages: "on", commit: "on", checksums: "on" });
});

test("a long query does not hold up the main thread", async () => {
  const { sql } = await start({ dataDir: dataFolder() });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const [row] = await sql`select count(*)::int as count from generate_series(1, 2000000)`;
  clearInterval(timer);
  expect(row?.count).toBe(2_000_000);
  expect(ticks).toBeGreaterThan(50);
});

test("a second process on the folder is refused and told who holds it; after a kill -9 the folder is free", async () => {
  const dataDir = dataFolder();
  const writer = startWriter({ dataDir, inFlight: 1, rows: 0 });
  await writer.acknowledged(1);
  const error = await failure(openEmbedded({ dataDir, statementTimeoutMs: 1000 }));
  expect(error).toBeInstanceOf(DataFolderInUse);
  expect(error).toMatchObject({ pid: writer.pid, message: expect.stringContaining(`process ${writer.pid}`) });
  writer.kill();
  await writer.ended;
  const { sql } = await start({ dataDir });
  expect((await sql`select count(*)::int as count from kept`)[0]?.count).toBeGreaterThan(0);
});

test("a folder that is open in this very process is refused too", async () => {
  const dataDir = dataFolder();
  await start({ dataDir });
  expect(await failure(openEmbedded({ dataDir, statementTimeoutMs: 1000 }))).toMatchObject({ pid: process.pid });
});

test("a statement beyond its deadline is ended; everything committed is there, and no file stays open", async () => {
  const dataDir = dataFolder();
  const { sql, another } = await start({ dataDir, statementTimeoutMs: 300 });
  await sql`create table kept (id int)`;
  const openFiles = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(join(dataDir, "pg"));
      } catch {
        return false;
      }
    }).length;
  const counts: number[] = [];
  for (let round = 0; round < 3; round++) {
    await sql`insert into kept values (${round})`;
    const other = another();
    const endless = failure(sql.unsafe("select count(*) from generate_series(1, 1e12::int8)"));
    const behind = failure(other`insert into kept values (-1)`);
    expect(await endless).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(await behind).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(await sql`select id from kept order by id`).toHaveLength(round + 1);
    counts.push(openFiles());
  }
  expect(counts[2]).toBeLessThanOrEqual((counts[0] ?? 0) + 2);
}, 60_000);

test("the deadline is for each statement, not for all that wait together", async () => {
  const { sql } = await start({ dataDir: dataFolder(), statementTimeoutMs: 1500 });
  const each = "select count(*)::int as count from generate_series(1, 400000)";
  const answers = await Promise.all(Array.from({ length: 30 }, () => sql.unsafe(each)));
  expect(answers.every(([row]) => row?.count === 400_000)).toBe(true);
}, 60_000);

test("a transaction that waits too long for its client is rolled back, and the others go on", async () => {
  const { sql, another } = await start({ dataDir: dataFolder(), idleTransactionTimeoutMs: 200 });
  await sql`create table kept (id int)`;
  const other = another();
  const outer = failure(
    sql.begin(async (tx) => {
      await tx`insert into kept values (1)`;
      // A query outside the transaction, within it: it can only wait for the transaction to end.
      await other`insert into kept values (2)`;
      await tx`insert into kept values (3)`;
    }),
  );
  expect(await outer).toMatchObject({ code: expect.stringMatching(/25P03|CONNECTION_CLOSED/) });
  const kept = await sql`select id from kept order by id`;
  expect(kept.map(({ id }) => id)).toEqual([2]);
});

test("COPY FROM STDIN fails with a word of advice and the connection goes on", async () => {
  const { sql } = await start({ dataDir: dataFolder() });
  await sql`create table kept (id int)`;
  const copying = async () => (await sql`copy kept from stdin`.writable()).end();
  expect(await failure(copying())).toMatchObject({ message: expect.stringContaining("COPY FROM STDIN") });
  expect(await sql`select count(*)::int as count from kept`).toMatchObject([{ count: 0 }]);
});

test("COPY TO STDOUT streams a whole table", async () => {
  const { sql, another } = await start({ dataDir: dataFolder() });
  await sql`create table kept as select g as id, repeat('x', 100) as body from generate_series(1, 20000) g`;
  const [row] = await sql`select sum(length(id::text) + 102)::int as bytes from kept`;
  let bytes = 0;
  // On a client of its own: after a copy the driver's connection takes no more queries, on any database.
  for await (const chunk of await another()`copy kept to stdout`.readable()) bytes += chunk.length;
  expect(bytes).toBe(row?.bytes);
});

test("a connection that ends leaves no prepared statement, lock or setting behind", async () => {
  const { sql, another } = await start({ dataDir: dataFolder() });
  const names = async () =>
    (await sql`select count(*)::int as count from pg_prepared_statements where statement like '%mine%'`)[0]?.count;
  const other = another();
  await other`select ${1}::int as mine`;
  expect(await names()).toBeGreaterThan(0);
  const before = await names();
  await other.end();
  expect(await names()).toBe(before - 1);
  await sql.end();
  const fresh = another();
  expect(await fresh`select name from pg_prepared_statements where statement like '%as m' || 'ine%'`).toHaveLength(0);
});

test("the log on the disk stays small however much is written", async () => {
  const dataDir = dataFolder();
  const { sql } = await start({ dataDir });
  await sql`create table wide (body text)`;
  for (let round = 0; round < 40; round++) {
    await sql`insert into wide select repeat(md5(g::text), 60) from generate_series(1, 1000) g`;
  }
  const log = join(dataDir, "pg", "pg_wal");
  const bytes = readdirSync(log).reduce((sum, name) => sum + statSync(join(log, name)).size, 0);
  const [written] = await sql`select (pg_current_wal_lsn() - '0/0')::int8 as bytes`;
  expect(written?.bytes).toBeGreaterThan(60e6);
  expect(bytes).toBeLessThan(25e6);
}, 60_000);

test("an engine that is closed gives the folder free and takes no more connections", async () => {
  const dataDir = dataFolder();
  const { engine, sql } = await openEngine({ dataDir });
  await sql`create table kept (id int)`;
  const late = postgres(engine.options);
  await engine.close();
  expect(await failure(late`select 1`)).toMatchObject({ message: "the database is closed" });
  const again = await start({ dataDir });
  expect(await again.sql`select id from kept`).toHaveLength(0);
});

test("a process that closes the engine ends by itself", async () => {
  const { exitCode, stderr } = await startWriter({ dataDir: dataFolder(), inFlight: 4, rows: 20 }).ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});
