/** A hundred thousand reminders that are due at one moment, while people go on working. */
import { type Database, openDatabase } from "../../../src/db/open.ts";
import { openClient } from "../../support/contract-client.ts";
import { inTime } from "../../support/load.ts";
import { median, type Running } from "../harness.ts";
import { type Bench, once, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { type Size, seedTaskwire, taskUuid, taskwireUpdate, token } from "../targets.ts";

const count = 100_000;
const remindedPeople = 1_000;
/** Who goes on working, in rooms of their own. */
const size: Size = { rooms: 8, members: 5, tasks: 800 };
const updatesPerSecond = 50;
const idleSeconds = 15;
/** What the server does at its start is over by then. */
const settleMs = 4_000;
const deadlineMs = 300_000;

interface Got {
  readonly ok: boolean;
  /** From the moment they are due until the last is told. */
  readonly seconds: number;
  readonly idleP99Ms: number;
  readonly busyP99Ms: number;
}

export const reminders: Scenario = (bench) =>
  withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      const all: Got[] = [];
      for (let round = 0; round < bench.rounds; round++) {
        const databaseUrl = await postgres.createDatabase();
        await seedTaskwire(databaseUrl, dataDir, size);
        const database = await openDatabase({ databaseUrl, dataDir, poolSize: 1, statementTimeoutMs: 60_000 });
        await fill(database);
        const target = taskwireUpdate({ databaseUrl, command: bench.command }, dataDir);
        all.push(await once(target, (server) => measure(server, database)));
        await database.close();
      }
      tell(bench, all);
    }),
  );

function tell({ lines }: Bench, all: readonly Got[]): void {
  const shared = { scenario: "reminders", case: `${count} due at once, ${updatesPerSecond} updates/s beside` };
  lines.add({
    ...shared,
    measure: "s until the last is told",
    taskwire: median(all.map(({ seconds }) => seconds)),
    unit: "s",
    bound: { of: "value", is: "at most", figure: 60 },
  });
  lines.add({
    ...shared,
    measure: "ms to the answer of an update, p99",
    taskwire: median(all.map(({ busyP99Ms }) => busyP99Ms)),
    limit: median(all.map(({ idleP99Ms }) => idleP99Ms)),
    than: "the same without reminders",
    bound: { of: "ratio", is: "at most", figure: 3 },
  });
}

/** People with a task each time, in projects of ten. The reminders are written when they are to become due. */
async function fill({ sql }: Database): Promise<void> {
  await sql`create table person as select n, gen_random_uuid() as id from generate_series(0, ${remindedPeople - 1}::int) n`;
  await sql`insert into users (id, name, email) select id, 'R' || n, id || '@example.org' from person`;
  await sql`insert into rooms (id, kind, epoch) select id, 'user', 'e' from person`;
  await sql`create table project as select n, gen_random_uuid() as id from generate_series(0, 99) n`;
  await sql`insert into projects (id, key, name, created_by) select id, 'R' || n, 'Project', id from project`;
  await sql`insert into rooms (id, kind, epoch) select id, 'project', 'e' from project`;
  await sql`insert into members (project_id, user_id, role)
    select p.id, u.id, 'member' from person u join project p on p.n = u.n % 100`;
  await sql`insert into tasks (id, project_id, number, key, title, status, position, created_by, due_at, assignee_ids)
    select gen_random_uuid(), p.id, i, 'R-' || i, 'Order the new chairs', 'todo', 'a1', p.id,
      date_trunc('milliseconds', now()), array[u.id]
    from generate_series(1, ${count}::int) i
      join person u on u.n = i % ${remindedPeople}::int join project p on p.n = u.n % 100`;
  await sql`analyze`;
}

const leadMs = 15_000;

async function measure(server: Running, database: Database): Promise<Got> {
  const { sql } = database;
  await Bun.sleep(settleMs);
  const idle = await startUpdates(server);
  await Bun.sleep(idleSeconds * 1_000);
  const idleMs = await idle.stop();
  const [due] = await sql<{ left_ms: number }[]>`
    with made as (
      insert into reminders (id, task_id, user_id, kind, offset_minutes, due_at, remind_at)
      select gen_random_uuid(), id, assignee_ids[1], 'due', 0, due_at, now() + ${leadMs}::int * interval '1 ms'
      from tasks where due_at is not null)
    select (extract(epoch from now() + ${leadMs}::int * interval '1 ms' - clock_timestamp()) * 1000)::float8 as left_ms`;
  const dueAt = performance.now() + (due?.left_ms ?? 0);
  await sql`analyze reminders`;
  await Bun.sleep(Math.max(0, dueAt - performance.now()));
  const busy = await startUpdates(server);
  // The server itself has planned that they are overdue tomorrow.
  const left = async () =>
    (await sql`select from reminders where fired_at is null and remind_at <= now() limit 1`).length;
  const wait = async (): Promise<void> => {
    while ((await left()) > 0) await Bun.sleep(100);
  };
  await inTime(wait(), "the reminders", undefined, deadlineMs);
  const seconds = (performance.now() - dueAt) / 1_000;
  const busyMs = await busy.stop();
  const [told] = await sql<{ events: number; entries: number }[]>`
    select (select count(*)::int from events where event = 'due_date_reminder') as events,
      (select count(distinct task_id)::int from notifications) as entries`;
  return {
    ok: told?.events === count && told.entries === count,
    seconds,
    idleP99Ms: p99(idleMs),
    busyP99Ms: p99(busyMs),
  };
}

const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;

/** Updates at an even pace, each timed from the moment at which it was to be sent, however late it is. */
async function startUpdates({ port }: Running) {
  const url = `http://127.0.0.1:${port}`;
  const rooms = Array.from({ length: size.rooms }, (_, i) => i + 1);
  const clients = await Promise.all(
    rooms.map(async (room) => {
      const client = await openClient({ url, token: token((room - 1) * size.members + 1) });
      return { client, task: taskUuid(room) };
    }),
  );
  const tookMs: number[] = [];
  const sent: Promise<void>[] = [];
  const from = performance.now();
  const tick = (): void => {
    for (let due = dueOf(sent.length); due <= performance.now(); due = dueOf(sent.length)) sent.push(update(due));
  };
  const dueOf = (n: number): number => from + (n * 1_000) / updatesPerSecond;
  const update = async (due: number): Promise<void> => {
    const n = sent.length;
    const one = clients[n % clients.length];
    if (!one) throw new Error("there are clients");
    await one.client.request("task_update", { task_id: one.task, changes: { title: `Update ${n} ${due}` } });
    tookMs.push(performance.now() - due);
  };
  const timer = setInterval(tick, 1);
  return {
    /** Milliseconds of each. */
    async stop(): Promise<readonly number[]> {
      clearInterval(timer);
      await Promise.all(sent);
      for (const { client } of clients) client.close();
      return tookMs;
    },
  };
}
