import { describe, expect, test } from "bun:test";
import { subtasksMax, type Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { getSnapshot, makeTask, ok, type Page, type Person } from "../support/people.ts";
import { makeLabel, makeTeam, told, update } from "../support/team.ts";
import { openWire } from "../support/wire.ts";

const refused = async (person: Person, task: Task, parent_id: string) => {
  const { status, problem } = await person.call("PATCH", `/api/tasks/${task.id}`, { parent_id });
  return [status, problem.errors];
};
const becauseOf = (message: string) => [422, [{ path: "parent_id", message }]];

interface Told {
  readonly event: string;
  readonly data: { readonly changes?: object };
}
/** Of two tasks that are changed alike, what differs. */
const ownFields = new Set([
  "id",
  "task_id",
  "number",
  "key",
  "position",
  "created_at",
  "updated_at",
  "completed_at",
  "parent_id",
]);

describeApp("subtasks", (app) => {
  describe("changing a task's parent", () => {
    test("[S12] a task becomes a subtask and a task of its own again: one event each, none where nothing changes", async () => {
      const { ana, ben, project } = await makeTeam(app, "parent-change");
      const [parent, task] = [await makeTask(ana, project), await makeTask(ana, project)];
      const { seq } = await getSnapshot(ana, project);
      const child = await update(ben, task, { parent_id: parent.id });
      expect(child).toEqual({ ...task, parent_id: parent.id, version: 2, updated_at: child.updated_at });
      expect(await update(ben, task, { parent_id: parent.id, title: task.title })).toEqual(child);
      expect((await getSnapshot(ana, project)).tasks).toEqual([parent, child]);
      const free = await update(ben, task, { parent_id: null });
      expect(free).toEqual({ ...task, version: 3, updated_at: free.updated_at });
      const event = (now: Task, parent_id: string | null) => ({
        event: "task_updated",
        data: { task: now, task_id: task.id, changes: { parent_id }, updated_by: ben.id },
      });
      expect(await told(ana, project, seq)).toEqual([event(child, parent.id), event(free, null)]);
    });

    test("[S12] with other fields it answers and tells all that a change without it would", async () => {
      const { ana, ben, project } = await makeTeam(app, "parent-all");
      const label = await makeLabel(app, project, "bug");
      const body = { title: "x", status: "todo", assignee_ids: [ana.id], start_at: "2026-01-01T00:00:00Z" };
      const [parent, one, two] = [
        await makeTask(ana, project),
        await makeTask(ana, project, body),
        await makeTask(ana, project, body),
      ];
      const changes = {
        title: 'New "title"',
        description: null,
        status: "completed",
        priority: "high",
        assignee_ids: [ben.id],
        label_ids: [label],
        start_at: null,
        due_at: "2026-05-01T00:00:00Z",
        all_day: true,
        estimate: 2.5,
        archived_at: "2026-05-02T00:00:00Z",
      };
      const change = async (task: Task, body: object): Promise<Told[]> => {
        const { seq } = await getSnapshot(ana, project);
        const after = await update(ben, task, { ...body, version: 1 });
        expect(after.completed_at).toBe(after.updated_at);
        const events = await told(ana, project, seq);
        for (const { data } of events) expect([data.task_id, data.task]).toEqual([task.id, after]);
        return JSON.parse(JSON.stringify(events, (key, value: unknown) => (ownFields.has(key) ? "its own" : value)));
      };
      const [status, assigned, updated] = await change(one, changes);
      if (!status || !assigned || !updated) throw new Error("there are three aspects");
      expect(updated.event).toBe("task_updated");
      const more = { ...updated.data, changes: { ...updated.data.changes, parent_id: "its own" } };
      expect(await change(two, { ...changes, parent_id: parent.id })).toEqual([
        status,
        assigned,
        { event: "task_updated", data: more },
      ]);
      expect((await update(ben, two, { parent_id: null, status: "todo", due_at: "2026-06-01T13:00:00Z" })).due_at).toBe(
        "2026-06-01T00:00:00.000Z",
      );
    });

    test("no circles, one level, one project", async () => {
      const { ana, project, seq } = await makeTeam(app, "parent-rules");
      const other = await makeTeam(app, "parent-rules-other");
      const theirs = await makeTask(other.ana, other.project);
      const [parent, task] = [await makeTask(ana, project), await makeTask(ana, project)];
      const child = await makeTask(ana, project, { title: "child", parent_id: parent.id });
      expect(await refused(ana, task, task.id)).toEqual(becauseOf("is the task itself"));
      expect(await refused(ana, task, child.id)).toEqual(becauseOf("is a subtask itself"));
      expect(await refused(ana, parent, child.id)).toEqual(becauseOf("is a subtask itself"));
      expect(await refused(ana, parent, task.id)).toEqual(becauseOf("is not for a task that has subtasks"));
      for (const id of [theirs.id, Bun.randomUUIDv7()])
        expect(await refused(ana, task, id)).toEqual(becauseOf("is no task of the project"));
      expect((await other.ana.call("PATCH", `/api/tasks/${task.id}`, { parent_id: null })).status).toBe(404);
      expect((await told(ana, project, seq)).length).toBe(3);
    });

    test("two tasks that are made each other's subtask at once: one is", async () => {
      const { ana, ben, project } = await makeTeam(app, "parent-race");
      for (let round = 0; round < 5; round++) {
        const [a, b] = [await makeTask(ana, project), await makeTask(ana, project)];
        const replies = await Promise.all([
          ana.call("PATCH", `/api/tasks/${a.id}`, { parent_id: b.id }),
          ben.call("PATCH", `/api/tasks/${b.id}`, { parent_id: a.id }),
        ]);
        expect(replies.map(({ status }) => status).sort()).toEqual([200, 422]);
      }
    });

    test("[H2] a stale version, by the body or by If-Match, is a conflict with the task", async () => {
      const { ana, ben, project } = await makeTeam(app, "parent-version");
      const [parent, task] = [await makeTask(ana, project), await makeTask(ana, project)];
      const now = await update(ben, task, { title: "First" });
      for (const [body, headers] of [
        [{ parent_id: parent.id, version: 1 }, {}],
        [{ parent_id: parent.id }, { "if-match": '"1"' }],
      ] as const) {
        const { status, problem } = await ana.call("PATCH", `/api/tasks/${task.id}`, body, headers);
        expect([status, problem.current]).toEqual([409, now]);
      }
      const invalid = await ana.call("PATCH", `/api/tasks/${task.id}`, { parent_id: parent.id, status: "nowhere" });
      expect(invalid.problem.errors?.[0]?.path).toBe("status");
    });

    test("[H4] a retry is answered as it was then, another body is a mismatch; a change of nothing is remembered", async () => {
      const { ana, project, seq } = await makeTeam(app, "parent-once");
      const [parent, task] = [await makeTask(ana, project), await makeTask(ana, project)];
      const send = (body: object, key: string) =>
        ana.call<Task>("PATCH", `/api/tasks/${task.id}`, body, { "idempotency-key": key });
      const [first, ...twins] = await Promise.all([1, 2, 3].map(() => send({ parent_id: parent.id }, "make")));
      const none = await send({ parent_id: parent.id }, "none");
      await update(ana, task, { parent_id: null });
      for (const { status, text } of [...twins, await send({ parent_id: parent.id }, "make")])
        expect([status, text]).toEqual([200, first?.text ?? ""]);
      expect((await send({ parent_id: parent.id }, "none")).text).toBe(none.text);
      for (const key of ["make", "none"])
        expect((await send({ parent_id: null }, key)).problem.code).toBe("idempotency_mismatch");
      expect((await told(ana, project, seq)).map(({ event }) => event)).toEqual([
        "task_created",
        "task_created",
        "task_updated",
        "task_updated",
      ]);
    });

    test("the socket's task_update takes it too, and names the path of its own", async () => {
      const { ana, project } = await makeTeam(app, "parent-socket");
      const [parent, task] = [await makeTask(ana, project), await makeTask(ana, project)];
      const { seq } = await getSnapshot(ana, project);
      const wire = await openWire(app.url, { token: ana.token });
      const ask = (parent_id: unknown) => wire.ask("task_update", { task_id: task.id, changes: { parent_id } });
      const changed = await ask(parent.id);
      expect(changed).toMatchObject({ ok: true, data: { seq: seq + 1, task: { parent_id: parent.id, version: 2 } } });
      expect(await ask(parent.id)).toMatchObject({ ok: true, data: { seq: seq + 1, task: changed.data.task } });
      const wrong = await ask(task.id);
      expect(wrong.error?.errors).toEqual([{ path: "changes.parent_id", message: "is the task itself" }]);
      wire.close();
    });
  });

  test("the list shows the subtasks of one task, or the tasks that are none", async () => {
    const { ana, ben, project } = await makeTeam(app, "parent-filter");
    const [parent, other] = [await makeTask(ana, project), await makeTask(ana, project)];
    const children = [
      await makeTask(ana, project, { title: "a", parent_id: parent.id }),
      await makeTask(ana, project, { title: "b", parent_id: parent.id, status: "review" }),
    ];
    const list = async (query: string) =>
      ok(await ben.call<Page<Task>>("GET", `/api/projects/${project.id}/tasks?${query}`), 200).items;
    expect(await list(`parent=${parent.id}`)).toEqual(children);
    expect(await list(`parent=${parent.id}&status=review`)).toEqual(children.slice(1));
    expect(await list(`parent=${other.id}`)).toEqual([]);
    expect(await list("parent=none")).toEqual([parent, other]);
    const wrong = await ben.call("GET", `/api/projects/${project.id}/tasks?parent=mine`);
    expect(wrong.problem.errors).toEqual([{ path: "parent", message: "is an id or `none`" }]);
  });

  test("[H5] a task has as many subtasks as one deletion can tell of, and is deleted with all of them", async () => {
    const { ana, project } = await makeTeam(app, "parent-many");
    const [parent, task] = [await makeTask(ana, project), await makeTask(ana, project)];
    await app.database
      .sql`insert into tasks (id, project_id, number, key, title, status, position, created_by, parent_id)
      select gen_random_uuid(), ${project.id}, 1000 + n, 'X-' || n, 'x', 'review', 'a1', gen_random_uuid(), ${parent.id}
      from generate_series(1, ${subtasksMax - 1}::int) n`;
    await makeTask(ana, project, { title: "the last", parent_id: parent.id });
    const message = `has ${subtasksMax} subtasks, which is the most`;
    const { status, problem } = await ana.call("POST", `/api/projects/${project.id}/tasks`, {
      title: "one too many",
      parent_id: parent.id,
    });
    expect([status, problem.errors]).toEqual(becauseOf(message));
    expect(await refused(ana, task, parent.id)).toEqual(becauseOf(message));
    const { seq } = await getSnapshot(ana, project);
    ok(await ana.call("DELETE", `/api/tasks/${parent.id}`, undefined, { "idempotency-key": "all" }), 204);
    const after = await getSnapshot(ana, project);
    expect([after.seq - seq, after.tasks.map(({ id }) => id)]).toEqual([subtasksMax + 1, [task.id]]);
  });
});
