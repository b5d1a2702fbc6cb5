/** PostgreSQL paused, killed and started again, against the real server. */
import { afterAll, afterEach, test as bunTest, expect } from "bun:test";
import postgres from "postgres";
import { migrateUp } from "../../src/db/migrate.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { AppError } from "../../src/protocol/errors.ts";
import { pidsBelow } from "../support/processes.ts";
import { startPostgres } from "../support/services.ts";

const cluster = await startPostgres();
const test = bunTest.skipIf(cluster === undefined);
let database: Database | undefined;

afterEach(() => database?.close());
afterAll(() => cluster?.stop());

/** The server of these tests; where there is none they are skipped. */
const server = () => {
  if (!cluster) throw new Error("PostgreSQL is not installed");
  return cluster;
};
const open = async (statementTimeoutMs?: number) => {
  const databaseUrl = await server().createDatabase();
  const opened = await openDatabase({ databaseUrl, dataDir: "", poolSize: 4, statementTimeoutMs });
  database = opened;
  return opened;
};
const next = (on: (listener: () => void) => () => void) => new Promise<void>((resolve) => on(resolve));
const outcome = async (work: Promise<unknown>) => {
  try {
    await work;
    return "ok";
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};
const since = (startedAt: number) => performance.now() - startedAt;
const ping = (db: Database) => db.guard(() => db.sql`select 1`);
const backendsOf = async (db: Database): Promise<number[]> => {
  const count = Array.from(
    { length: 4 },
    () => db.sql<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.05)`,
  );
  return [...new Set((await Promise.all(count)).map(([row]) => row?.pid ?? 0))];
};

test("[G11] a paused PostgreSQL is found within 2 s: what is in flight and what comes is unavailable, until it goes on", async () => {
  const db = await open();
  const order: string[] = [];
  db.onDown(() => order.push("down"));
  db.onUp(() => order.push("up"));
  const before = db.sql;
  server().pause();
  const pausedAt = performance.now();
  const inFlight = [ping(db), db.guard(() => db.orm.execute("select 2"))].map(async (work) => {
    order.push(await outcome(work));
  });
  await Promise.all(inFlight);
  expect(since(pausedAt)).toBeLessThan(2_000);
  expect(db.state).toBe("down");
  expect(await outcome(db.guard(() => Promise.reject(new Error("was called"))))).toBe("unavailable");
  const up = next(db.onUp);
  server().resume();
  const resumedAt = performance.now();
  await up;
  expect(db.state).toBe("up");
  expect(await outcome(ping(db))).toBe("ok");
  expect(since(resumedAt)).toBeLessThan(3_000);
  expect(db.sql).not.toBe(before);
  expect(order).toEqual(["down", "unavailable", "unavailable", "up"]);
});

test("[G11] a killed PostgreSQL is found within 2 s, and again within 3 s of its start", async () => {
  const db = await open();
  await ping(db);
  const down = next(db.onDown);
  const inFlight = outcome(db.guard(() => db.sql`select pg_sleep(9)`));
  const killedAt = performance.now();
  await server().kill();
  expect(await inFlight).toBe("unavailable");
  await down;
  expect(since(killedAt)).toBeLessThan(2_000);
  expect(await outcome(ping(db))).toBe("unavailable");
  const up = next(db.onUp);
  await server().restart();
  const startedAt = performance.now();
  await up;
  expect(await outcome(ping(db))).toBe("ok");
  expect(since(startedAt)).toBeLessThan(3_000);
});

test("what was sent before a pause is not carried out after the outage", async () => {
  const db = await open();
  await db.sql`create table kept (id int)`;
  const lost = await backendsOf(db);
  server().pause();
  const writes = Array.from({ length: 4 }, (_, id) =>
    outcome(db.guard(() => db.sql.unsafe(`insert into kept values (${id})`))),
  );
  expect(await Promise.all(writes)).toEqual(["unavailable", "unavailable", "unavailable", "unavailable"]);
  const up = next(db.onUp);
  // The old sessions stay paused with the statements in their sockets, as on a machine that is slow to come back.
  for (const pid of pidsBelow(server().pid)) if (!lost.includes(pid)) process.kill(pid, "SIGCONT");
  await up;
  for (const pid of lost) process.kill(pid, "SIGCONT");
  await sessionsGone(lost);
  expect(await db.sql`select id from kept`).toHaveLength(0);
});

test("one connection that is cut fails its own call only, and the listeners look at the log again", async () => {
  const db = await open();
  let outages = 0;
  db.onDown(() => outages++);
  const before = db.sql;
  const [row] = await db.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const up = next(db.onUp);
  const cut = outcome(db.guard(() => db.sql`select pg_terminate_backend(pg_backend_pid())`));
  const other = outcome(db.guard(() => db.sql`select pg_sleep(0.3)`));
  expect(row?.pid).toBeNumber();
  expect(await cut).toBe("unavailable");
  await up;
  expect(await other).toBe("ok");
  expect(await outcome(ping(db))).toBe("ok");
  expect(outages).toBe(0);
  expect(db.sql).toBe(before);
});

test("a single session that stands still is given up after its deadline, and the others work on", async () => {
  const db = await open(300);
  let outages = 0;
  db.onDown(() => outages++);
  const [pid = 0] = await backendsOf(db);
  process.kill(pid, "SIGSTOP");
  const calls = await Promise.all(Array.from({ length: 8 }, () => outcome(ping(db))));
  expect(calls).toContain("ok");
  expect(calls).toContain("unavailable");
  expect(await backendsOf(db)).not.toContain(pid);
  expect(outages).toBe(0);
  process.kill(pid, "SIGCONT");
});

test("a migration may take longer than any statement", async () => {
  const db = await open(300);
  const slow = { name: "0000_slow", release: "0.1.0", hash: "h", up: "select pg_sleep(3)", down: "" };
  expect(await migrateUp(db, [slow])).toEqual(["0000_slow"]);
});

test("an event loop of our own that stands still is not taken for an outage", async () => {
  const db = await open();
  let outages = 0;
  db.onDown(() => outages++);
  const looked = next(db.onUp);
  await outcome(db.guard(() => db.sql`select pg_terminate_backend(pg_backend_pid())`)); // makes it probe now
  const inFlight = outcome(db.guard(() => db.sql`select pg_sleep(0.1)`));
  for (let i = 0; i < 20; i++) await Promise.resolve(); // the probe is asked, and not yet written to its socket
  Bun.sleepSync(2_500);
  await looked;
  expect(await inFlight).toBe("ok");
  expect(await outcome(ping(db))).toBe("ok");
  expect(outages).toBe(0);
});

test("a closed database takes no more calls and leaves no session behind", async () => {
  const db = await open();
  await backendsOf(db);
  await db.close();
  expect(await outcome(ping(db))).toBe("unavailable");
  await sessionsGone();
});

/** Resolves when the server has none of these sessions (without `pids`: none of ours) any more. */
async function sessionsGone(pids?: readonly number[]): Promise<void> {
  const sql = postgres(server().url, { max: 1 });
  const which = pids ? `pid in (${pids.join(",")})` : "application_name like 'taskwire%'";
  while ((await sql.unsafe(`select 1 from pg_stat_activity where ${which}`)).length > 0);
  await sql.end();
}
