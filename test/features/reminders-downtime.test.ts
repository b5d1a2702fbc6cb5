import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Actor } from "../../src/db/context.ts";
import { fireDue } from "../../src/features/reminders/fire.ts";
import { reminderPlanning } from "../../src/features/reminders/from-events.ts";
import { createProcessor } from "../../src/jobs/processor.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { systemCtx } from "../../src/realtime/log.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeProject, silent, type TestProject } from "../support/nodes.ts";
import { heard, planned, storeOf } from "../support/reminders.ts";

const minute = 60_000;
const hour = 60 * minute;
const iso = (atMs: number): string => new Date(atMs).toISOString();

/** What an event says of a task, as far as reminders look at it. */
type Said = Pick<Task, "due_at" | "all_day" | "assignee_ids" | "completed_at" | "archived_at">;

for (const kind of databases) {
  describe(`what happened to tasks is read late on ${kind.name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await kind.open();
    });
    afterAll(() => db.close());

    const now = Date.now();
    const setUp = async () => {
      const [ana, ben] = [makeActor("Ana"), makeActor("Ben")];
      const project = await makeProject(db.database, [ana, ben], 1);
      return { ana, ben, project, taskId: project.taskIds[0] ?? "" };
    };

    /** Writes the events as if they had been committed then, and the task as the last of them says. */
    const happened = async (
      project: TestProject,
      events: readonly {
        readonly event: string;
        readonly agoMs: number;
        readonly said: Said;
        readonly changes?: object;
      }[],
    ): Promise<void> => {
      const { sql } = db.database;
      const taskId = project.taskIds[0] ?? "";
      for (const [i, { event, agoMs, said, changes }] of events.entries()) {
        const data = JSON.stringify({ task: { id: taskId, ...said }, task_id: taskId, ...(changes && { changes }) });
        await sql`insert into events (room_id, seq, event, at, data)
          values (${project.id}, ${i + 1}, ${event}, ${iso(now - agoMs)}, ${data})`;
      }
      await sql`update rooms set seq = ${events.length} where id = ${project.id}`;
      const { due_at, all_day, assignee_ids, completed_at, archived_at } = events.at(-1)?.said ?? said(null, []);
      await sql`update tasks set due_at = ${due_at}, all_day = ${all_day}, completed_at = ${completed_at},
        archived_at = ${archived_at}, assignee_ids = ${`{${assignee_ids.join()}}`}::uuid[] where id = ${taskId}`;
    };
    const said = (dueMs: number | null, people: readonly Actor[], done = false): Said => ({
      due_at: dueMs === null ? null : iso(dueMs),
      all_day: false,
      assignee_ids: people.map(({ id }) => id),
      completed_at: done ? iso(now) : null,
      archived_at: null,
    });

    /** The processor comes back, then the loop: what a person hears, as `kind` and whether it is late. */
    const comeBack = async (project: TestProject, people: readonly Actor[]): Promise<unknown[][]> => {
      const store = storeOf(db.database);
      const clock = createMovableClock();
      const processor = createProcessor({ kind: reminderPlanning, store, clock, log: silent });
      processor.start();
      processor.grown(project.id, 1);
      clock.advance(250);
      await planned(db.database, project.id);
      await processor.stop();
      await fireDue(systemCtx({ store }, "test"), { mail: false, push: false }, () => true);
      return Promise.all(
        people.map(async ({ id }) => (await heard(db.database, id)).map(({ data }) => [data.kind, data.late])),
      );
    };

    test("what became due meanwhile is told, late; what was past when it was set is not", async () => {
      const { ana, project } = await setUp();
      const dueMs = now - 30 * minute;
      // Made two hours ago: an hour before was to come, a day before was past.
      await happened(project, [{ event: "task_created", agoMs: 2 * hour, said: said(dueMs, [ana]) }]);
      expect(await comeBack(project, [ana])).toEqual([
        [
          ["upcoming", true],
          ["due", true],
        ],
      ]);
    });

    test("each person counts from when they were assigned", async () => {
      const { ana, ben, project } = await setUp();
      const dueMs = now - 30 * minute;
      await happened(project, [
        { event: "task_created", agoMs: 2 * hour, said: said(dueMs, [ana]) },
        { event: "task_assigned", agoMs: 1 * hour, said: said(dueMs, [ana, ben]) },
      ]);
      expect(await comeBack(project, [ana, ben])).toEqual([
        [
          ["upcoming", true],
          ["due", true],
        ],
        [["due", true]],
      ]);
    });

    test("a due time counts from when it was set last, and a change of the status changes nothing of that", async () => {
      const { ana, ben, project } = await setUp();
      const dueMs = now - 30 * minute;
      const task = said(dueMs, [ana]);
      await happened(project, [
        { event: "task_created", agoMs: 5 * hour, said: said(now + 9 * hour, [ana]) },
        { event: "task_updated", agoMs: 2 * hour, said: task, changes: { due_at: task.due_at } },
        { event: "task_status_changed", agoMs: 10 * minute, said: task },
      ]);
      expect(await comeBack(project, [ana, ben])).toEqual([
        [
          ["upcoming", true],
          ["due", true],
        ],
        [],
      ]);
    });

    test("a task that was reopened is reminded of what comes from then on", async () => {
      const { ana, project } = await setUp();
      const dueMs = now - 5 * minute;
      await happened(project, [
        { event: "task_created", agoMs: 3 * hour, said: said(dueMs, [ana]) },
        { event: "task_status_changed", agoMs: 2 * hour, said: said(dueMs, [ana], true) },
        { event: "task_status_changed", agoMs: 30 * minute, said: said(dueMs, [ana]) },
      ]);
      expect(await comeBack(project, [ana])).toEqual([[["due", true]]]);
    });

    test("what was done or given away meanwhile is silent", async () => {
      const { ana, ben, project } = await setUp();
      const dueMs = now - 30 * minute;
      await happened(project, [
        { event: "task_created", agoMs: 3 * hour, said: said(dueMs, [ana]) },
        { event: "task_assigned", agoMs: 20 * minute, said: said(dueMs, [ben]) },
        { event: "task_status_changed", agoMs: 10 * minute, said: said(dueMs, [ben], true) },
      ]);
      expect(await comeBack(project, [ana, ben])).toEqual([[], []]);
    });
  });
}
