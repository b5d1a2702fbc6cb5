import { describe, expect, test } from "bun:test";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { getSnapshot, makePerson, makeTask, ok } from "../support/people.ts";
import { column, makeLabel, makeTeam, move, told, update } from "../support/team.ts";

describeApp("changes of tasks", (app) => {
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
});
