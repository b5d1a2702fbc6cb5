import { expect, test } from "bun:test";
import { createMaintenance } from "../../src/db/maintenance.ts";
import type { ActivityEntry } from "../../src/protocol/activity.ts";
import type { ChecklistItem } from "../../src/protocol/checklist.ts";
import type { Comment } from "../../src/protocol/comments.ts";
import type { Project, Role } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { silent } from "../support/nodes.ts";
import {
  addMember,
  getEvents,
  makeComment,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
  type Person,
} from "../support/people.ts";
import { makeTeam, move, update } from "../support/team.ts";

const ofProject = (project: Project): string => `/api/projects/${project.id}/activity`;
const ofTask = (task: Task): string => `/api/tasks/${task.id}/activity`;
/** Newest first. */
const read = async (person: Person, path: string, query = "?limit=200"): Promise<Page<ActivityEntry>> =>
  ok(await person.call<Page<ActivityEntry>>("GET", `${path}${query}`), 200);
/** Event and data, oldest first. */
const history = async (person: Person, path: string) =>
  (await read(person, path)).items.map(({ event, data }) => ({ event, data })).reverse();

describeApp("activity", (app) => {
  test("a task's history tells what changed, by whom and when, newest first", async () => {
    const { ana, ben, project } = await makeTeam(app, "history");
    const task = await makeTask(ana, project, { title: "Draw" });
    const blocker = await makeTask(ana, project, { title: "Think" });
    await update(ben, task, {
      title: "Paint",
      due_at: "2026-12-01T10:00:00Z",
      estimate: 3,
      description: "d".repeat(300),
    });
    await update(ben, task, { due_at: null, status: "review", assignee_ids: [ben.id] });
    await move(ana, task, { status: "review", after: (await move(ana, blocker, { status: "review" })).id });
    ok(await ana.call("PUT", `/api/tasks/${task.id}/blocked-by/${blocker.id}`), 200);
    const item = ok(await ana.call<ChecklistItem>("POST", `/api/tasks/${task.id}/checklist`, { title: "x" }), 201);
    ok(await ana.call("PATCH", `/api/checklist/${item.id}`, { done: true }), 200);
    const painted = { key: task.key, title: "Paint" };
    const changed = (changes: Record<string, unknown>) => ({ event: "task_updated", data: { task: painted, changes } });
    expect(await history(ana, ofTask(task))).toEqual([
      { event: "task_created", data: { task: { key: task.key, title: "Draw" } } },
      changed({ title: "Paint", due_at: "2026-12-01T10:00:00.000Z", estimate: 3, description: "d".repeat(200) }),
      { event: "task_status_changed", data: { task: painted, old_status: "todo", new_status: "review" } },
      { event: "task_assigned", data: { task: painted, added: [ben.id], removed: [] } },
      changed({ due_at: null }),
      changed({ blocked_by_ids: [blocker.id] }),
      changed({ checklist: { total: 1, done: 0 } }),
      changed({ checklist: { total: 1, done: 1 } }),
    ]);
    const events = await getEvents(ana, project);
    expect(events.some(({ event }) => event === "task_moved")).toBe(true);
    // Numbers, times and people are those of the events.
    const entries = (await read(ana, ofTask(task))).items;
    const told = events.filter(({ event, data }) => data.task_id === task.id && event !== "task_moved").reverse();
    expect(entries.map(({ seq, at, actor, task_id }) => ({ seq, at, actor, task_id }))).toEqual(
      told.map(({ seq, at, actor = null }) => ({ seq, at, actor, task_id: task.id })),
    );
  });

  test("a project's history tells of tasks, comments, members and the project, also of what is gone", async () => {
    const { ana, ben, project } = await makeTeam(app, "project");
    const task = await makeTask(ana, project, { title: "Gone" });
    const kept = await makeTask(ana, project, { title: "Kept" });
    const comment = await makeComment(ben, kept, `Hello ${"\u{1F600}".repeat(300)}`);
    const other = await makeComment(ben, task, "of a task that goes");
    ok(await ana.call("PATCH", `/api/projects/${project.id}`, { name: "Renamed" }), 200);
    ok(await ana.call("PATCH", `/api/projects/${project.id}/members/${ben.id}`, { role: "viewer" }), 200);
    ok(await ana.call("DELETE", `/api/tasks/${task.id}`), 204);
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    const member = (role: Role) => ({ member: { user_id: ben.id, name: ben.name, role } });
    const gone = { task: { key: task.key, title: "Gone" } };
    const there = { task: { key: kept.key, title: "Kept" } };
    expect(await history(ana, ofProject(project))).toEqual([
      { event: "member_added", data: member("member") },
      { event: "task_created", data: gone },
      { event: "task_created", data: there },
      {
        event: "comment_added",
        data: { comment_id: comment.id, excerpt: `Hello ${"\u{1F600}".repeat(194)}`, ...there },
      },
      { event: "comment_added", data: { comment_id: other.id } },
      { event: "project_updated", data: { project: { key: project.key, name: "Renamed" } } },
      { event: "member_updated", data: member("viewer") },
      { event: "task_deleted", data: gone },
      { event: "member_removed", data: member("viewer") },
    ]);
    expect((await ana.call("GET", ofTask(task))).status).toBe(404);
    expect((await read(ana, ofProject(project))).items.filter(({ task_id }) => task_id === task.id).length).toBe(3);
    expect((await ben.call("GET", ofProject(project))).status).toBe(404);
    expect((await ben.call("GET", ofTask(kept))).status).toBe(404);
  });

  test("of a comment it tells what it is now: nothing once it is deleted, and nothing of reactions", async () => {
    const { ana, ben, project } = await makeTeam(app, "comments");
    const task = await makeTask(ana, project);
    const comment = await makeComment(ben, task, "A secret");
    const path = `/api/comments/${comment.id}`;
    ok(await ana.call("PUT", `${path}/reactions/${encodeURIComponent("\u{1F44D}")}`), 200);
    const entry = (event: string, excerpt?: string) => ({
      event,
      data: {
        comment_id: comment.id,
        task: { key: task.key, title: "Task" },
        ...(excerpt !== undefined && { excerpt }),
      },
    });
    const talk = async () => (await history(ana, ofTask(task))).slice(1);
    expect(await talk()).toEqual([entry("comment_added", "A secret")]);
    ok(await ben.call<Comment>("PATCH", path, { content: "Something else" }), 200);
    // The comment has the time of that edit; a later reaction is none.
    ok(await ana.call("DELETE", `${path}/reactions/${encodeURIComponent("\u{1F44D}")}`), 204);
    expect(await talk()).toEqual([
      entry("comment_added", "Something else"),
      entry("comment_updated", "Something else"),
    ]);
    ok(await ben.call("DELETE", path), 204);
    expect(await talk()).toEqual([entry("comment_added"), entry("comment_updated"), entry("comment_deleted")]);
    const rows = await app.database.sql<{ data: string }[]>`select data from activity where project_id = ${project.id}`;
    expect(rows.filter(({ data }) => /secret|Something/.test(data))).toEqual([]);
  });

  test("[H2] pages are newest first, and a cursor stays good while more happens", async () => {
    const { ana, project } = await makeTeam(app, "pages");
    const task = await makeTask(ana, project);
    for (let i = 0; i < 6; i++) await update(ana, task, { title: `Title ${i}` });
    for (const [path, count] of [
      [ofTask(task), 7],
      [ofProject(project), 8],
    ] as const) {
      const all = (await read(ana, path)).items;
      const seen: ActivityEntry[] = [];
      let page = await read(ana, path, "?limit=3");
      await update(ana, task, { title: `While ${path}` });
      for (; page.next_cursor !== null; page = await read(ana, path, `?limit=3&cursor=${page.next_cursor}`))
        seen.push(...page.items);
      seen.push(...page.items);
      expect(seen).toEqual([...all]);
      expect(all.length).toBeGreaterThanOrEqual(count);
      expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).sort((a, b) => b - a));
      expect((await ana.call("GET", `${path}?cursor=W10`)).problem.errors?.[0]?.path).toBe("cursor");
    }
  });

  test("a project in which nothing happened has an empty history; a stranger's is that of nothing", async () => {
    const [ana, eve] = [await makePerson(app, "empty-ana"), await makePerson(app, "empty-eve")];
    const project = await makeProject(ana, { name: "Empty" });
    expect(await read(ana, ofProject(project))).toEqual({ items: [], next_cursor: null });
    const task = await makeTask(ana, project);
    const nowhere = Bun.randomUUIDv7();
    for (const [there, nothing] of [
      [ofProject(project), `/api/projects/${nowhere}/activity`],
      [ofTask(task), `/api/tasks/${nowhere}/activity`],
    ] as const) {
      const [one, two] = [(await eve.call("GET", there)).problem, (await eve.call("GET", nothing)).problem];
      expect({ ...one, request_id: "" }).toEqual({ ...two, request_id: "" });
      expect(one.code).toBe("not_found");
    }
    // What strangers ask for is not made for them either.
    const made = await app.database.sql`select seq from activity where project_id = ${project.id}`;
    expect(made.length).toBe(0);
    const vera = await makePerson(app, "empty-vera");
    await addMember(ana, project, vera, "viewer");
    expect((await read(vera, ofTask(task))).items.map(({ event }) => event)).toEqual(["task_created"]);
  });

  test("a long log is taken over in batches, once, however many read at the same moment", async () => {
    const { ana, ben, project } = await makeTeam(app, "long");
    const task = await makeTask(ana, project);
    const { sql } = app.database;
    const count = 3_500;
    await sql`insert into events (room_id, seq, event, at, data)
      select ${project.id}, r.seq + n, case n % 2 when 0 then 'task_updated' else 'x_ping' end, now(),
        case n % 2 when 0 then json_build_object('task_id', ${task.id}::text, 'changes', json_build_object('estimate', n),
          'task', json_build_object('key', 'K', 'title', 'T'))::text else '"\\u0000"' end
      from rooms r, generate_series(1, ${count}::int) n where r.id = ${project.id}`;
    await sql`update rooms set seq = seq + ${count}::int where id = ${project.id}`;
    const pages = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        read(i % 2 ? ana : ben, i % 3 ? ofTask(task) : ofProject(project), "?limit=2"),
      ),
    );
    for (const { items } of pages)
      expect(items.map(({ data }) => data.changes)).toEqual([{ estimate: 3500 }, { estimate: 3498 }]);
    expect(pages[0]?.items[0]?.actor).toBeNull();
    const [made] = await sql<{ count: number }[]>`
      select count(*) as count from activity where project_id = ${project.id} and event = 'task_updated'`;
    expect(Number(made?.count)).toBe(count / 2);
    const [position] = await sql<{ same: boolean }[]>`select p.seq = r.seq as same from positions p
      join rooms r on r.id = p.room_id where p.room_id = ${project.id} and p.processor = 'activity'`;
    expect(position?.same).toBe(true);
  });

  test("activity is read while others write, without a hole and without keeping them waiting", async () => {
    const { ana, ben, project } = await makeTeam(app, "busy");
    const task = await makeTask(ana, project);
    const writes = Array.from({ length: 60 }, (_, i) => update(ben, task, { estimate: i + 1 }));
    const reads = Array.from({ length: 20 }, () => read(ana, ofTask(task)));
    for (const { items } of await Promise.all(reads)) {
      const seqs = items.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) - i));
    }
    await Promise.all(writes);
    const told = (await getEvents(ana, project)).filter(({ data }) => data.task_id === task.id);
    expect((await read(ana, ofTask(task))).items.map(({ seq }) => seq)).toEqual(told.map(({ seq }) => seq).reverse());
    expect(told.length).toBe(61);
  });

  test("it outlives the log", async () => {
    const { ana, project } = await makeTeam(app, "outlives");
    const task = await makeTask(ana, project);
    await update(ana, task, { title: "Long ago" });
    const before = (await read(ana, ofProject(project))).items;
    // Not read before the log goes.
    const other = await makeTask(ana, await makeProject(ana, { name: "Unread" }));
    // From now on, for the events have the times of the database.
    const clock = createMovableClock(Date.now());
    clock.advance(91 * 24 * 60 * 60 * 1000);
    // What people are told, and reminded of, is made of the log before it goes.
    const behind = () => app.database
      .sql`select from rooms r cross join (values ('notifications'), ('reminders')) n(name)
      left join positions p on p.room_id = r.id and p.processor = n.name
      where r.kind = 'project' and r.seq > coalesce(p.seq, 0)`;
    while ((await behind()).length > 0) await Bun.sleep(20); // what is of no concern is passed by every few seconds
    const days = { retentionDays: 90, notificationRetentionDays: 180 };
    await createMaintenance({ database: app.database, clock, log: silent, ...days }).run();
    expect((await ana.call("GET", `/api/projects/${project.id}/events?since=1`)).status).toBe(410);
    expect((await read(ana, ofProject(project))).items).toEqual([...before]);
    expect((await read(ana, ofTask(other))).items.map(({ event }) => event)).toEqual(["task_created"]);
    await update(ana, task, { title: "Now" });
    expect((await read(ana, ofTask(task))).items.map(({ data }) => data.task?.title)).toEqual([
      "Now",
      "Long ago",
      "Task",
    ]);
  });
});
