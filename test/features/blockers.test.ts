import { expect, test } from "bun:test";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { listen } from "../support/listener.ts";
import { addMember, getSnapshot, makePerson, makeProject, makeTask, ok, type Person } from "../support/people.ts";
import { makeTeam } from "../support/team.ts";

const pathOf = (task: Pick<Task, "id">, blocker: Pick<Task, "id">): string =>
  `/api/tasks/${task.id}/blocked-by/${blocker.id}`;
const block = (person: Person, task: Task, blocker: Task, key?: string) =>
  person.call<Task>("PUT", pathOf(task, blocker), undefined, key === undefined ? {} : { "idempotency-key": key });
const unblock = (person: Person, task: Task, blocker: Task, key?: string) =>
  person.call("DELETE", pathOf(task, blocker), undefined, key === undefined ? {} : { "idempotency-key": key });
const read = async (person: Person, task: Task): Promise<Task> =>
  ok(await person.call<Task>("GET", `/api/tasks/${task.id}`), 200);

async function makeTasks(app: TestApp, name: string, count: number) {
  const team = await makeTeam(app, name);
  const tasks: Task[] = [];
  for (let i = 0; i < count; i++) tasks.push(await makeTask(team.ana, team.project, { title: `Task ${i}` }));
  return { ...team, tasks, at: (i: number): Task => tasks[i] ?? missing(i) };
}

function missing(i: number): never {
  throw new Error(`there is no task ${i}`);
}

/** Straight into the table: many tasks in one statement, each of which waits for `blockerId`. */
async function makeWaiting({ database }: TestApp, project: Project, count: number, blockerId: string): Promise<void> {
  await database.sql`insert into tasks (id, project_id, number, key, title, status, position, blocked_by_ids, created_by)
    select gen_random_uuid(), ${project.id}, 1000 + n, 'X', 'x', 'todo', 'a1', array[${blockerId}::uuid], ${blockerId}
    from generate_series(1, ${count}::int) n`;
}

describeApp("dependencies", (app) => {
  test("[H2] a task that waits for another is answered whole, and told as an update of its blockers", async () => {
    const { ben, project, at } = await makeTasks(app, "wait", 3);
    const listener = await listen(app, ben, project);
    const [first, second] = [at(1), at(2)].sort((a, b) => (a.id < b.id ? -1 : 1));
    const reply = await block(ben, at(0), second ?? at(2));
    const one = ok(reply, 200);
    expect(one).toEqual({ ...at(0), blocked_by_ids: [second?.id ?? ""], version: 2, updated_at: expect.any(String) });
    expect(reply.headers.get("etag")).toBe('"2"');
    const two = ok(await block(ben, at(0), first ?? at(1)), 200);
    const ids = [first?.id, second?.id];
    expect(two.blocked_by_ids).toEqual(ids.map(String));
    const removed = await unblock(ben, at(0), second ?? at(2));
    expect([removed.status, removed.text]).toEqual([204, ""]);
    const three = await read(ben, at(0));
    expect(three).toEqual({ ...two, blocked_by_ids: [String(first?.id)], version: 4, updated_at: expect.any(String) });
    const update = (task: Task) => ({
      event: "task_updated",
      data: { task, task_id: task.id, changes: { blocked_by_ids: task.blocked_by_ids }, updated_by: ben.id },
    });
    expect(await listener.heard()).toEqual([update(one), update(two), update(three)]);
    listener.close();
  });

  test("[S12] what is so already is answered without an event", async () => {
    const { ana, project, at } = await makeTasks(app, "again", 2);
    const task = ok(await block(ana, at(0), at(1)), 200);
    const listener = await listen(app, ana, project);
    expect(ok(await block(ana, at(0), at(1)), 200)).toEqual(task);
    ok(await unblock(ana, at(1), at(0)), 204);
    ok(await ana.call("DELETE", pathOf(at(0), { id: Bun.randomUUIDv7() })), 204);
    expect(await read(ana, at(0))).toEqual(task);
    expect(await listener.heard()).toEqual([]);
    listener.close();
  });

  test("a task waits neither for itself, nor for what waits for it by whatever way", async () => {
    const { ana, project, at } = await makeTasks(app, "circle", 5);
    const self = await block(ana, at(0), at(0));
    expect([self.status, self.problem.errors?.[0]?.path]).toEqual([422, "task_id"]);
    // 0 ← 1 ← 2 ← 3, and 0 ← 4 ← 3
    for (const [task, blocker] of [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 0],
      [3, 4],
    ] as const)
      ok(await block(ana, at(task), at(blocker)), 200);
    const listener = await listen(app, ana, project);
    for (const [task, blocker] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 3],
      [4, 3],
      [0, 4],
    ] as const) {
      const { status, problem } = await block(ana, at(task), at(blocker));
      expect([task, blocker, status, problem.code]).toEqual([task, blocker, 409, "conflict"]);
      expect(problem.current).toEqual(await read(ana, at(task)));
    }
    expect(await listener.heard()).toEqual([]);
    // No circle: two ways to the same task.
    ok(await block(ana, at(2), at(4)), 200);
    listener.close();
  });

  test("of tasks set to wait for one another at the same moment, the circle stays open", async () => {
    const { ana, ben, project, at } = await makeTasks(app, "race", 6);
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, i) => block(i % 2 ? ana : ben, at(i), at((i + 1) % 6))),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 409]);
    const { tasks } = await getSnapshot(ana, project);
    expect(tasks.flatMap(({ blocked_by_ids }) => blocked_by_ids).length).toBe(5);
  });

  test("blockers set at the same moment are all there", async () => {
    const { ana, ben, at } = await makeTasks(app, "all", 9);
    await Promise.all(Array.from({ length: 8 }, (_, i) => block(i % 2 ? ana : ben, at(0), at(i + 1))));
    expect((await read(ana, at(0))).blocked_by_ids).toEqual(Array.from({ length: 8 }, (_, i) => at(i + 1).id).sort());
  });

  test("a blocker is a task of the same project", async () => {
    const { ana, at } = await makeTasks(app, "same", 1);
    const elsewhere = await makeTask(ana, await makeProject(ana, { name: "Elsewhere" }));
    const foreign = await block(ana, at(0), elsewhere);
    const nothing = await ana.call("PUT", pathOf(at(0), { id: Bun.randomUUIDv7() }));
    expect([foreign.status, foreign.problem.errors?.[0]?.path]).toEqual([422, "task_id"]);
    expect({ ...foreign.problem, request_id: "" }).toEqual({ ...nothing.problem, request_id: "" });
    expect((await ana.call("PUT", `/api/tasks/${at(0).id}/blocked-by/x`)).status).toBe(404);
  });

  test("a task waits for at most 50 others, and at most 500 wait for one", async () => {
    const { ana, project, at } = await makeTasks(app, "many", 2);
    const ids = Array.from({ length: 50 }, () => Bun.randomUUIDv7());
    await app.database.sql`update tasks set blocked_by_ids = ${`{${ids.join()}}`}::text::uuid[] where id = ${at(0).id}`;
    expect((await block(ana, at(0), at(1))).problem.code).toBe("conflict");
    await app.database.sql`update tasks set blocked_by_ids = '{}' where id = ${at(0).id}`;
    await makeWaiting(app, project, 500, at(1).id);
    expect((await block(ana, at(0), at(1))).problem.code).toBe("conflict");
    await app.database.sql`delete from tasks where project_id = ${project.id} and number = 1001`;
    ok(await block(ana, at(0), at(1)), 200);
  });

  test("a deleted task is waited for no more: those that did are told first, in one transaction", async () => {
    const { ana, ben, project, at } = await makeTasks(app, "deleted", 4);
    const child = await makeTask(ana, project, { title: "Child", parent_id: at(0).id });
    ok(await block(ana, at(1), at(0)), 200);
    ok(await block(ana, at(1), at(3)), 200);
    ok(await block(ana, at(2), child), 200);
    ok(await block(ana, child, at(3)), 200);
    // A task that goes with it is told as deleted alone.
    ok(await block(ana, at(0), child), 200);
    const parent = await read(ana, at(0));
    const waiting = await read(ana, child);
    const listener = await listen(app, ana, project);
    ok(await ben.call("DELETE", `/api/tasks/${at(0).id}`, undefined, { "idempotency-key": "deleted-once" }), 204);
    const [one, two] = [await read(ana, at(1)), await read(ana, at(2))];
    expect([one.blocked_by_ids, two.blocked_by_ids]).toEqual([[at(3).id], []]);
    expect([one.version, two.version]).toEqual([4, 3]);
    const update = (task: Task) => ({
      event: "task_updated",
      data: { task, task_id: task.id, changes: { blocked_by_ids: task.blocked_by_ids }, updated_by: ben.id },
    });
    const deletion = (task: Task) => ({ event: "task_deleted", data: { task, task_id: task.id, deleted_by: ben.id } });
    expect(await listener.heard()).toEqual([update(one), update(two), deletion(waiting), deletion(parent)]);
    ok(await ben.call("DELETE", `/api/tasks/${at(0).id}`, undefined, { "idempotency-key": "deleted-once" }), 204);
    expect(await listener.heard()).toEqual([]);
    listener.close();
  });

  test("[H4] a retry is answered as the first was, and undoes nothing; the key for another task is a mismatch", async () => {
    const { ana, project, at } = await makeTasks(app, "retry", 3);
    const first = ok(await block(ana, at(0), at(1), "retry-block"), 200);
    ok(await unblock(ana, at(0), at(1), "retry-unblock"), 204);
    const listener = await listen(app, ana, project);
    expect(ok(await block(ana, at(0), at(1), "retry-block"), 200)).toEqual(first);
    ok(await unblock(ana, at(0), at(1), "retry-unblock"), 204);
    expect((await block(ana, at(0), at(2), "retry-block")).problem.code).toBe("idempotency_mismatch");
    expect((await unblock(ana, at(0), at(1), "retry-block")).problem.code).toBe("idempotency_mismatch");
    const body = await ana.call("PUT", pathOf(at(0), at(1)), { mutation_id: "retry-block" });
    expect(body.body).toEqual(first);
    // A write that changed nothing is remembered too.
    ok(await unblock(ana, at(2), at(1), "retry-nothing"), 204);
    ok(await block(ana, at(2), at(1)), 200);
    ok(await unblock(ana, at(2), at(1), "retry-nothing"), 204);
    expect((await read(ana, at(2))).blocked_by_ids).toEqual([at(1).id]);
    expect((await listener.heard()).length).toBe(1);
    ok(await ana.call("DELETE", `/api/tasks/${at(0).id}`), 204);
    expect(ok(await block(ana, at(0), at(1), "retry-block"), 200)).toEqual(first);
    expect((await block(ana, at(0), at(1))).status).toBe(404);
    listener.close();
  });

  test("viewers change no dependencies, and strangers hear of no task", async () => {
    const { ana, project, at } = await makeTasks(app, "roles", 2);
    const [vera, eve] = [await makePerson(app, "roles-vera"), await makePerson(app, "roles-eve")];
    await addMember(ana, project, vera, "viewer");
    for (const call of [block, unblock]) {
      expect((await call(vera, at(0), at(1))).problem.code).toBe("forbidden");
      const there = (await call(eve, at(0), at(1))).problem;
      const nothing = (await call(eve, { ...at(0), id: Bun.randomUUIDv7() }, at(1))).problem;
      expect({ ...there, request_id: "" }).toEqual({ ...nothing, request_id: "" });
      expect(there.code).toBe("not_found");
    }
  });
});
