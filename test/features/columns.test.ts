import { describe, expect, test } from "bun:test";
import { columnsMax, tasksAtOnceMax } from "../../src/protocol/columns.ts";
import type { Column, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { getSnapshot, makePerson, makeTask, ok, type Page, type Person } from "../support/people.ts";
import { makeTeam, told, update } from "../support/team.ts";

const at = (project: Project) => `/api/projects/${project.id}/columns`;

const make = async (person: Person, project: Project, body: object): Promise<Column> =>
  ok(await person.call<Column>("POST", at(project), body), 201);
const change = async (person: Person, project: Project, { id }: Column, body: object): Promise<Column> =>
  ok(await person.call<Column>("PATCH", `${at(project)}/${id}`, body), 200);

const statuses = async (person: Person, project: Project): Promise<string> => {
  const listed = ok(await person.call<Page<Column>>("GET", at(project)), 200).items;
  const { columns } = await getSnapshot(person, project);
  expect(listed).toEqual(columns);
  return columns.map(({ status }) => status).join(" ");
};

const columnOf = async (person: Person, project: Project, status: string): Promise<Column> => {
  const found = (await getSnapshot(person, project)).columns.find((column) => column.status === status);
  if (!found) throw new Error(`there is no column ${status}`);
  return found;
};

/** Tasks straight into a column, as many as no test could make by requests. */
const fill = ({ database }: TestApp, project: Project, count: number) =>
  database.sql`insert into tasks (id, project_id, number, key, title, status, position, created_by)
    select gen_random_uuid(), ${project.id}, 1000 + n, 'X-' || n, 'x', 'review', 'a1', gen_random_uuid()
    from generate_series(1, ${count}::int) n`;

describeApp("columns", (app) => {
  describe("making columns", () => {
    test("[H2] a new one is answered and told whole; its status is given or made of its name", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "column-create");
      const reply = await ana.call<Column>("POST", at(project), {
        name: "  On hold ",
        status: "hold",
        wip_limit: 3,
        done: true,
      });
      const column = ok(reply, 201);
      expect(reply.headers.get("location")).toBe(`${at(project)}/${column.id}`);
      expect(column).toEqual({
        id: expect.any(String),
        status: "hold",
        name: "On hold",
        position: expect.any(String),
        wip_limit: 3,
        done: true,
      });
      const { columns, labels } = await getSnapshot(ana, project);
      expect(columns.at(-1)).toEqual(column);
      const { role: _, ...shared } = project;
      expect(await told(ben, project, seq)).toEqual([
        { event: "project_updated", data: { project: shared, columns, labels, updated_by: ana.id } },
      ]);
      const made: string[] = [];
      for (const name of ["Größer als", "Grosser als", "grosser_als!", "検討中", "?", "To do"])
        made.push((await make(ana, project, { name })).status);
      expect(made).toEqual(["grosser_als", "grosser_als_2", "grosser_als_3", "column", "column_2", "to_do"]);
      expect((await makeTask(ben, project, { title: "x", status: "hold" })).completed_at).not.toBeNull();
    });

    test("a status that is taken is a conflict with its column; one column too many is a conflict", async () => {
      const { ana, project, seq } = await makeTeam(app, "column-taken");
      const current = await columnOf(ana, project, "review");
      const taken = await ana.call("POST", at(project), { name: "Second review", status: "review" });
      expect([taken.status, taken.problem.code, taken.problem.current]).toEqual([409, "conflict", current]);
      expect(await told(ana, project, seq)).toEqual([]);
      for (let i = 4; i < columnsMax; i++) await make(ana, project, { name: `Column ${i}` });
      const many = await ana.call("POST", at(project), { name: "One more" });
      expect([many.status, many.problem.detail]).toEqual([
        409,
        `a project has at most ${columnsMax} columns; delete one first`,
      ]);
    });

    test("[H4] an id of the client's is the column's; used again it is that column, or a conflict", async () => {
      const { ana, project, seq } = await makeTeam(app, "column-id");
      const elsewhere = await makeTeam(app, "column-id-other");
      const body = { id: Bun.randomUUIDv7(), name: "On hold" };
      const made = await make(ana, project, body);
      expect(made).toMatchObject({ ...body, status: "on_hold" });
      expect(await make(ana, project, body)).toEqual(made);
      expect((await told(ana, project, seq)).length).toBe(1);
      const refused = [
        await ana.call("POST", at(project), { ...body, name: "Other" }),
        await ana.call("POST", at(project), { ...body, wip_limit: 2 }),
        await elsewhere.ana.call("POST", at(elsewhere.project), body),
      ];
      expect(refused.map(({ problem }) => problem.code)).toEqual(["conflict", "conflict", "conflict"]);
    });

    test("it stands behind one, in front of one, or at the end", async () => {
      const { ana, project } = await makeTeam(app, "column-place");
      const todo = await columnOf(ana, project, "todo");
      await make(ana, project, { name: "second", after: todo.id });
      await make(ana, project, { name: "first", before: todo.id });
      await make(ana, project, { name: "last" });
      expect(await statuses(ana, project)).toBe("first todo second in_progress review completed last");
      const other = await makeTeam(app, "column-place-other");
      const theirs = await columnOf(other.ana, other.project, "todo");
      for (const side of ["before", "after"]) {
        const { problem } = await ana.call("POST", at(project), { name: "x", [side]: theirs.id });
        expect([problem.code, problem.errors?.[0]?.path]).toEqual(["invalid", side]);
      }
    });
  });

  describe("changing columns", () => {
    test("[H2] null clears, absent leaves; the status is fixed; no change is no event", async () => {
      const { ana, project, seq } = await makeTeam(app, "column-patch");
      const review = await columnOf(ana, project, "review");
      const limited = await change(ana, project, review, { wip_limit: 5 });
      expect(limited).toEqual({ ...review, wip_limit: 5 });
      expect(await change(ana, project, review, { name: "Look" })).toEqual({ ...limited, name: "Look" });
      expect(await change(ana, project, review, { wip_limit: null })).toEqual({ ...review, name: "Look" });
      expect(await change(ana, project, review, { name: "Look", done: false })).toEqual({ ...review, name: "Look" });
      expect(await change(ana, project, review, {})).toEqual({ ...review, name: "Look" });
      const fixed = await ana.call("PATCH", `${at(project)}/${review.id}`, { status: "other" });
      expect(fixed.problem.errors).toEqual([{ path: "status", message: "is not known here" }]);
      for (const wip_limit of [0, -1, 1.5, "3"])
        expect((await ana.call("PATCH", `${at(project)}/${review.id}`, { wip_limit })).status).toBe(422);
      expect((await told(ana, project, seq)).map(({ event }) => event)).toEqual(Array(3).fill("project_updated"));
    });

    test("columns change places; where one stands already, nothing happens", async () => {
      const { ana, project, seq } = await makeTeam(app, "column-order");
      const [todo, progress, review] = (await getSnapshot(ana, project)).columns;
      if (!todo || !progress || !review) throw new Error("a project has four columns");
      await change(ana, project, review, { before: todo.id });
      expect(await statuses(ana, project)).toBe("review todo in_progress completed");
      await change(ana, project, todo, { after: progress.id });
      expect(await statuses(ana, project)).toBe("review in_progress todo completed");
      for (const place of [{ after: review.id }, { before: todo.id }, { after: review.id, before: todo.id }])
        await change(ana, project, progress, place);
      expect((await told(ana, project, seq)).length).toBe(2);
      const itself = await ana.call("PATCH", `${at(project)}/${todo.id}`, { after: todo.id });
      expect(itself.problem.errors?.[0]?.path).toBe("after");
    });

    test("a new task that names no status stands in the column that is first now, whatever its status looks like", async () => {
      const { ana, ben, project } = await makeTeam(app, "column-first");
      const first = async () => (await makeTask(ben, project)).status;
      expect(await first()).toBe("todo");
      const todo = await columnOf(ana, project, "todo");
      const review = await columnOf(ana, project, "review");
      await change(ana, project, review, { before: todo.id });
      expect(await first()).toBe("review");
      const year = await make(ana, project, { name: "2027", status: "2027" });
      expect(await first()).toBe("review");
      await change(ana, project, year, { before: review.id });
      expect(await first()).toBe("2027");
    });

    test("two columns that change places two hundred times keep their order and short positions", async () => {
      const { ana, project } = await makeTeam(app, "column-gap");
      const [todo, progress, review] = (await getSnapshot(ana, project)).columns;
      if (!todo || !progress || !review) throw new Error("a project has four columns");
      for (let i = 0; i < 100; i++) {
        await change(ana, project, review, { after: todo.id });
        await change(ana, project, progress, { after: todo.id });
      }
      expect(await statuses(ana, project)).toBe("todo in_progress review completed");
      const { columns } = await getSnapshot(ana, project);
      expect(Math.max(...columns.map(({ position }) => position.length))).toBeLessThan(25);
    });

    test("a task is completed if and only if its column means done, also when that changes", async () => {
      const { ana, ben, project } = await makeTeam(app, "column-done");
      const [a, b] = [await makeTask(ben, project), await makeTask(ben, project, { title: "x", status: "completed" })];
      const old = await makeTask(ben, project, { title: "archived" });
      const archived = await update(ben, old, { archived_at: "2026-01-01T00:00:00Z" });
      const { seq } = await getSnapshot(ana, project);
      await change(ana, project, await columnOf(ana, project, "todo"), { done: true });
      const events = await told(ana, project, seq);
      expect(events.map(({ event }) => event)).toEqual(["task_updated", "task_updated", "project_updated"]);
      for (const [i, task] of [a, archived].entries()) {
        const now = ok(await ana.call<Task>("GET", `/api/tasks/${task.id}`), 200);
        expect(now).toEqual({
          ...task,
          completed_at: expect.any(String),
          updated_at: expect.any(String),
          version: task.version + 1,
        });
        const changes = { completed_at: now.completed_at };
        expect(events[i]?.data).toEqual({ task: now, task_id: task.id, changes, updated_by: ana.id });
      }
      await change(ana, project, await columnOf(ana, project, "completed"), { done: false });
      expect(ok(await ana.call<Task>("GET", `/api/tasks/${b.id}`), 200).completed_at).toBeNull();
      await change(ana, project, await columnOf(ana, project, "completed"), { done: true });
      await change(ana, project, await columnOf(ana, project, "todo"), { done: false });
      const all = ok(await ana.call<Page<Task>>("GET", `/api/projects/${project.id}/tasks?archived=all`), 200).items;
      expect(all.map((task) => [task.status, task.completed_at !== null])).toEqual([
        ["todo", false],
        ["completed", true],
        ["todo", false],
      ]);
    });
  });

  describe("deleting columns", () => {
    test("one without tasks goes; one with tasks says where they could go, and then they go", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "column-delete");
      const [review, progress] = [await columnOf(ana, project, "review"), await columnOf(ana, project, "in_progress")];
      expect((await ana.call("DELETE", `${at(project)}/${progress.id}`)).text).toBe("");
      expect(await statuses(ana, project)).toBe("todo review completed");
      const tasks = [
        await makeTask(ben, project, { title: "a", status: "review" }),
        await makeTask(ben, project, { title: "b", status: "review" }),
      ];
      const refused = await ana.call("DELETE", `${at(project)}/${review.id}`);
      expect([refused.status, refused.problem.current]).toEqual([409, review]);
      expect(refused.problem.detail).toContain("?move_to=");
      for (const status of ["review", "in_progress", "nowhere"]) {
        const { problem } = await ana.call("DELETE", `${at(project)}/${review.id}?move_to=${status}`);
        expect([problem.code, problem.errors?.[0]?.path]).toEqual(["invalid", "move_to"]);
      }
      ok(await ana.call("DELETE", `${at(project)}/${review.id}?move_to=completed`), 204);
      expect(await statuses(ana, project)).toBe("todo completed");
      const events = (await told(ana, project, seq)).slice(3);
      expect(events.map(({ event }) => event)).toEqual([
        "task_status_changed",
        "task_status_changed",
        "project_updated",
      ]);
      for (const [i, task] of tasks.entries()) {
        const now = ok(await ana.call<Task>("GET", `/api/tasks/${task.id}`), 200);
        expect(now).toEqual({
          ...task,
          status: "completed",
          version: 2,
          completed_at: now.updated_at,
          updated_at: expect.any(String),
        });
        const data = { task: now, task_id: task.id, old_status: "review", new_status: "completed", updated_by: ana.id };
        expect(events[i]?.data).toEqual(data);
      }
      expect((await ana.call("DELETE", `${at(project)}/${review.id}`)).status).toBe(404);
      const gone = await ben.call("PATCH", `/api/tasks/${tasks[0]?.id}`, { status: "review" });
      expect(gone.problem.errors?.[0]?.path).toBe("status");
    });

    test("the last column stays", async () => {
      const { ana, project } = await makeTeam(app, "column-last");
      const { columns } = await getSnapshot(ana, project);
      for (const { id } of columns.slice(1)) ok(await ana.call("DELETE", `${at(project)}/${id}`), 204);
      const last = await ana.call("DELETE", `${at(project)}/${columns[0]?.id}`);
      expect([last.status, last.problem.current]).toEqual([409, columns[0]]);
      expect(await statuses(ana, project)).toBe("todo");
    });

    test("as many tasks as one write may change go with it, and one more is a conflict that changes nothing", async () => {
      const { ana, project, seq } = await makeTeam(app, "column-many");
      await fill(app, project, tasksAtOnceMax + 1);
      const review = await columnOf(ana, project, "review");
      for (const send of [
        () => ana.call("DELETE", `${at(project)}/${review.id}?move_to=todo`),
        () => ana.call("PATCH", `${at(project)}/${review.id}`, { done: true }),
      ]) {
        const { status, problem } = await send();
        expect([status, problem.current]).toEqual([409, review]);
        expect(problem.detail).toContain(String(tasksAtOnceMax));
      }
      expect((await getSnapshot(ana, project)).seq).toBe(seq);
      await app.database.sql`delete from tasks where project_id = ${project.id} and number = 1001`;
      ok(await ana.call("DELETE", `${at(project)}/${review.id}?move_to=todo`), 204);
      const after = await getSnapshot(ana, project);
      expect([after.seq, after.tasks.length]).toEqual([seq + tasksAtOnceMax + 1, tasksAtOnceMax]);
      expect(new Set(after.tasks.map(({ status }) => status))).toEqual(new Set(["todo"]));
    });

    test("a task that goes into a column just while it is deleted ends in one that is there", async () => {
      const { ana, ben, project } = await makeTeam(app, "column-race");
      const review = await columnOf(ana, project, "review");
      const tasks = await Promise.all(Array.from({ length: 20 }, () => makeTask(ben, project)));
      const replies = await Promise.all([
        ...tasks.slice(0, 10).map((task) => ben.call("PATCH", `/api/tasks/${task.id}`, { status: "review" })),
        ana.call("DELETE", `${at(project)}/${review.id}?move_to=completed`),
        ...tasks.slice(10).map((task) => ben.call("PATCH", `/api/tasks/${task.id}`, { status: "review" })),
      ]);
      expect(replies.map(({ status }) => status).filter((status) => ![200, 204, 422].includes(status))).toEqual([]);
      const after = await getSnapshot(ana, project);
      const columns = new Map(after.columns.map(({ status, done }) => [status, done]));
      expect(columns.has("review")).toBe(false);
      for (const task of after.tasks)
        expect([task.id, task.completed_at !== null]).toEqual([task.id, columns.get(task.status) ?? false]);
    });
  });

  test("columns are read by every member, written by admins, and nothing to strangers", async () => {
    const { ana, ben, project } = await makeTeam(app, "column-roles");
    const [vera, eve] = [await makePerson(app, "column-roles-vera"), await makePerson(app, "column-roles-eve")];
    ok(await ana.call("POST", `/api/projects/${project.id}/members`, { user_id: vera.id, role: "viewer" }), 201);
    const review = await columnOf(ana, project, "review");
    const one = `${at(project)}/${review.id}`;
    const rows: [string, string, object | undefined, number[]][] = [
      ["GET", at(project), undefined, [404, 200, 200, 200]],
      ["POST", at(project), { name: "x" }, [404, 403, 403, 201]],
      ["PATCH", one, { name: "x" }, [404, 403, 403, 200]],
      ["DELETE", one, undefined, [404, 403, 403, 204]],
    ];
    for (const [method, path, body, expected] of rows) {
      const got: number[] = [];
      for (const person of [eve, vera, ben, ana]) got.push((await person.call(method, path, body)).status);
      expect([method, path, got]).toEqual([method, path, expected]);
    }
    ok(await ana.call("PATCH", `/api/projects/${project.id}/members/${ben.id}`, { role: "admin" }), 200);
    await make(ben, project, { name: "by an admin" });
  });
});
