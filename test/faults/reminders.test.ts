import { describe, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { api } from "../support/contract-client.ts";
import { inTime, percentile } from "../support/load.ts";
import { createRandom } from "../support/random.ts";
import { makeReminders } from "../support/reminders.ts";
import type { ServerProcess } from "../support/server.ts";
import { faultKinds, type Kind, report, rounds, roundsTimeoutMs, seedOf } from "./rounds.ts";

/** Of each round, all due at once: two batches at least, so that a kill comes between. */
const perRoundOf = { embedded: 400, postgres: 1_000 } as const satisfies Record<Kind["name"], number>;
const peopleCount = 20;
/** Nothing here takes as long; what does, hangs. */
const deadlineMs = 60_000;

interface Person {
  readonly id: string;
  readonly token: string;
}

/** What the servers of a test remind of: people and their project. */
interface Team {
  readonly people: readonly Person[];
  readonly projectId: string;
}

async function makeTeam({ url, token }: ServerProcess): Promise<Team> {
  const people: Person[] = [];
  for (let i = 0; i < peopleCount; i++) {
    const person = { url, token: await token(`reminded-${i}`) };
    people.push({ ...person, id: (await api<{ id: string }>(person, "GET", "/api/me")).id });
  }
  const owner = { url, token: people[0]?.token ?? "" };
  const { id } = await api<{ id: string }>(owner, "POST", "/api/projects", { name: "Reminded" });
  for (const person of people.slice(1))
    await api(owner, "POST", `/api/projects/${id}/members`, { user_id: person.id, role: "member" });
  return { people, projectId: id };
}

/** Writes a round's tasks, due by now, with a reminder each. */
async function makeDue(database: Database, { people, projectId }: Team, count: number): Promise<void> {
  const { sql } = database;
  const tasks = await sql<{ id: string }[]>`
    insert into tasks (id, project_id, number, key, title, status, position, created_by)
    select gen_random_uuid(), p.id, p.task_count + n, 'R-' || p.task_count + n, 'Task', 'todo', 'a', p.created_by
    from projects p, generate_series(1, ${count}::int) n where p.id = ${projectId} returning id`;
  await sql`update projects set task_count = task_count + ${count} where id = ${projectId}`;
  await makeReminders(
    database,
    tasks.map(({ id }, i) => ({ taskId: id, userId: people[i % people.length]?.id ?? "", agoMs: i })),
  );
}

interface Told {
  readonly entries: number;
  readonly tasks: number;
  readonly events: number;
  readonly told: number;
  readonly left: number;
}

async function toldOf({ sql }: Database): Promise<Told> {
  const [row] = await sql<Told[]>`
    select (select count(*)::int from notifications where category = 'reminders') as entries,
      (select count(distinct task_id)::int from notifications where category = 'reminders') as tasks,
      (select count(*)::int from events where event = 'due_date_reminder') as events,
      (select count(distinct data::json -> 'notification' ->> 'id')::int from events
        where event = 'due_date_reminder') as told,
      (select count(*)::int from reminders where fired_at is null) as left`;
  if (!row) throw new Error("there is no answer");
  return row;
}

function expectOnce(told: Told, count: number): void {
  expect(told).toEqual({ entries: count, tasks: count, events: count, told: count, left: 0 });
}

/** Entries in all inboxes. */
async function unread({ url }: ServerProcess, { people }: Team): Promise<number> {
  const counts = people.map(({ token }) =>
    api<{ unread_count: number }>({ url, token }, "GET", "/api/notifications?limit=1"),
  );
  return (await Promise.all(counts)).reduce((sum, { unread_count }) => sum + unread_count, 0);
}

/** Settles when so many are told, as `read` counts them. */
async function until(read: () => Promise<number>, count: number): Promise<void> {
  let now = 0;
  const wait = async (): Promise<void> => {
    while (now < count) now = await read();
  };
  await inTime(wait(), "the reminders", () => `${now} of ${count} told`, deadlineMs);
}

const figuresOf = (told: Told, count: number) => ({
  acked: count,
  refused: 0,
  lost: count - told.tasks,
  duplicate: told.entries - told.tasks,
  gap: 0,
  outOfOrder: 0,
  diverged: 0,
  resumeP99Ms: 0,
});

for (const kind of await faultKinds()) {
  describe(`reminders, ${kind.name}`, () => {
    test("[G6] a server that is killed while it tells them tells each once", () => killed(kind), roundsTimeoutMs);

    // Two processes cannot share the embedded database.
    if (!kind.postgres) return;
    test("[G6] one of two servers is killed while it tells them: the other takes over", () => oneOfTwo(kind), {
      timeout: roundsTimeoutMs,
    });
  });
}

/** The rows are written while nothing runs: the server was down when they were due. */
async function killed(kind: Kind): Promise<void> {
  const perRound = perRoundOf[kind.name];
  const databaseUrl = await kind.database();
  await using server = await kind.server({ databaseUrl });
  const team = await makeTeam(server);
  const withDatabase = async <Answer>(work: (database: Database) => Promise<Answer>): Promise<Answer> => {
    await server.kill("SIGKILL");
    const database = await openDatabase({ databaseUrl, dataDir: server.dataDir, poolSize: 2 });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };
  for (let round = 1; round <= rounds; round++) {
    const random = createRandom(seedOf(round));
    const before = (round - 1) * perRound;
    await withDatabase((database) => makeDue(database, team, perRound));
    await server.start();
    await until(() => unread(server, team), before + 1 + random.int(perRound / 2));
    await server.kill("SIGKILL");
    await server.start();
    await until(() => unread(server, team), round * perRound);
  }
  const told = await withDatabase(toldOf);
  report("reminders, kill -9", kind.name, figuresOf(told, rounds * perRound));
  expectOnce(told, rounds * perRound);
}

async function oneOfTwo(kind: Kind): Promise<void> {
  const perRound = perRoundOf[kind.name];
  const databaseUrl = await kind.database();
  const options = { databaseUrl, env: { BROKER: "postgres" } };
  await using one = await kind.server(options);
  await using other = await kind.server(options);
  const team = await makeTeam(one);
  const database = await openDatabase({ databaseUrl, dataDir: one.dataDir, poolSize: 2 });
  const takeoversMs: number[] = [];
  const entries = async (): Promise<number> => {
    const [row] = await database.sql<{ count: number }[]>`select count(*)::int as count from notifications`;
    return row?.count ?? 0;
  };
  for (let round = 1; round <= rounds; round++) {
    const random = createRandom(seedOf(round));
    const before = (round - 1) * perRound;
    await makeDue(database, team, perRound);
    await until(entries, before + 1 + random.int(perRound / 2));
    const victim = round % 2 ? one : other;
    await victim.kill("SIGKILL");
    const killedAt = performance.now();
    await until(entries, round * perRound);
    takeoversMs.push(performance.now() - killedAt);
    await victim.start();
  }
  const told = await toldOf(database);
  await database.close();
  const takeover_p99_ms = percentile(takeoversMs, 0.99);
  report("reminders, one of two servers killed", kind.name, figuresOf(told, rounds * perRound), { takeover_p99_ms });
  expectOnce(told, rounds * perRound);
  expect(takeover_p99_ms).toBeLessThan(10_000);
}
