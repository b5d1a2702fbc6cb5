import { expect, test } from "bun:test";
import { type Tx, transact } from "../../src/db/context.ts";
import type { Database } from "../../src/db/open.ts";
import { fireDue } from "../../src/features/reminders/fire.ts";
import { planPerson, planTaskOf, planTasks } from "../../src/features/reminders/plan.ts";
import { systemCtx } from "../../src/realtime/log.ts";
import { databases } from "../support/db.ts";
import { makeActor, makeProject } from "../support/nodes.ts";
import { makeReminders, storeOf } from "../support/reminders.ts";

/** 2,000 other people, each with ten tasks of tomorrow, their reminders, wishes and what they were told before. */
async function fill({ sql }: Database): Promise<void> {
  await sql`create table seed as select n, gen_random_uuid() as id, gen_random_uuid() as person
    from generate_series(1, 2000) n`;
  await sql`insert into users (id, name, email) select person, 'x', person || '@example.org' from seed`;
  await sql`insert into projects (id, key, name, created_by) select id, 'S' || n, 'x', person from seed`;
  await sql`insert into rooms (id, kind, epoch) select person, 'user', 'e' from seed`;
  await sql`insert into members (project_id, user_id, role) select id, person, 'owner' from seed`;
  await sql`insert into tasks (id, project_id, number, key, title, status, position, created_by, due_at, assignee_ids)
    select gen_random_uuid(), id, i, 'x', 'x', 'todo', 'a1', person, now() + interval '1 day', array[person]
    from seed, generate_series(1, 10) i`;
  // In parts: a statement of the embedded database that takes ten seconds ends the engine.
  for (const part of [0, 1, 2, 3])
    await sql`insert into reminders (id, task_id, user_id, kind, offset_minutes, due_at, remind_at, fired_at)
      select gen_random_uuid(), id, assignee_ids[1], 'upcoming', o, due_at, due_at,
        case o when 60 then now() - interval '1 day' end from tasks, unnest(array[5, 60]) o where number % 4 = ${part}::int`;
  await sql`insert into task_reminders (id, task_id, user_id, offset_minutes)
    select gen_random_uuid(), id, assignee_ids[1], 5 from tasks`;
  await sql`insert into notification_preferences (user_id, settings) select person, '{}' from seed`;
  await sql`insert into notifications (id, user_id, type, category, message, task_id)
    select gen_random_uuid(), assignee_ids[1], 'due', 'reminders', 'x', id from tasks`;
  await sql`drop table seed`;
  await sql`analyze`;
}

const watched = ["users", "rooms", "members", "tasks", "reminders", "task_reminders", "notification_preferences"];

interface Reads {
  readonly relname: string;
  readonly seq_scan: number;
  readonly idx_tup_fetch: number;
}

/** Of the pool that tests open. */
const connections = 10;

/** Each connection keeps its counts to itself until it is told to give them out. */
async function readsOf({ sql }: Database): Promise<Reads[]> {
  await Promise.all(Array.from({ length: connections }, () => sql`select pg_stat_force_next_flush(), pg_sleep(0.1)`));
  return sql<Reads[]>`select relname, seq_scan, idx_tup_fetch from pg_stat_user_tables
    where relname = any(${watched}::text[]) order by relname`;
}

/** All that is done below together; one scan of an index would fetch more. */
const fetchedMax = 1_900;

for (const { name, open } of databases)
  test(`planning and telling read no whole table, whatever others wait for: on ${name}`, async () => {
    const db = await open();
    try {
      const { database } = db;
      const ctx = systemCtx({ store: storeOf(database) }, "test");
      const write = (work: (tx: Tx) => Promise<void>) => transact<void>(ctx, { rooms: [], work, replay: () => {} });
      await fill(database);
      const ana = makeActor("Ana");
      const { taskIds } = await makeProject(database, [ana], 3);
      const before = await readsOf(database);
      expect(before.map(({ relname }) => relname)).toEqual([...watched].sort());
      // Often enough for PostgreSQL to choose a plan for all values.
      for (let round = 0; round < 8; round++) {
        await makeReminders(
          database,
          taskIds.map((taskId) => ({ taskId, userId: ana.id })),
        );
        expect(await fireDue(ctx, { mail: true, push: true }, () => true)).toEqual({ told: 3, dropped: 0 });
        await write((tx) => planTasks(tx, taskIds, ({ nowMs }) => ({ assigned: nowMs, own: nowMs })));
        await write((tx) => planTaskOf(tx, taskIds[0] ?? "", ana.id));
        await write((tx) => planPerson(tx, ana.id));
      }
      const after = await readsOf(database);
      const scans = (reads: Reads[]) => reads.map(({ relname, seq_scan }) => [relname, seq_scan]);
      expect(scans(after)).toEqual(scans(before));
      const fetched = after.map(({ relname, idx_tup_fetch }, i): [string, number] => [
        relname,
        idx_tup_fetch - (before[i]?.idx_tup_fetch ?? 0),
      ]);
      expect(fetched.filter(([, rows]) => rows > fetchedMax)).toEqual([]);
    } finally {
      await db.close();
    }
  });
