import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Task } from "../../src/protocol/tasks.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { hold } from "../support/hold.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Person,
  type Reply,
} from "../support/people.ts";

/** Both nodes remember what they were asked about; the database alone is right. */
describe.if(databases.some(({ kind }) => kind === "postgres"))("two nodes on one PostgreSQL", () => {
  let [here, there]: TestApp[] = [];
  beforeAll(async () => {
    here = await startApp({ kind: "postgres" });
    there = await startApp({ databaseUrl: here.databaseUrl });
  });
  afterAll(async () => {
    await there?.stop();
    await here?.stop();
  });

  /** One person, as seen by each node. */
  async function person(name: string): Promise<{ here: Person; there: Person; id: string }> {
    if (!here || !there) throw new Error("the nodes run inside of tests only");
    const first = await makePerson(here, name);
    return { here: first, there: await makePerson(there, name), id: first.id };
  }

  async function team(name: string) {
    const [ana, ben] = [await person(`${name}-ana`), await person(`${name}-ben`)];
    const project = await makeProject(ana.here, { name });
    const task = await makeTask(ana.here, project);
    // The other node knows project and task from now on.
    ok(await ana.there.call("PATCH", `/api/tasks/${task.id}`, { title: "known" }), 200);
    return { ana, ben, project, task };
  }

  test("a member added on one writes on the other at once, and one removed does not", async () => {
    const { ana, ben, project, task } = await team("roles");
    await addMember(ana.here, project, ben.here, "viewer");
    const write = () => ben.there.call("PATCH", `/api/tasks/${task.id}`, { title: "Ben" });
    expect((await write()).problem.code).toBe("forbidden");
    ok(await ana.here.call("PATCH", `/api/projects/${project.id}/members/${ben.id}`, { role: "member" }), 200);
    ok(await write(), 200);
    ok(await ana.here.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    const { seq } = await getSnapshot(ana.here, project);
    const refused: Promise<Reply<unknown>>[] = [
      write(),
      ben.there.call("GET", `/api/tasks/${task.id}`),
      ben.there.call("GET", `/api/projects/${project.id}/snapshot`),
      ben.there.call("POST", `/api/tasks/${task.id}/comments`, { content: "x" }),
      ben.there.call("POST", `/api/projects/${project.id}/tasks`, { title: "x" }),
      ben.there.call("DELETE", `/api/tasks/${task.id}`),
    ];
    expect((await Promise.all(refused)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await getSnapshot(ana.there, project)).seq).toBe(seq);
  });

  test("tasks and subtasks made on both at once get each number once, in the order of their events", async () => {
    const { ana, project, task } = await team("numbers");
    const make = (by: Person, i: number): Promise<Task> =>
      makeTask(by, project, { title: `Task ${i}`, ...(i % 4 === 0 && { parent_id: task.id }) });
    const made = await Promise.all(Array.from({ length: 80 }, (_, i) => make(i % 2 ? ana.here : ana.there, i)));
    const numbers = made.map((_, i) => i + 2);
    expect(made.map(({ number }) => number).sort((a, b) => a - b)).toEqual(numbers);
    const told = (await getEvents(ana.there, project)).filter(({ event }) => event === "task_created").slice(1);
    expect(told.map(({ data }) => (data as { task: Task }).task.number)).toEqual(numbers);
    const sorted = made.toSorted((a, b) => (a.position < b.position ? -1 : 1));
    expect(sorted.map(({ number }) => number)).toEqual(numbers);
  });

  test("a project deleted on one is gone on the other", async () => {
    const { ana, project, task } = await team("gone");
    ok(await ana.here.call("DELETE", `/api/projects/${project.id}`), 204);
    expect((await ana.there.call("PATCH", `/api/tasks/${task.id}`, { title: "x" })).status).toBe(404);
    expect((await ana.there.call("POST", `/api/tasks/${task.id}/comments`, { content: "x" })).status).toBe(404);
    expect((await ana.there.call("GET", `/api/projects/${project.id}/snapshot`)).status).toBe(404);
  });

  test("[H4] a retry that comes to the other node is answered as the first was, though the task is gone", async () => {
    const { ana, project, task } = await team("retry");
    const other = await makeTask(ana.here, project);
    const changes = { title: "Once", mutation_id: "retry-change" };
    const first = ok(await ana.here.call<Task>("PATCH", `/api/tasks/${other.id}`, changes), 200);
    expect(ok(await ana.there.call<Task>("PATCH", `/api/tasks/${other.id}`, changes), 200)).toEqual(first);
    const remove = (from: Person) =>
      from.call("DELETE", `/api/tasks/${other.id}`, undefined, { "idempotency-key": "retry-delete" });
    expect([(await remove(ana.here)).status, (await remove(ana.there)).status]).toEqual([204, 204]);
    const third = await makeTask(ana.here, project);
    ok(await ana.here.call("PATCH", `/api/tasks/${third.id}`, { title: "x", mutation_id: "retry-third" }), 200);
    ok(await ana.here.call("DELETE", `/api/tasks/${third.id}`), 204);
    // This node has never heard of the task: it finds the project by the mutation.
    const late = await ana.there.call<Task>("PATCH", `/api/tasks/${third.id}`, {
      title: "x",
      mutation_id: "retry-third",
    });
    expect(late.body.title).toBe("x");
    expect((await ana.there.call("PATCH", `/api/tasks/${third.id}`, { title: "x" })).status).toBe(404);
    expect(task.id).not.toBe(third.id);
  });

  test("[H4] a retry that waits for the room beside the first, at the other node, is answered as the first is", async () => {
    const { ana, project, task } = await team("twins");
    const { tasks } = await getSnapshot(ana.here, project);
    const path = `/api/tasks/${task.id}`;
    const writes = [
      ["PATCH", path, { title: "Of this version", version: tasks[0]?.version, mutation_id: "twin-version" }],
      ["PATCH", path, { title: "Of any version", mutation_id: "twin-change" }],
      ["POST", `${path}/comments`, { content: "Once", id: Bun.randomUUIDv7(), mutation_id: "twin-comment" }],
    ] as const;
    for (const [method, to, body] of writes) {
      const { released } = await hold(here, "rooms", project.id, 2);
      const twins = [ana.here, ana.there].map((from) => from.call(method, to, body));
      await released;
      const [first, retry] = await Promise.all(twins);
      expect([retry?.status, retry?.body]).toEqual([first?.status, first?.body]);
      expect(first?.status).toBe(method === "POST" ? 201 : 200);
    }
  });

  test("[S6] writes on both at once make one order without a hole, and one conflict a version", async () => {
    const { ana, project, task } = await team("order");
    const { seq, tasks } = await getSnapshot(ana.here, project);
    const version = tasks[0]?.version;
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, i) => {
        const from = i % 2 ? ana.here : ana.there;
        if (i % 4 < 2) return from.call("POST", `/api/projects/${project.id}/tasks`, { title: `Task ${i}` });
        return from.call("PATCH", `/api/tasks/${task.id}`, { title: `Title ${i}`, version });
      }),
    );
    const count = (status: number) => replies.filter((reply) => reply.status === status).length;
    expect([count(201), count(200), count(409)]).toEqual([20, 1, 19]);
    const events = await getEvents(ana.there, project, seq);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 21 }, (_, i) => seq + 1 + i));
    const numbers = (await getSnapshot(ana.there, project)).tasks.map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  });
});
