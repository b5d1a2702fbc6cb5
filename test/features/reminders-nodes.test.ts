import { describe, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { createReminderLoop, type ReminderLoop } from "../../src/features/reminders/loop.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeProject, silent } from "../support/nodes.ts";
import { makeReminders, storeOf } from "../support/reminders.ts";

/** 1,000 in a test run; `REMINDERS=10000` for a long one. */
const count = Number(process.env.REMINDERS ?? 1_000);
const kills = 5;

interface Node {
  readonly loop: ReminderLoop;
  readonly clock: MovableClock;
}

function startNode(database: Database): Node {
  const clock = createMovableClock();
  const available = { mail: true, push: false };
  const wake = () => {};
  const loop = createReminderLoop({ store: storeOf(database), clock, log: silent, available, tickMs: 1_000, wake });
  loop.start();
  return { loop, clock };
}

/** Reminders of a hundred people. */
async function setUp(database: Database): Promise<void> {
  // What runs besides would be killed in its place.
  await database.sql`insert into meta (key, value) values ('reminders_planned', 'true')`;
  const members = Array.from({ length: 100 }, (_, i) => makeActor(`Person ${i}`));
  const { taskIds } = await makeProject(database, members, 0).then(async (project) => {
    const ids = Array.from({ length: count }, () => Bun.randomUUIDv7());
    await database.sql.unsafe(
      `insert into tasks (id, project_id, number, key, title, status, position, created_by)
      select x, $2::uuid, n, 'P-' || n, 'Task', 'todo', 'a', $2::uuid from unnest($1::uuid[]) with ordinality u(x, n)`,
      [`{${ids.join()}}`, project.id],
    );
    return { taskIds: ids };
  });
  await makeReminders(
    database,
    taskIds.map((taskId, i) => ({ taskId, userId: members[(i * 7) % members.length]?.id ?? "", agoMs: i % 1_000 })),
  );
}

async function left({ sql }: Database): Promise<number> {
  const [row] = await sql<{ left: number }[]>`
    select count(*)::int as left from reminders where fired_at is null and remind_at <= now()`;
  return row?.left ?? -1;
}

/** Everything that became of them, and how many are the only one of their task. */
async function outcome({ sql }: Database) {
  const [row] = await sql<Record<"entries" | "tasks" | "events" | "told" | "deliveries" | "gaps", number>[]>`
    select (select count(*)::int from notifications) as entries,
      (select count(distinct task_id)::int from notifications) as tasks,
      (select count(*)::int from events where event = 'due_date_reminder') as events,
      (select count(distinct data::json -> 'notification' ->> 'id')::int from events) as told,
      (select count(*)::int from deliveries) as deliveries,
      (select count(*)::int from rooms r where r.kind = 'user'
        and r.seq <> (select count(*) from events e where e.room_id = r.id)) as gaps`;
  return { ...row };
}

const all = { entries: count, tasks: count, events: count, told: count, deliveries: count, gaps: 0 };

async function untilTold(database: Database, nodes: readonly Node[], during = async () => {}): Promise<void> {
  while ((await left(database)) > 0) {
    for (const { clock } of nodes) clock.advance(1_000);
    await during();
  }
  for (const { loop } of nodes) await loop.stop();
}

for (const kind of databases) {
  describe(`two loops at the same reminders on ${kind.name}`, () => {
    const withDatabase = async (work: (db: TestDatabase) => Promise<void>): Promise<void> => {
      const db = await kind.open();
      try {
        await setUp(db.database);
        await work(db);
      } finally {
        await db.close();
      }
    };

    test("[G6] each is told once", () =>
      withDatabase(async ({ database }) => {
        await untilTold(database, [startNode(database), startNode(database)]);
        expect(await outcome(database)).toEqual(all);
      }));

    if (kind.kind === "embedded") return;

    test("[G6] each is told once, also where one of them dies in the middle of its transactions", () =>
      withDatabase(async ({ database, url, dataDir }) => {
        const databaseUrl = `${url}?application_name=victim`;
        const victim = await openDatabase({ databaseUrl, dataDir, poolSize: 4 });
        let killed = 0;
        const kill = async (): Promise<void> => {
          if (killed >= kills) return;
          // A transaction that has a number has written something that is not committed.
          const gone = await database.sql`select pg_terminate_backend(pid) from pg_stat_activity
            where application_name like 'victim%' and backend_xid is not null`;
          killed += gone.length;
        };
        const dying = startNode(victim);
        // Alone at first, so that it is in the middle of something when it dies.
        while (killed < kills && (await left(database)) > 0) {
          dying.clock.advance(1_000);
          await kill();
        }
        expect(killed).toBeGreaterThanOrEqual(kills);
        expect(await left(database)).toBeGreaterThan(0);
        await untilTold(database, [dying, startNode(database)]);
        await victim.close();
        expect(await outcome(database)).toEqual(all);
      }));
  });
}
