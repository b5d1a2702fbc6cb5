import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Actor } from "../../src/db/context.ts";
import type { Database } from "../../src/db/open.ts";
import { fireDue } from "../../src/features/reminders/fire.ts";
import { events } from "../../src/protocol/catalogue.ts";
import { systemCtx } from "../../src/realtime/log.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeProject } from "../support/nodes.ts";
import { heard, makeReminders, storeOf } from "../support/reminders.ts";

const minute = 60_000;

for (const kind of databases) {
  describe(`reminders are told on ${kind.name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await kind.open();
    });
    afterAll(() => db.close());

    const fire = (database: Database = db.database, available = { mail: false, push: false }) =>
      fireDue(systemCtx({ store: storeOf(database) }, "test"), available, () => true);
    const people = (count: number): Actor[] => Array.from({ length: count }, (_, i) => makeActor(`Person ${i}`));
    /** A project of these people, and the first of them, for whom most tests make reminders. */
    const setUp = async (tasks: number, members = people(1)) => {
      const project = await makeProject(db.database, members, tasks);
      const first = members[0] ?? makeActor("nobody");
      return { project, taskIds: project.taskIds, members, userId: first.id, taskId: project.taskIds[0] ?? "" };
    };
    const entries = (userId: string) =>
      db.database.sql<{ message: string; type: string; archived: boolean }[]>`
        select message, type, archived_at is not null as archived from notifications where user_id = ${userId}
        order by id`;
    const rows = (userId: string) =>
      db.database.sql<{ fired: boolean }[]>`
        select fired_at is not null as fired from reminders where user_id = ${userId}`;

    test("each is one event with its inbox entry, and no notification besides; a second look tells nothing", async () => {
      const { project, userId, taskId } = await setUp(1);
      await makeReminders(db.database, [{ taskId, userId, kind: "upcoming", offsetMinutes: 60 }]);
      expect(await fire()).toEqual({ told: 1, dropped: 0 });
      const [only, ...more] = await heard(db.database, userId);
      expect(more).toEqual([]);
      expect(only?.event).toBe("due_date_reminder");
      const data = events.due_date_reminder.data.parse(only?.data);
      expect({ ...data, task: data.task.id, notification: data.notification.type }).toEqual({
        task: taskId,
        due_at: data.task.due_at ?? "",
        kind: "upcoming",
        late: false,
        notification: "upcoming",
      });
      expect(data.notification).toMatchObject({
        category: "reminders",
        message: "P-1 Task is due in 1 hour",
        link: `/projects/${project.id}/tasks/${taskId}`,
        data: { task_id: taskId, task_key: "P-1", task_title: "Task", project_id: project.id, offset_minutes: 60 },
        count: 1,
        read_at: null,
      });
      expect((await entries(userId)).length).toBe(1);
      expect(await fire()).toEqual({ told: 0, dropped: 0 });
      expect((await entries(userId)).length).toBe(1);
      expect((await heard(db.database, userId)).length).toBe(1);
    });

    test("each kind says what it is, in entries of their own", async () => {
      const { userId, taskIds } = await setUp(4);
      const [a = "", b = "", c = "", d = ""] = taskIds;
      await makeReminders(db.database, [
        { taskId: a, userId, kind: "upcoming", offsetMinutes: 1_440, agoMs: 4 },
        { taskId: b, userId, kind: "upcoming", offsetMinutes: 60, agoMs: 3 },
        { taskId: c, userId, kind: "due", agoMs: 2 },
        { taskId: d, userId, kind: "overdue", agoMs: 1 },
      ]);
      await db.database.sql`update tasks set due_at = due_at - interval '16 h' where id = ${d}`;
      await db.database.sql`update reminders set due_at = due_at - interval '16 h' where task_id = ${d}`;
      await fire();
      expect((await heard(db.database, userId)).map(({ data }) => [data.kind, data.notification.message])).toEqual([
        ["upcoming", "P-1 Task is due in 1 day"],
        ["upcoming", "P-2 Task is due in 1 hour"],
        ["due", "P-3 Task is due now"],
        ["overdue", "P-4 Task is overdue: it was due 16 hours ago"],
      ]);
    });

    test("one that comes more than a minute after its time says that it is late", async () => {
      const { userId, taskIds } = await setUp(2);
      const [a = "", b = ""] = taskIds;
      await makeReminders(db.database, [
        { taskId: a, userId, kind: "upcoming", offsetMinutes: 60, agoMs: 90 * minute },
        { taskId: b, userId, agoMs: 30_000 },
      ]);
      await fire();
      const told = (await heard(db.database, userId)).map(({ data }) => [data.late, data.notification.message]);
      expect(told).toEqual([
        [true, "P-1 Task was due 30 minutes ago"],
        [false, expect.stringMatching(/^P-2 Task (is due now|was due 1 minute ago)$/)],
      ]);
    });

    test("what is not due yet is left alone", async () => {
      const { userId, taskId } = await setUp(1);
      await makeReminders(db.database, [{ taskId, userId, agoMs: -minute }]);
      expect(await fire()).toEqual({ told: 0, dropped: 0 });
      expect([...(await rows(userId))]).toEqual([{ fired: false }]);
    });

    const { sql } = {
      sql: (strings: TemplateStringsArray, ...values: string[]) => db.database.sql(strings, ...values),
    };
    const reasons: Record<string, (ids: { task: string; user: string; project: string }) => Promise<unknown>> = {
      done: ({ task }) => sql`update tasks set completed_at = now() where id = ${task}`,
      archived: ({ task }) => sql`update tasks set archived_at = now() where id = ${task}`,
      "somebody else's": ({ task }) => sql`update tasks set assignee_ids = '{}' where id = ${task}`,
      "due at another time": ({ task }) => sql`update tasks set due_at = due_at + interval '1 h' where id = ${task}`,
      "without a due time": ({ task }) => sql`update tasks set due_at = null where id = ${task}`,
      "of a deleted project": ({ project }) => sql`update projects set deleted_at = now() where id = ${project}`,
      "of an archived project": ({ project }) => sql`update projects set archived_at = now() where id = ${project}`,
      "of a project left": ({ project, user }) =>
        sql`delete from members where project_id = ${project} and user_id = ${user}`,
      "of somebody disabled": ({ user }) => sql`update users set disabled_at = now() where id = ${user}`,
    };
    for (const [reason, change] of Object.entries(reasons))
      test(`a task that is ${reason} by now is silent, also where nobody planned anew`, async () => {
        const { project, userId, taskId } = await setUp(1, people(2));
        await makeReminders(db.database, [{ taskId, userId }]);
        await change({ task: taskId, user: userId, project: project.id });
        expect(await fire()).toEqual({ told: 0, dropped: 1 });
        expect([...(await rows(userId))]).toEqual([]);
        expect([...(await entries(userId))]).toEqual([]);
        expect(await heard(db.database, userId)).toEqual([]);
      });

    test("whoever asked for it is told of a task of others, but not that it is overdue", async () => {
      const { userId, taskIds } = await setUp(2);
      const [a = "", b = ""] = taskIds;
      await makeReminders(db.database, [
        { taskId: a, userId, kind: "upcoming", offsetMinutes: 5 },
        { taskId: b, userId, kind: "overdue" },
      ]);
      await sql`update tasks set assignee_ids = '{}' where id in (${a}, ${b})`;
      for (const taskId of taskIds)
        await db.database.sql`insert into task_reminders (id, task_id, user_id, offset_minutes)
          values (${Bun.randomUUIDv7()}, ${taskId}, ${userId}, ${taskId === a ? 5 : 0})`;
      expect(await fire()).toEqual({ told: 1, dropped: 1 });
      expect((await heard(db.database, userId)).map(({ data }) => data.task.id)).toEqual([a]);
    });

    test("who wants no reminders in the inbox hears no event, and their entry is put away", async () => {
      const { project, userId, taskId } = await setUp(1);
      const settings = JSON.stringify({ channels: { reminders: { in_app: false } } });
      await sql`insert into notification_preferences (user_id, project_id, settings)
        values (${userId}, ${project.id}, ${settings})`;
      await sql`update users set email = ${`${userId}@example.org`} where id = ${userId}`;
      await makeReminders(db.database, [{ taskId, userId }]);
      expect(await fire(db.database, { mail: true, push: false })).toEqual({ told: 1, dropped: 0 });
      expect(await heard(db.database, userId)).toEqual([]);
      expect((await entries(userId)).map(({ archived }) => archived)).toEqual([true]);
    });

    test("up to five at once are a mail each, more are one; the inbox holds each", async () => {
      const { members, taskIds } = await setUp(6, people(2));
      const [few = "", many = ""] = members.map(({ id }) => id);
      await sql`update users set email = id || '@example.org' where id in (${few}, ${many})`;
      await makeReminders(db.database, [
        ...taskIds.slice(0, 5).map((taskId) => ({ taskId, userId: few })),
        ...taskIds.map((taskId) => ({ taskId, userId: many })),
      ]);
      expect(await fire(db.database, { mail: true, push: true })).toEqual({ told: 11, dropped: 0 });
      const jobsOf = async (userId: string): Promise<number[]> => {
        const found = await db.database.sql<{ payload: string }[]>`
          select j.payload from jobs j where j.kind = 'mail' and j.key in
            (select n.id::text from notifications n where n.user_id = ${userId})`;
        return found.map(({ payload }): number => JSON.parse(payload).notification_ids.length);
      };
      expect(await jobsOf(few)).toEqual([1, 1, 1, 1, 1]);
      expect(await jobsOf(many)).toEqual([6]);
      expect((await entries(many)).length).toBe(6);
      expect((await heard(db.database, many)).length).toBe(6);
    });

    test("down over 500 due times: all are told at once when it is back, late, in their order", async () => {
      const { members, taskIds } = await setUp(500, people(10));
      await makeReminders(
        db.database,
        taskIds.map((taskId, i) => ({ taskId, userId: members[i % 10]?.id ?? "", agoMs: (600 - i) * minute })),
      );
      expect(await fire()).toEqual({ told: 500, dropped: 0 });
      for (const [i, { id }] of members.entries()) {
        const told = await heard(db.database, id);
        expect(told.map(({ data }) => data.task.id)).toEqual(taskIds.filter((_, n) => n % 10 === i));
        expect(told.every(({ data }) => data.late)).toBe(true);
      }
    });

    test("people with more than fit into a batch are told everything once, and nobody's are torn apart", async () => {
      const { members, taskIds } = await setUp(1_100, people(4));
      const [one = "", ...others] = members.map(({ id }) => id);
      await sql`update users set email = id || '@example.org' where id = any(${`{${others.join()}}`}::uuid[])`;
      await makeReminders(db.database, [
        ...taskIds.map((taskId) => ({ taskId, userId: one, agoMs: 20 * minute })),
        ...others.flatMap((userId) => taskIds.slice(0, 80).map((taskId) => ({ taskId, userId, agoMs: 20 * minute }))),
      ]);
      expect(await fire(db.database, { mail: true, push: false })).toEqual({ told: 1_340, dropped: 0 });
      const told = (await heard(db.database, one)).map(({ data }) => data.task.id);
      expect(told.length).toBe(1_100);
      expect(new Set(told)).toEqual(new Set(taskIds));
      for (const id of others) {
        const mails = await db.database.sql<{ payload: string }[]>`select payload from jobs where kind = 'mail'
          and key in (select n.id::text from notifications n where n.user_id = ${id})`;
        expect(mails.map(({ payload }): number => JSON.parse(payload).notification_ids.length)).toEqual([80]);
      }
    });

    if (kind.kind === "embedded") return;

    test("somebody whose room is being written to holds up nobody else, and is told then", async () => {
      const { members, taskIds } = await setUp(2, people(2));
      const [busy = "", free = ""] = members.map(({ id }) => id);
      await makeReminders(db.database, [
        { taskId: taskIds[0] ?? "", userId: busy, agoMs: minute },
        { taskId: taskIds[1] ?? "", userId: free },
      ]);
      const held = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      const writer = db.database.sql.begin(async (tx) => {
        await tx`select from rooms where id = ${busy} for update`;
        locked.resolve();
        await held.promise;
      });
      await locked.promise;
      const firing = fire();
      while ((await heard(db.database, free)).length === 0);
      expect(await heard(db.database, busy)).toEqual([]);
      held.resolve();
      await writer;
      expect(await firing).toEqual({ told: 2, dropped: 0 });
      expect((await heard(db.database, busy)).length).toBe(1);
    });
  });
}
