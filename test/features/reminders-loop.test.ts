import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createReminderLoop } from "../../src/features/reminders/loop.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeProject, silent } from "../support/nodes.ts";
import { heard, makeReminders, storeOf, waiting } from "../support/reminders.ts";

const day = 24 * 60 * 60_000;

for (const kind of databases) {
  describe(`the loop that tells reminders on ${kind.name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await kind.open();
    });
    afterAll(() => db.close());

    const start = () => {
      const clock = createMovableClock();
      let woken = 0;
      const loop = createReminderLoop({
        store: storeOf(db.database),
        clock,
        log: silent,
        available: { mail: false, push: false },
        tickMs: 1_000,
        wake: () => void woken++,
      });
      loop.start();
      return { clock, loop, woken: () => woken };
    };
    /** Moves the clock until `done`. */
    const until = async (clock: { advance(ms: number): void }, stepMs: number, done: () => Promise<boolean>) => {
      while (!(await done())) clock.advance(stepMs);
    };

    test("tasks that were due before there were reminders are planned at the first start, and only then", async () => {
      const { sql } = db.database;
      const ana = makeActor("Ana");
      const { taskIds } = await makeProject(db.database, [ana], 3);
      const [due = "", past = "", later = ""] = taskIds;
      const dueMs = Math.floor(Date.now() / day) * day + 10.5 * day;
      const set = (taskId: string, atMs: number) => sql`
        update tasks set due_at = ${new Date(atMs).toISOString()}, assignee_ids = ${`{${ana.id}}`}::uuid[] where id = ${taskId}`;
      await set(due, dueMs);
      await set(past, dueMs - 20 * day);
      const planned = async () =>
        (await sql<{ done: boolean }[]>`select true as done from meta where key = 'reminders_planned'`).length > 0;
      const first = start();
      await until(first.clock, 1_000, planned);
      await first.loop.stop();
      expect((await waiting(db.database, due, ana.id)).map((one) => one.slice(0, -25))).toEqual([
        "upcoming 1440",
        "upcoming 60",
        "due 0",
        "overdue 0",
      ]);
      expect(await waiting(db.database, past, ana.id)).toEqual([]);
      expect(await heard(db.database, ana.id)).toEqual([]);
      await set(later, dueMs);
      const second = start();
      await makeReminders(db.database, [{ taskId: past, userId: ana.id }]);
      await until(second.clock, 1_000, async () => (await heard(db.database, ana.id)).length === 1);
      await second.loop.stop();
      expect(await waiting(db.database, later, ana.id)).toEqual([]);
    });

    test("what becomes due is told at the next tick, and whoever sends mail is woken", async () => {
      const ana = makeActor("Ana");
      const { taskIds } = await makeProject(db.database, [ana], 1);
      const { clock, loop, woken } = start();
      await makeReminders(db.database, [{ taskId: taskIds[0] ?? "", userId: ana.id }]);
      await until(clock, 1_000, async () => (await heard(db.database, ana.id)).length === 1);
      await loop.stop();
      expect(woken()).toBe(1);
      clock.advance(10_000);
      expect((await heard(db.database, ana.id)).length).toBe(1);
    });

    test("rows told more than 30 days ago go; their entries stay", async () => {
      const { sql } = db.database;
      const ana = makeActor("Ana");
      const { taskIds } = await makeProject(db.database, [ana], 2);
      const [old = "", recent = ""] = taskIds;
      await makeReminders(db.database, [
        { taskId: old, userId: ana.id },
        { taskId: recent, userId: ana.id },
      ]);
      const { clock, loop } = start();
      await until(clock, 1_000, async () => (await heard(db.database, ana.id)).length === 2);
      await sql`update reminders set fired_at = now() - interval '31 days' where task_id = ${old}`;
      await sql`update reminders set fired_at = now() - interval '29 days' where task_id = ${recent}`;
      const left = async () => {
        const rows = await sql<{ id: string }[]>`select task_id as id from reminders where user_id = ${ana.id}`;
        return rows.map(({ id }) => id);
      };
      await until(clock, 60 * 60_000, async () => !(await left()).includes(old));
      await loop.stop();
      expect(await left()).toEqual([recent]);
      const [kept] = await sql<{ count: number }[]>`
        select count(*)::int as count from notifications where user_id = ${ana.id}`;
      expect(kept?.count).toBe(2);
    });
  });
}
