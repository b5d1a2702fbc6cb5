import { describe, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { percentile } from "../support/load.ts";
import { createRandom } from "../support/random.ts";
import { makeReminders } from "../support/reminders.ts";
import { faultKinds, type Kind, report, rounds, roundsTimeoutMs, seedOf } from "./rounds.ts";
import { expectOnce, figuresOf, makeTeam, remindersRead, type Team, toldOf, until, withDatabase } from "./told.ts";

/** Of each round, all due at once: two batches at least, so that a kill comes between. On PostgreSQL 10,000 in 5 rounds. */
const perRoundOf = { embedded: 400, postgres: 2_000 } as const satisfies Record<Kind["name"], number>;
const peopleCount = 20;

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
  const team = await makeTeam(server, peopleCount);
  for (let round = 1; round <= rounds; round++) {
    const random = createRandom(seedOf(round));
    const before = (round - 1) * perRound;
    await withDatabase(server, databaseUrl, (database) => makeDue(database, team, perRound));
    await server.start();
    await until(() => remindersRead(server, team), before + 1 + random.int(perRound / 2));
    await server.kill("SIGKILL");
    await server.start();
    await until(() => remindersRead(server, team), round * perRound);
  }
  const told = await withDatabase(server, databaseUrl, toldOf);
  report("reminders, kill -9", kind.name, figuresOf(told, rounds * perRound));
  expectOnce(told, rounds * perRound);
}

async function oneOfTwo(kind: Kind): Promise<void> {
  const perRound = perRoundOf[kind.name];
  const databaseUrl = await kind.database();
  const options = { databaseUrl, env: { BROKER: "postgres" } };
  await using one = await kind.server(options);
  await using other = await kind.server(options);
  const team = await makeTeam(one, peopleCount);
  const database = await openDatabase({ databaseUrl, dataDir: one.dataDir, poolSize: 2 });
  const takeoversMs: number[] = [];
  const entries = async (): Promise<number> => {
    const [row] = await database.sql<
      { count: number }[]
    >`select count(*)::int as count from notifications where category = 'reminders'`;
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
