import { describe, expect, test } from "bun:test";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import {
  getEvents,
  getSnapshot,
  makeComment,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
} from "../support/people.ts";
import { column, makeLabel, makeTeam, told, update } from "../support/team.ts";

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
      const first = await list("limit=4&archived=all&order=newest");
      const rest = await list(`limit=4&archived=all&order=newest&cursor=${first.next_cursor}`);
      expect([...first.items, ...rest.items].map((task) => task.number)).toEqual([7, 6, 5, 4, 3, 2, 1]);
      expect(rest.next_cursor).toBeNull();
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
        ["order=late", "order"],
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
