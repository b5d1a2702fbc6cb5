import { describe, expect, test } from "bun:test";
import type { Comment } from "../../src/protocol/comments.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  getUserEvents,
  makeComment,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
  type Person,
  type Reply,
} from "../support/people.ts";

let keys = 0;
const newKey = () => `key-${++keys}`;

async function makeTeam(app: TestApp, name: string) {
  const [ana, ben] = [await makePerson(app, `${name}-ana`), await makePerson(app, `${name}-ben`)];
  const project = await makeProject(ana, { name });
  await addMember(ana, project, ben, "member");
  const task = await makeTask(ana, project);
  const { seq } = await getSnapshot(ana, project);
  return { ana, ben, project, task, seq };
}

interface Write {
  readonly name: string;
  readonly status: number;
  readonly events: readonly string[];
  /** Makes what the write needs and answers how it is sent; the same each time it is called. */
  readonly make: (team: Awaited<ReturnType<typeof makeTeam>>) => Promise<[string, string, object?]>;
}

const writes: readonly Write[] = [
  {
    name: "making a task",
    status: 201,
    events: ["task_created"],
    make: async ({ project }) => ["POST", `/api/projects/${project.id}/tasks`, { title: "Once" }],
  },
  {
    name: "changing a task",
    status: 200,
    events: ["task_status_changed", "task_updated"],
    make: async ({ task }) => ["PATCH", `/api/tasks/${task.id}`, { title: "Once", status: "review", version: 1 }],
  },
  {
    name: "moving a task",
    status: 200,
    events: ["task_status_changed"],
    make: async ({ task }) => ["POST", `/api/tasks/${task.id}/move`, { status: "completed" }],
  },
  {
    name: "deleting a task",
    status: 204,
    events: ["task_deleted"],
    make: async ({ task }) => ["DELETE", `/api/tasks/${task.id}`],
  },
  {
    name: "writing a comment",
    status: 201,
    events: ["comment_added"],
    make: async ({ task }) => ["POST", `/api/tasks/${task.id}/comments`, { content: "Once" }],
  },
  {
    name: "editing a comment",
    status: 200,
    events: ["comment_added", "comment_updated"],
    make: async ({ ana, task }) => {
      const comment = await makeComment(ana, task, "First");
      return ["PATCH", `/api/comments/${comment.id}`, { content: "Once" }];
    },
  },
  {
    name: "deleting a comment",
    status: 204,
    events: ["comment_added", "comment_deleted"],
    make: async ({ ana, task }) => ["DELETE", `/api/comments/${(await makeComment(ana, task, "First")).id}`],
  },
  {
    name: "changing a project",
    status: 200,
    events: ["project_updated"],
    make: async ({ project }) => ["PATCH", `/api/projects/${project.id}`, { name: "Once" }],
  },
  {
    name: "changing a member",
    status: 200,
    events: ["member_updated"],
    make: async ({ project, ben }) => ["PATCH", `/api/projects/${project.id}/members/${ben.id}`, { role: "viewer" }],
  },
  {
    name: "removing a member",
    status: 204,
    events: ["member_removed"],
    make: async ({ project, ben }) => ["DELETE", `/api/projects/${project.id}/members/${ben.id}`],
  },
  {
    name: "making a column",
    status: 201,
    events: ["project_updated"],
    make: async ({ project }) => ["POST", `/api/projects/${project.id}/columns`, { name: "Review" }],
  },
  {
    name: "changing a column",
    status: 200,
    events: ["task_updated", "project_updated"],
    make: async ({ ana, project }) => [
      "PATCH",
      `/api/projects/${project.id}/columns/${await columnId(ana, project, 0)}`,
      { done: true, name: "Once" },
    ],
  },
  {
    name: "deleting a column",
    status: 204,
    events: ["task_status_changed", "project_updated"],
    make: async ({ ana, project }) => [
      "DELETE",
      `/api/projects/${project.id}/columns/${await columnId(ana, project, 0)}?move_to=review`,
    ],
  },
  {
    name: "making a label",
    status: 201,
    events: ["project_updated"],
    make: async ({ project }) => ["POST", `/api/projects/${project.id}/labels`, { name: "Once", color: "#ABCDEF" }],
  },
  {
    name: "changing a label",
    status: 200,
    events: ["project_updated", "project_updated"],
    make: async ({ ana, project }) => ["PATCH", await labelPath(ana, project), { name: "Once" }],
  },
  {
    name: "deleting a label",
    status: 204,
    events: ["project_updated", "task_updated", "task_updated", "project_updated"],
    make: async ({ ana, project, task }) => {
      const path = await labelPath(ana, project);
      await ana.call("PATCH", `/api/tasks/${task.id}`, { label_ids: [path.slice(-36)] });
      return ["DELETE", path];
    },
  },
];

const columnId = async (person: Person, project: Project, index: number): Promise<string> =>
  (await getSnapshot(person, project)).columns[index]?.id ?? "";

const labelPath = async (person: Person, project: Project): Promise<string> => {
  const path = `/api/projects/${project.id}/labels`;
  const { id } = ok(await person.call<{ id: string }>("POST", path, { name: "First", color: "#ffffff" }), 201);
  return `${path}/${id}`;
};

const same = (a: Reply<unknown>, b: Reply<unknown>) => expect([b.status, b.text]).toEqual([a.status, a.text]);

describeApp("[H4] a retried write", (app) => {
  describe.each([...writes])("$name", ({ status, events, make }) => {
    test("is applied once and answered alike, one after another and at once", async () => {
      const team = await makeTeam(app, "once");
      const { ana, project, seq } = team;
      const [method, path, body] = await make(team);
      const key = newKey();
      const send = () => ana.call(method, path, body, { "idempotency-key": key });
      const [first, ...twins] = await Promise.all([send(), send(), send()]);
      const later = await send();
      expect([first.status, first.text.includes("internal")]).toEqual([status, false]);
      for (const reply of [...twins, later]) same(first, reply);
      const logged = await getEvents(ana, project, seq);
      expect(logged.map(({ event }) => event)).toEqual([...events]);
      expect(logged.at(-1)?.mutation_id).toBe(key);
    });

    test("with another body is a mismatch, for another person it is another key", async () => {
      const team = await makeTeam(app, "other");
      const { ana, ben } = team;
      const [method, path, body] = await make(team);
      const key = newKey();
      const headers = { "idempotency-key": key };
      ok(await ana.call(method, path, body, headers), status);
      const another = await ana.call("POST", "/api/projects", { name: "Another" }, headers);
      expect([another.status, another.problem.code]).toEqual([422, "idempotency_mismatch"]);
      expect(ok(await ben.call<Project>("POST", "/api/projects", { name: "Bens" }, headers), 201).name).toBe("Bens");
    });
  });

  test("the header and the body's mutation_id are the same thing; both, and different, are invalid", async () => {
    const { ana, project } = await makeTeam(app, "header");
    const key = newKey();
    const path = `/api/projects/${project.id}/tasks`;
    const first = await ana.call<Task>("POST", path, { title: "x", mutation_id: key });
    same(first, await ana.call("POST", path, { title: "x" }, { "idempotency-key": key }));
    same(first, await ana.call("POST", path, { title: "x", mutation_id: key }, { "idempotency-key": key }));
    const both = await ana.call("POST", path, { title: "x", mutation_id: key }, { "idempotency-key": newKey() });
    expect(both.problem.errors?.[0]?.path).toBe("mutation_id");
    const long = await ana.call("POST", path, { title: "x" }, { "idempotency-key": "k".repeat(201) });
    expect(long.problem.errors?.[0]?.path).toBe("Idempotency-Key");
    expect((await getSnapshot(ana, project)).tasks.length).toBe(2);
  });

  test("the same key with other fields of the same verb is a mismatch, in the lane too", async () => {
    const { ana, project, task } = await makeTeam(app, "mismatch");
    const key = newKey();
    ok(await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "One", mutation_id: key }), 200);
    const { problem } = await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "Two", mutation_id: key });
    expect(problem.code).toBe("idempotency_mismatch");
    const created = newKey();
    await makeTask(ana, project, { title: "One", mutation_id: created });
    const other = await ana.call("POST", `/api/projects/${project.id}/tasks`, { title: "Two", mutation_id: created });
    expect(other.problem.code).toBe("idempotency_mismatch");
  });

  test("the same key with another body or query of the same verb is a mismatch, for columns and labels too", async () => {
    const { ana, project } = await makeTeam(app, "mismatch-structure");
    const at = `/api/projects/${project.id}`;
    const [column, label] = [`${at}/columns/${await columnId(ana, project, 1)}`, await labelPath(ana, project)];
    const pairs: [string, string, object | undefined, string, object | undefined][] = [
      ["POST", `${at}/columns`, { name: "One" }, `${at}/columns`, { name: "Two" }],
      ["PATCH", column, { name: "One" }, column, { name: "Two" }],
      ["DELETE", `${column}?move_to=review`, undefined, `${column}?move_to=completed`, undefined],
      ["POST", `${at}/labels`, { name: "One", color: "#000000" }, `${at}/labels`, { name: "One", color: "#000001" }],
      ["PATCH", label, { name: "Two" }, label, { name: "Three" }],
      ["DELETE", label, undefined, `${at}/labels/${project.id}`, undefined],
    ];
    for (const [method, path, body, otherPath, otherBody] of pairs) {
      const headers = { "idempotency-key": newKey() };
      expect((await ana.call(method, path, body, headers)).status).toBeLessThan(300);
      const { problem } = await ana.call(method, otherPath, otherBody, headers);
      expect([method, otherPath, problem.code]).toEqual([method, otherPath, "idempotency_mismatch"]);
    }
  });

  test("a new column is answered as it was made, though others of its name came and it was changed", async () => {
    const { ana, project } = await makeTeam(app, "column-then");
    const path = `/api/projects/${project.id}/columns`;
    const send = (key: string) => ana.call<{ id: string }>("POST", path, { name: "Again" }, { "idempotency-key": key });
    const [first, second] = [await send("first"), await send("second")];
    ok(await ana.call("PATCH", `${path}/${first.body.id}`, { name: "Renamed" }), 200);
    ok(await ana.call("DELETE", `${path}/${second.body.id}`), 204);
    ok(await ana.call("POST", path, { name: "Again" }), 201);
    same(first, await send("first"));
    same(second, await send("second"));
  });

  test("making a project with one key makes one", async () => {
    const ana = await makePerson(app, "project-once");
    const headers = { "idempotency-key": newKey() };
    const [first, ...others] = await Promise.all(
      Array.from({ length: 4 }, () => ana.call<Project>("POST", "/api/projects", { name: "Once" }, headers)),
    );
    if (!first) throw new Error("four were sent");
    for (const reply of others) same(first, reply);
    expect(ok(await ana.call<Page<Project>>("GET", "/api/projects"), 200).items).toEqual([first.body]);
    expect((await getUserEvents(app, ana)).length).toBe(1);
  });

  test("a deletion answers its retry though the project is gone, and a leaver theirs though they are strangers", async () => {
    const { ana, ben, project } = await makeTeam(app, "gone");
    const leave = () =>
      ben.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`, undefined, { "idempotency-key": "leave" });
    expect([(await leave()).status, (await leave()).status]).toEqual([204, 204]);
    const remove = (person: Person, key: string) =>
      person.call("DELETE", `/api/projects/${project.id}`, undefined, { "idempotency-key": key });
    expect((await remove(ben, "other")).status).toBe(404);
    expect([(await remove(ana, "gone")).status, (await remove(ana, "gone")).status]).toEqual([204, 204]);
    expect((await remove(ana, "again")).status).toBe(404);
  });

  test("a write that changed nothing is remembered: its retry changes nothing later either", async () => {
    const { ana, project, task, seq } = await makeTeam(app, "nothing");
    const nothing = { title: "Task", mutation_id: newKey() };
    expect(ok(await ana.call<Task>("PATCH", `/api/tasks/${task.id}`, nothing), 200)).toEqual(task);
    const changed = ok(await ana.call<Task>("PATCH", `/api/tasks/${task.id}`, { title: "Changed" }), 200);
    expect(ok(await ana.call<Task>("PATCH", `/api/tasks/${task.id}`, nothing), 200)).toEqual(changed);
    const other = await ana.call("PATCH", `/api/tasks/${task.id}`, {
      title: "Other",
      mutation_id: nothing.mutation_id,
    });
    expect(other.problem.code).toBe("idempotency_mismatch");
    const unchanged = { name: project.name, mutation_id: newKey() };
    ok(await ana.call("PATCH", `/api/projects/${project.id}`, unchanged), 200);
    ok(await ana.call("PATCH", `/api/projects/${project.id}`, { name: "Renamed" }), 200);
    ok(await ana.call("PATCH", `/api/projects/${project.id}`, unchanged), 200);
    expect(ok(await ana.call<Project>("GET", `/api/projects/${project.id}`), 200).name).toBe("Renamed");
    expect((await getEvents(ana, project, seq)).map(({ event }) => event)).toEqual(["task_updated", "project_updated"]);
  });

  test("a retry is answered as it was then, though the write could not be made any more", async () => {
    const { ana, ben, project, task } = await makeTeam(app, "then");
    const other = await makeTask(ana, project);
    const move = { status: "todo", before: task.id, mutation_id: newKey() };
    const assign = { assignee_ids: [ben.id], mutation_id: newKey() };
    const comment = { content: "x", mutation_id: newKey() };
    const send = async () => [
      await ana.call("POST", `/api/tasks/${other.id}/move`, move),
      await ana.call("PATCH", `/api/tasks/${other.id}`, assign),
      await ana.call<Comment>("POST", `/api/tasks/${other.id}/comments`, comment),
    ];
    const first = await send();
    expect(first.map(({ status }) => status)).toEqual([200, 200, 201]);
    ok(await ana.call("DELETE", `/api/tasks/${task.id}`), 204);
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    const second = await send();
    expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
    ok(await ana.call("DELETE", `/api/tasks/${other.id}`), 204);
    expect((await send()).map(({ text }) => text)).toEqual(first.map(({ text }) => text));
  });
});
