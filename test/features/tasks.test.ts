import { describe, expect, test } from "bun:test";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  makeComment,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
  type Person,
} from "../support/people.ts";

async function makeTeam(app: TestApp, name: string) {
  const [ana, ben] = [await makePerson(app, `${name}-ana`), await makePerson(app, `${name}-ben`)];
  const project = await makeProject(ana, { name });
  await addMember(ana, project, ben, "member");
  const { seq } = await getSnapshot(ana, project);
  return { ana, ben, project, seq };
}

const update = async (person: Person, task: Pick<Task, "id">, body: object): Promise<Task> =>
  ok(await person.call<Task>("PATCH", `/api/tasks/${task.id}`, body), 200);
const move = async (person: Person, task: Task, body: object): Promise<Task> =>
  ok(await person.call<Task>("POST", `/api/tasks/${task.id}/move`, body), 200);

const told = async (person: Person, project: Project, since: number) =>
  (await getEvents(person, project, since)).map(({ event, data }) => ({ event, data }));

/** Ids in a column's order, as a client sorts them (H5). */
async function column(person: Person, project: Project, status: string): Promise<string[]> {
  const { tasks } = await getSnapshot(person, project);
  return tasks.filter((task) => task.status === status).map((task) => task.id);
}

async function makeLabel(app: TestApp, project: Project, name: string): Promise<string> {
  const id = Bun.randomUUIDv7();
  await app.database
    .sql`insert into labels (id, project_id, name, color) values (${id}, ${project.id}, ${name}, '#fff')`;
  await app.database.sql`update rooms set revision = revision + 1 where id = ${project.id}`;
  return id;
}

describeApp("tasks", (app) => {
  describe("making and reading tasks", () => {
    test("[H2] a new task is answered whole and told whole, with the next number and the first column", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "create");
      const label = await makeLabel(app, project, "urgent");
      const body = {
        title: "  Paint it  ",
        description: "**red**",
        priority: "high",
        due_at: "2026-03-01T01:00:00+01:00",
        all_day: true,
        start_at: "2026-02-01T00:00:00Z",
        estimate: 2.5,
        assignee_ids: [ben.id, ana.id, ben.id],
        label_ids: [label],
      };
      const reply = await ana.call<Task>("POST", `/api/projects/${project.id}/tasks`, body);
      const task = ok(reply, 201);
      expect(reply.headers.get("location")).toBe(`/api/tasks/${task.id}`);
      expect(reply.headers.get("etag")).toBe('"1"');
      expect(task).toEqual({
        id: expect.any(String),
        project_id: project.id,
        number: 1,
        key: `${project.key}-1`,
        title: "Paint it",
        description: "**red**",
        status: "todo",
        position: expect.any(String),
        priority: "high",
        assignee_ids: [ana.id, ben.id].sort(),
        label_ids: [label],
        start_at: "2026-02-01T00:00:00.000Z",
        due_at: "2026-03-01T00:00:00.000Z",
        all_day: true,
        estimate: 2.5,
        parent_id: null,
        blocked_by_ids: [],
        version: 1,
        created_by: ana.id,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updated_at: task.created_at,
        completed_at: null,
        archived_at: null,
      });
      expect(await told(ben, project, seq)).toEqual([
        { event: "task_created", data: { task, task_id: task.id, created_by: ana.id } },
      ]);
      const read = await ben.call<Task>("GET", `/api/tasks/${task.id}`);
      expect([read.body, read.headers.get("etag")]).toEqual([task, '"1"']);
      expect((await makeTask(ben, project)).number).toBe(2);
    });

    test("a task made in a column that means done is completed", async () => {
      const { ana, project } = await makeTeam(app, "done");
      const task = await makeTask(ana, project, { title: "x", status: "completed" });
      expect(task.completed_at).toBe(task.created_at);
    });

    test("[H4] a client-made id is kept; used again it is a conflict, with the task only for who may see it", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "client-id");
      const eve = await makePerson(app, "client-id-eve");
      const id = "6F9619FF-8B86-4011-B42D-00CF4FC964FF";
      const task = await makeTask(ana, project, { title: "Mine", id });
      expect(task.id).toBe(id.toLowerCase());
      const again = await ben.call("POST", `/api/projects/${project.id}/tasks`, { title: "Other", id });
      expect(again.problem).toMatchObject({ code: "conflict", current: task });
      const elsewhere = await makeProject(eve);
      const blind = await eve.call("POST", `/api/projects/${elsewhere.id}/tasks`, { title: "Other", id });
      expect(blind.problem.code).toBe("conflict");
      expect(blind.problem).not.toHaveProperty("current");
      expect((await told(ana, project, seq)).length).toBe(1);
      expect((await makeTask(ana, project)).number).toBe(2);
      expect((await makeTask(eve, elsewhere)).number).toBe(1);
    });

    test("what is not the project's is invalid, with its path, and makes nothing", async () => {
      const { ana, project, seq } = await makeTeam(app, "foreign");
      const other = await makeTeam(app, "foreign-other");
      const label = await makeLabel(app, other.project, "theirs");
      const parent = await makeTask(other.ana, other.project);
      const cases: [object, string][] = [
        [{ status: "nowhere" }, "status"],
        [{ assignee_ids: [other.ben.id] }, "assignee_ids.0"],
        [{ label_ids: [label] }, "label_ids.0"],
        [{ parent_id: parent.id }, "parent_id"],
        [{ parent_id: Bun.randomUUIDv7() }, "parent_id"],
      ];
      for (const [fields, path] of cases) {
        const { problem } = await ana.call("POST", `/api/projects/${project.id}/tasks`, { title: "x", ...fields });
        expect([problem.code, problem.errors?.map((error) => error.path)]).toEqual(["invalid", [path]]);
      }
      expect(await told(ana, project, seq)).toEqual([]);
    });

    test("a subtask has a parent of the same project, and none below it", async () => {
      const { ana, project } = await makeTeam(app, "parent");
      const parent = await makeTask(ana, project);
      const child = await makeTask(ana, project, { title: "child", parent_id: parent.id });
      expect(child.parent_id).toBe(parent.id);
      const { problem } = await ana.call("POST", `/api/projects/${project.id}/tasks`, {
        title: "x",
        parent_id: child.id,
      });
      expect(problem.errors).toEqual([{ path: "parent_id", message: "is a subtask itself" }]);
    });

    test("fifty tasks made at once get the numbers 1 to 50, each once, and stand in that order", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "numbers");
      const made = await Promise.all(Array.from({ length: 50 }, (_, i) => makeTask(i % 2 ? ana : ben, project)));
      expect(made.map((task) => task.number).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, i) => i + 1),
      );
      const byNumber = [...made].sort((a, b) => a.number - b.number).map((task) => task.id);
      expect(await column(ana, project, "todo")).toEqual(byNumber);
      const events = await getEvents(ana, project, seq);
      expect(events.map((event) => event.data.task_id)).toEqual(byNumber);
    });

    test("[H2] the list is by number, in pages, with its filters", async () => {
      const { ana, ben, project } = await makeTeam(app, "filters");
      const label = await makeLabel(app, project, "bug");
      const titles = ["100% wool", "100 sheep", "under_score", "underXscore", "back\\slash"];
      for (const title of titles) await makeTask(ana, project, { title });
      const rich = await makeTask(ana, project, {
        title: "Rich",
        status: "review",
        assignee_ids: [ben.id],
        label_ids: [label],
        due_at: "2026-05-01T12:00:00Z",
      });
      const old = await makeTask(ana, project, { title: "Old" });
      await update(ana, old, { archived_at: "2026-01-01T00:00:00Z" });
      const list = async (query: string, person = ana) =>
        ok(await person.call<Page<Task>>("GET", `/api/projects/${project.id}/tasks?${query}`), 200);
      const names = async (query: string, person = ana) => (await list(query, person)).items.map((task) => task.title);
      expect(await names("")).toEqual([...titles, "Rich"]);
      expect(await names("archived=true")).toEqual(["Old"]);
      expect(await names("archived=all&limit=200")).toEqual([...titles, "Rich", "Old"]);
      expect(await names("status=review")).toEqual(["Rich"]);
      expect(await names(`assignee=${ben.id}`)).toEqual(["Rich"]);
      expect(await names("assignee=me", ben)).toEqual(["Rich"]);
      expect(await names("assignee=me")).toEqual([]);
      expect(await names(`label=${label}`)).toEqual(["Rich"]);
      expect(await names("due_before=2026-05-01T12:00:00Z")).toEqual([]);
      expect(await names(`due_before=${encodeURIComponent("2026-05-01T14:00:01+02:00")}`)).toEqual(["Rich"]);
      expect(await names("q=100%25")).toEqual(["100% wool"]);
      expect(await names("q=UNDER_")).toEqual(["under_score"]);
      expect(await names("q=k%5Cs")).toEqual(["back\\slash"]);
      expect(await names(`q=${project.key}-6`)).toEqual(["Rich"]);
      const seen: Task[] = [];
      let page = await list("limit=2&archived=all");
      for (; page.next_cursor; page = await list(`limit=2&archived=all&cursor=${page.next_cursor}`))
        seen.push(...page.items);
      seen.push(...page.items);
      expect(seen.map((task) => task.number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(seen[5]).toEqual(rich);
    });

    test("an unknown filter, a wrong value and another list's cursor are invalid, each with its name", async () => {
      const { ana, project } = await makeTeam(app, "bad-filters");
      const cases: [string, string][] = [
        ["limit=0", "limit"],
        ["limit=201", "limit"],
        ["limit=1e2", "limit"],
        ["limit=10&limit=20", "limit"],
        ["cursor=abc", "cursor"],
        ["cursor=W10", "cursor"],
        ["status=Not+A+Slug", "status"],
        ["assignee=you", "assignee"],
        ["label=1", "label"],
        ["due_before=tomorrow", "due_before"],
        ["archived=maybe", "archived"],
        ["q=%00", "q"],
      ];
      for (const [query, path] of cases) {
        const { status, problem } = await ana.call("GET", `/api/projects/${project.id}/tasks?${query}`);
        expect([query, status, problem.errors?.[0]?.path]).toEqual([query, 422, path]);
      }
      expect((await ana.call("GET", `/api/projects/${project.id}/tasks?colour=red`)).status).toBe(422);
      expect((await ana.call("GET", `/api/projects/${project.id}/tasks?__proto__=red`)).status).toBe(422);
    });
  });

  describe("changing tasks", () => {
    test("[S12] one event per aspect of a change, consecutive; the answer is the last one's task", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "aspects");
      const task = await makeTask(ana, project);
      const after = await update(ben, task, {
        status: "completed",
        assignee_ids: [ben.id],
        title: "New",
        priority: "urgent",
        description: "text",
      });
      expect(after).toMatchObject({ version: 2, status: "completed", completed_at: after.updated_at, title: "New" });
      const whole = { task: after, task_id: task.id };
      expect(await told(ana, project, seq + 1)).toEqual([
        {
          event: "task_status_changed",
          data: { ...whole, old_status: "todo", new_status: "completed", updated_by: ben.id },
        },
        {
          event: "task_assigned",
          data: { ...whole, assignee_ids: [ben.id], added: [ben.id], removed: [], assigned_by: ben.id },
        },
        {
          event: "task_updated",
          data: { ...whole, changes: { title: "New", priority: "urgent", description: "text" }, updated_by: ben.id },
        },
      ]);
      expect((await update(ben, task, { status: "todo" })).completed_at).toBeNull();
    });

    test("[S12] no change is no event and no version", async () => {
      const { ana, project, seq } = await makeTeam(app, "unchanged");
      const task = await makeTask(ana, project, { title: "Same", assignee_ids: [ana.id] });
      const same = { title: "Same", status: "todo", assignee_ids: [ana.id, ana.id], due_at: null, description: null };
      expect(await update(ana, task, same)).toEqual(task);
      expect(await update(ana, task, {})).toEqual(task);
      expect((await told(ana, project, seq)).length).toBe(1);
    });

    test("[H2] null clears, absent leaves, arrays replace", async () => {
      const { ana, ben, project } = await makeTeam(app, "patch");
      const task = await makeTask(ana, project, {
        title: "x",
        description: "d",
        due_at: "2026-05-01T12:00:00Z",
        start_at: "2026-04-01T12:00:00Z",
        estimate: 3,
        assignee_ids: [ana.id],
      });
      const after = await update(ana, task, {
        description: null,
        due_at: null,
        estimate: null,
        assignee_ids: [ben.id],
      });
      expect(after).toMatchObject({ description: "", due_at: null, estimate: null, assignee_ids: [ben.id] });
      expect(after.start_at).toBe(task.start_at);
      const archived = await update(ana, task, { archived_at: "2026-01-01T00:00:00Z" });
      expect(archived.archived_at).toBe("2026-01-01T00:00:00.000Z");
      expect((await update(ana, task, { archived_at: null })).archived_at).toBeNull();
    });

    test("[H5] an all-day task is due at midnight UTC of its date, whichever field says so", async () => {
      const { ana, project } = await makeTeam(app, "all-day");
      const task = await makeTask(ana, project, { title: "x", due_at: "2026-05-01T12:34:56.789Z" });
      expect((await update(ana, task, { all_day: true })).due_at).toBe("2026-05-01T00:00:00.000Z");
      expect((await update(ana, task, { due_at: "2026-06-01T23:00:00Z" })).due_at).toBe("2026-06-01T00:00:00.000Z");
      const both = await ana.call("PATCH", `/api/tasks/${task.id}`, { all_day: true, due_at: "2026-06-01T23:00:00Z" });
      expect(both.problem.errors?.[0]?.path).toBe("due_at");
    });

    test("[H2] a stale version is a conflict with the task as it is, by the body or by If-Match", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "versions");
      const task = await makeTask(ana, project);
      const now = await update(ben, task, { title: "First", version: 1 });
      for (const [body, headers] of [
        [{ title: "Second", version: 1 }, {}],
        [{ title: "Second" }, { "if-match": '"1"' }],
      ] as const) {
        const { status, problem } = await ana.call("PATCH", `/api/tasks/${task.id}`, body, headers);
        expect([status, problem.current]).toEqual([409, now]);
      }
      const stale = await ana.call("DELETE", `/api/tasks/${task.id}`, undefined, { "if-match": '"1"' });
      expect([stale.status, stale.problem.current]).toEqual([409, now]);
      const differ = await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "x", version: 2 }, { "if-match": "3" });
      expect(differ.problem.errors?.[0]?.path).toBe("version");
      expect((await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "x" }, { "if-match": "abc" })).status).toBe(
        422,
      );
      ok(await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "Third" }, { "if-match": "*" }), 200);
      expect((await told(ana, project, seq)).map(({ event }) => event)).toEqual([
        "task_created",
        "task_updated",
        "task_updated",
      ]);
    });

    test("of two who change the same version at once, one is told of the conflict", async () => {
      const { ana, ben, project } = await makeTeam(app, "race");
      const task = await makeTask(ana, project);
      const replies = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 ? ana : ben).call<Task>("PATCH", `/api/tasks/${task.id}`, { title: `Title ${i}`, version: 1 }),
        ),
      );
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
      const winner = replies.find(({ status }) => status === 200)?.body;
      for (const { status, problem } of replies) if (status === 409) expect(problem.current).toEqual(winner);
    });

    test("an unknown key is refused, and nothing of the body reaches the row", async () => {
      const { ana, project } = await makeTeam(app, "mass");
      const task = await makeTask(ana, project);
      for (const fields of [
        { number: 9 },
        { created_by: ana.id },
        { project_id: ana.id },
        { key: "X-1" },
        { position: "a" },
      ])
        expect((await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "x", ...fields })).status).toBe(422);
      expect(ok(await ana.call<Task>("GET", `/api/tasks/${task.id}`), 200)).toEqual(task);
    });

    test("a column, a person or a label that another node has just added is known at once", async () => {
      const { ana, project } = await makeTeam(app, "fresh");
      const task = await makeTask(ana, project);
      await update(ana, task, { title: "cached" });
      const label = await makeLabel(app, project, "new");
      expect((await update(ana, task, { label_ids: [label] })).label_ids).toEqual([label]);
      const cat = await makePerson(app, "fresh-cat");
      await app.database
        .sql`insert into members (project_id, user_id, role) values (${project.id}, ${cat.id}, 'member')`;
      await app.database.sql`update rooms set revision = revision + 1 where id = ${project.id}`;
      expect((await update(cat, task, { title: "by cat" })).title).toBe("by cat");
    });

    test("whoever another node has just removed writes no more, though this node remembers them", async () => {
      const { ana, ben, project, seq } = await makeTeam(app, "removed");
      const task = await makeTask(ana, project);
      await update(ben, task, { title: "cached" });
      await app.database.sql`delete from members where project_id = ${project.id} and user_id = ${ben.id}`;
      await app.database.sql`update rooms set revision = revision + 1 where id = ${project.id}`;
      expect((await ben.call("PATCH", `/api/tasks/${task.id}`, { title: "x" })).status).toBe(404);
      expect((await ben.call("POST", `/api/tasks/${task.id}/comments`, { content: "x" })).status).toBe(404);
      expect((await told(ana, project, seq)).length).toBe(2);
    });
  });

  describe("moving tasks", () => {
    test("a task goes behind one, in front of another, between two, and to the end", async () => {
      const { ana, project, seq } = await makeTeam(app, "move");
      const made: Task[] = [];
      for (const title of ["a", "b", "c", "d"]) made.push(await makeTask(ana, project, { title }));
      const [a, b, c, d] = made;
      if (!a || !b || !c || !d) throw new Error("four were made");
      const order = async () => {
        const ids = await column(ana, project, "todo");
        return ids.map((id) => made.find((task) => task.id === id)?.title).join("");
      };
      const moved = await move(ana, d, { status: "todo", before: a.id });
      expect(await order()).toBe("dabc");
      expect(await told(ana, project, seq + 4)).toEqual([
        { event: "task_moved", data: { task: moved, task_id: d.id, moved_by: ana.id } },
      ]);
      await move(ana, a, { status: "todo", after: b.id });
      expect(await order()).toBe("dbac");
      await move(ana, c, { status: "todo", after: d.id, before: b.id });
      expect(await order()).toBe("dcba");
      await move(ana, d, { status: "todo" });
      expect(await order()).toBe("cbad");
      await move(ana, d, { status: "todo", before: b.id });
      expect(await order()).toBe("cdba");
    });

    test("[S12] a move across columns is a status change alone; to where it stands, nothing", async () => {
      const { ana, project, seq } = await makeTeam(app, "across");
      const [a, b] = [await makeTask(ana, project, { title: "a", status: "review" }), await makeTask(ana, project)];
      const moved = await move(ana, b, { status: "review", before: a.id });
      expect(await column(ana, project, "review")).toEqual([b.id, a.id]);
      expect(await move(ana, b, { status: "review", before: a.id })).toEqual(moved);
      expect(await move(ana, a, { status: "review" })).toEqual(a);
      expect(await move(ana, a, { status: "review", after: b.id })).toEqual(a);
      expect(await told(ana, project, seq + 2)).toEqual([
        {
          event: "task_status_changed",
          data: { task: moved, task_id: b.id, old_status: "todo", new_status: "review", updated_by: ana.id },
        },
      ]);
    });

    test("neighbours that changed places or stand on one position still give a place", async () => {
      const { ana, project } = await makeTeam(app, "ties");
      const made = [await makeTask(ana, project), await makeTask(ana, project), await makeTask(ana, project)];
      const [a, b, c] = made;
      if (!a || !b || !c) throw new Error("three were made");
      await move(ana, c, { status: "todo", after: b.id, before: a.id });
      expect(await column(ana, project, "todo")).toEqual([a.id, b.id, c.id]);
      await app.database.sql`update tasks set position = 'a1V' where id in (${a.id}, ${b.id})`;
      await move(ana, c, { status: "todo", after: a.id, before: b.id });
      expect((await column(ana, project, "todo")).indexOf(c.id)).toBe(2);
      const d = await makeTask(ana, project);
      await app.database
        .sql`update tasks set position = case id when ${a.id} then 'a1M' when ${d.id} then 'a1V01' else position end`;
      await move(ana, c, { status: "todo", after: b.id, before: a.id });
      expect(await column(ana, project, "todo")).toEqual([a.id, b.id, c.id, d.id]);
    });

    test("a neighbour of another project, an unknown one and the task itself are invalid, with the path", async () => {
      const { ana, project, seq } = await makeTeam(app, "neighbours");
      const other = await makeTeam(app, "neighbours-other");
      const [task, theirs] = [await makeTask(ana, project), await makeTask(other.ana, other.project)];
      for (const id of [theirs.id, Bun.randomUUIDv7(), task.id])
        for (const side of ["before", "after"]) {
          const { problem } = await ana.call("POST", `/api/tasks/${task.id}/move`, { status: "todo", [side]: id });
          expect([problem.code, problem.errors?.[0]?.path]).toEqual(["invalid", side]);
        }
      const unknown = await ana.call("POST", `/api/tasks/${task.id}/move`, { status: "nowhere" });
      expect(unknown.problem.errors?.[0]?.path).toBe("status");
      expect((await told(ana, project, seq)).length).toBe(1);
    });

    test("many who drop into one gap at once all get a place of their own there", async () => {
      const { ana, ben, project } = await makeTeam(app, "gap");
      const [first, last] = [await makeTask(ana, project), await makeTask(ana, project)];
      const movers = await Promise.all(Array.from({ length: 20 }, () => makeTask(ben, project)));
      await Promise.all(movers.map((task) => move(ben, task, { status: "todo", after: first.id, before: last.id })));
      const { tasks } = await getSnapshot(ana, project);
      expect([tasks[0]?.id, tasks.at(-1)?.id]).toEqual([first.id, last.id]);
      expect(new Set(tasks.map((task) => task.position)).size).toBeGreaterThan(20); // chance may give two the same
    });
  });

  describe("deleting tasks", () => {
    test("[H5] a deleted parent takes its subtasks, an event each, children first", async () => {
      const { ana, ben, project } = await makeTeam(app, "delete");
      const parent = await makeTask(ana, project);
      const children = [
        await makeTask(ana, project, { title: "one", parent_id: parent.id }),
        await makeTask(ana, project, { title: "two", parent_id: parent.id }),
      ];
      await makeComment(ana, parent, "gone too");
      const { seq } = await getSnapshot(ana, project);
      const reply = await ben.call("DELETE", `/api/tasks/${parent.id}`);
      expect([reply.status, reply.text]).toEqual([204, ""]);
      expect(await told(ana, project, seq)).toEqual(
        [...children, parent].map((task) => ({
          event: "task_deleted",
          data: { task, task_id: task.id, deleted_by: ben.id },
        })),
      );
      for (const task of [parent, ...children]) {
        expect((await ana.call("GET", `/api/tasks/${task.id}`)).status).toBe(404);
        expect((await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "x" })).status).toBe(404);
        expect((await ana.call("DELETE", `/api/tasks/${task.id}`)).status).toBe(404);
      }
      expect((await getSnapshot(ana, project)).seq).toBe(seq + 3);
    });
  });
});
