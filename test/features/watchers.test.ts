import { expect, test } from "bun:test";
import type { Task } from "../../src/protocol/tasks.ts";
import type { User } from "../../src/protocol/users.ts";
import { describeRequests } from "../support/app.ts";
import { listen } from "../support/listener.ts";
import { addMember, endMillisecond, makePerson, makeTask, ok, type Page, type Person } from "../support/people.ts";
import { makeTeam } from "../support/team.ts";

const pathOf = (task: Pick<Task, "id">): string => `/api/tasks/${task.id}/watchers`;
const set = async (person: Person, task: Pick<Task, "id">, method: "PUT" | "DELETE", key?: string) => {
  const headers = key === undefined ? {} : { "idempotency-key": key };
  const reply = await person.call(method, `${pathOf(task)}/me`, undefined, headers);
  endMillisecond();
  return reply;
};
const watchers = async (person: Person, task: Task, query = ""): Promise<Page<User>> =>
  ok(await person.call<Page<User>>("GET", `${pathOf(task)}${query}`), 200);
const names = async (person: Person, task: Task): Promise<string[]> =>
  (await watchers(person, task)).items.map(({ name }) => name);

describeRequests("watchers", (app) => {
  test("members watch a task and stop, viewers too, and nobody hears of it", async () => {
    const { ana, ben, project } = await makeTeam(app, "watch");
    const vera = await makePerson(app, "watch-vera");
    await addMember(ana, project, vera, "viewer");
    const task = await makeTask(ana, project);
    const listener = await listen(app, ana, project);
    expect(await watchers(ana, task)).toEqual({ items: [], next_cursor: null });
    for (const person of [vera, ben, vera]) {
      const reply = await set(person, task, "PUT");
      expect([reply.status, reply.text]).toEqual([204, ""]);
    }
    expect((await watchers(ana, task)).items).toEqual(
      [vera, ben].map(({ id, name }) => ({ id, name, avatar_url: null, role: "user" })),
    );
    expect([(await set(vera, task, "DELETE")).status, (await set(ana, task, "DELETE")).status]).toEqual([204, 204]);
    expect(await names(ana, task)).toEqual(["watch-ben"]);
    expect(ok(await ana.call<Task>("GET", `/api/tasks/${task.id}`), 200)).toEqual(task);
    expect(await listener.heard()).toEqual([]);
    listener.close();
  });

  test("that somebody does not want to watch is kept, until they do", async () => {
    const { ana, ben, project } = await makeTeam(app, "unwatch");
    const task = await makeTask(ana, project);
    ok(await set(ben, task, "DELETE"), 204);
    const kept = () => app.database.sql<{ user_id: string; watching: boolean }[]>`
      select user_id, watching from watchers where task_id = ${task.id} order by created_at, user_id`;
    expect([...(await kept())]).toEqual([{ user_id: ben.id, watching: false }]);
    ok(await set(ana, task, "PUT"), 204);
    ok(await set(ben, task, "PUT"), 204);
    // In the order in which they began to.
    expect([...(await kept())]).toEqual([ana, ben].map(({ id }) => ({ user_id: id, watching: true })));
    ok(await ana.call("DELETE", `/api/tasks/${task.id}`), 204);
    expect([...(await kept())]).toEqual([]);
  });

  test("[H2] the list is in pages, and holds nobody who left the project", async () => {
    const { ana, ben, project } = await makeTeam(app, "watchers");
    const task = await makeTask(ana, project);
    const people = [ben, ana];
    for (const name of ["cleo", "dora", "emil"]) {
      const person = await makePerson(app, `watchers-${name}`);
      await addMember(ana, project, person, "member");
      people.push(person);
    }
    for (const person of people) ok(await set(person, task, "PUT"), 204);
    const seen: string[] = [];
    let page = await watchers(ana, task, "?limit=2");
    for (; page.next_cursor !== null; page = await watchers(ana, task, `?limit=2&cursor=${page.next_cursor}`))
      seen.push(...page.items.map(({ id }) => id));
    seen.push(...page.items.map(({ id }) => id));
    expect(seen).toEqual(people.map(({ id }) => id));
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    expect(await names(ana, task)).toEqual(people.slice(1).map(({ name }) => name));
    expect((await ana.call("GET", `${pathOf(task)}?cursor=W10`)).problem.errors?.[0]?.path).toBe("cursor");
  });

  test("[H4] a retry that comes late changes nothing, and the key of one is not for the other", async () => {
    const { ana, project } = await makeTeam(app, "watch-retry");
    const task = await makeTask(ana, project);
    ok(await set(ana, task, "PUT", "watch-once"), 204);
    ok(await set(ana, task, "DELETE", "unwatch-once"), 204);
    ok(await set(ana, task, "PUT", "watch-once"), 204);
    expect(await names(ana, task)).toEqual([]);
    expect((await set(ana, task, "DELETE", "watch-once")).problem.code).toBe("idempotency_mismatch");
    expect((await set(ana, await makeTask(ana, project), "PUT", "watch-once")).problem.code).toBe(
      "idempotency_mismatch",
    );
    const together = await Promise.all(Array.from({ length: 6 }, () => set(ana, task, "PUT", "watch-together")));
    expect(together.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204, 204]);
    expect(await names(ana, task)).toEqual([ana.name]);
  });

  test("watching a task that is being deleted is done, or finds no task", async () => {
    const { ana, ben, project } = await makeTeam(app, "watch-race");
    for (let round = 0; round < 25; round++) {
      const task = await makeTask(ana, project);
      const [watched, deleted] = await Promise.all([
        set(ben, task, "PUT"),
        ana.call("DELETE", `/api/tasks/${task.id}`),
        ana.call("PATCH", `/api/tasks/${task.id}`, { title: "x" }),
      ]);
      expect([204, 404]).toContain(watched.status);
      expect(deleted.status).toBe(204);
    }
  });

  test("[H1] a stranger hears the same of a task's watchers and of nothing", async () => {
    const { ana, project } = await makeTeam(app, "watch-stranger");
    const eve = await makePerson(app, "watch-eve");
    const task = await makeTask(ana, project);
    const nowhere = { id: Bun.randomUUIDv7() };
    for (const [there, nothing] of [
      [await eve.call("GET", pathOf(task)), await eve.call("GET", pathOf(nowhere))],
      [await set(eve, task, "PUT"), await set(eve, nowhere, "PUT")],
      [await set(eve, task, "DELETE"), await set(eve, nowhere, "DELETE")],
    ] as const) {
      expect({ ...there.problem, request_id: "" }).toEqual({ ...nothing.problem, request_id: "" });
      expect(there.problem.code).toBe("not_found");
    }
    const rows = await app.database.sql`select user_id from watchers where task_id = ${task.id}`;
    expect(rows.length).toBe(0);
  });
});
