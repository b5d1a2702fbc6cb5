/** A key may do what its scopes say and nothing else: over every route and every frame there is. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Endpoint, Scope, scopeOf } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import { type ClientFrameName, frameScopes } from "../../src/protocol/frames.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { holder, makeAdministrator, makeHolder, makeKey, usualScopes } from "../support/keys.ts";
import { addMember, makePerson, makeProject, makeTask, type Person } from "../support/people.ts";
import { openWire, type Wire } from "../support/wire.ts";

/** Those the API answers; the others (accounts, health, reference) know no keys. */
const routes: readonly Endpoint[] = Object.values(endpoints).filter(
  ({ path, who }: Endpoint) => path.startsWith("/api/") && !path.startsWith("/api/auth/") && who !== "anyone",
);
const accounts: readonly Endpoint[] = Object.values(endpoints).filter(({ path }) => path.startsWith("/api/auth/"));
const allBut = (scope: Scope): Scope[] => Scope.options.filter((each) => each !== scope);
const withIds = (path: string): string => path.replace(/:\w+/g, () => Bun.randomUUIDv7());
const call = (robot: Person, { method, path }: Endpoint) =>
  robot.call(method, withIds(path), method === "GET" ? undefined : {});

describe("the scopes of keys", () => {
  let app: TestApp;
  let admin: Person;
  let withScopes: (scopes: readonly Scope[]) => Promise<Person>;
  beforeAll(async () => {
    app = await startApp();
    admin = await makeAdministrator(app);
    const made = new Map<string, Person>();
    withScopes = async (scopes) => {
      const name = [...scopes].sort().join();
      const robot = made.get(name) ?? (await makeHolder(app, admin, { scopes })).robot;
      made.set(name, robot);
      return robot;
    };
  });
  afterAll(() => app?.stop());

  test("what is asked here is every route", () => {
    expect(routes.length).toBeGreaterThan(20);
    const asked = new Set(routes.map(scopeOf));
    for (const scope of ["read", "write", "events:publish", "session", "any"] as const) expect(asked).toContain(scope);
  });

  for (const route of routes) {
    const scope = scopeOf(route);
    const name = `${route.method} ${route.path}`;
    if (scope === "session") {
      test(`${name} is not for keys, whatever their scopes`, async () => {
        const { status, problem } = await call(await withScopes(Scope.options), route);
        expect([status, problem.code]).toEqual([403, "forbidden"]);
      });
    } else if (scope === "any") {
      test(`${name} is for every key`, async () => {
        for (const each of Scope.options)
          expect((await call(await withScopes([each]), route)).status).toBeLessThan(300);
      });
    } else {
      test(`${name} takes the scope ${scope}`, async () => {
        const { status, problem } = await call(await withScopes(allBut(scope)), route);
        expect([status, problem.code]).toEqual([403, "forbidden"]);
        expect(problem.detail).toContain(`scope ${scope}`);
        // With it the route itself answers: found, not found, or not understood.
        expect([401, 403, 405, 500]).not.toContain((await call(await withScopes([scope]), route)).status);
      });
    }
  }

  test("the paths of accounts take no key for a sign-in", async () => {
    const robot = await withScopes(Scope.options);
    for (const route of accounts.filter(({ path }) => !/sign-(up|in)/.test(path))) {
      const { status, body } = await call(robot, route);
      // `get-session` answers null to whoever is not signed in.
      expect([route.path, status >= 400 || body === null || Object.keys(body ?? {}).join() === "success"]).toEqual([
        route.path,
        true,
      ]);
    }
    expect((await robot.call("GET", "/api/me")).status).toBe(200);
  });

  test("a route for administrators refuses a key of anybody else, whatever its scopes", async () => {
    const { robot } = await makeHolder(app, await makePerson(app, "no-admin"), { scopes: usualScopes });
    const forAdministrators = routes.filter(({ who }) => who === "administrator");
    expect(forAdministrators.length).toBeGreaterThan(0);
    for (const route of forAdministrators) expect((await call(robot, route)).status).toBe(403);
  });

  const connect = async (token: string): Promise<Wire> => {
    const wire = await openWire(app.url, { token });
    if (wire.status === 101) await wire.take("connected");
    return wire;
  };
  const dataOf = (frame: ClientFrameName, project: Project, task: Task): object => {
    const ids = { project_id: project.id, task_id: task.id };
    const all: Partial<Record<ClientFrameName, object>> = {
      join_project: { project_id: project.id },
      leave_project: { project_id: project.id },
      resume_user: { since: { epoch: "e", seq: 0 } },
      task_create: { project_id: project.id, title: "x" },
      task_update: { task_id: task.id, changes: { title: "y" } },
      task_status_update: { task_id: task.id, status: "review" },
      task_move: { task_id: task.id, status: "review" },
      task_assign: { task_id: task.id, assignee_ids: [] },
      task_delete: { task_id: task.id },
      new_comment: { task_id: task.id, content: "x" },
      user_typing: { ...ids, is_typing: true },
      presence_update: { status: "busy", task_id: task.id },
      mark_read: { all: true },
    };
    return all[frame] ?? {};
  };
  const frames = Object.keys(frameScopes) as ClientFrameName[]; // the table is closed

  test("[S1] a socket takes the scope read: by header, subprotocol and frame", async () => {
    const robot = await withScopes(allBut("read"));
    expect((await openWire(app.url, { token: robot.token })).status).toBe(403);
    const offered = await openWire(app.url, { protocols: ["taskwire.v1", `bearer.${robot.token}`] });
    expect([await offered.closed, offered.frames]).toMatchObject([{ code: 4403 }, []]);
    const wire = await openWire(app.url);
    const answer = await wire.ask("authenticate", { token: robot.token });
    expect(answer.error?.code).toBe("forbidden");
    expect((await wire.closed).code).toBe(4403);
    const reader = await withScopes(["read"]);
    const later = await openWire(app.url, { protocols: ["taskwire.v1", `bearer.${reader.token}`] });
    expect((await later.take("connected")).data.user).toMatchObject({ id: admin.id, name: admin.name });
    later.destroy();
  });

  test("a key that reads may join and hear, and writes by no frame", async () => {
    const robot = await withScopes(["read"]);
    const project = await makeProject(admin);
    const task = await makeTask(admin, project);
    const wire = await connect(robot.token);
    for (const frame of frames.filter((each) => frameScopes[each] === "write")) {
      const { error } = await wire.ask(frame, dataOf(frame, project, task));
      expect([frame, error?.code, error?.message.includes("scope write")]).toEqual([frame, "forbidden", true]);
    }
    for (const frame of ["join_project", "resume_user", "ping", "register"] as const)
      expect((await wire.ask(frame, dataOf(frame, project, task))).ok).toBe(true);
    wire.destroy();
  });

  test("a key for one project is a stranger to every frame of another, and hears nothing of its person's room", async () => {
    const [own, other] = [await makeProject(admin), await makeProject(admin)];
    const [ownTask, otherTask] = [await makeTask(admin, own), await makeTask(admin, other)];
    const { key } = await makeKey(admin, { scopes: Scope.options, project_ids: [own.id] });
    const wire = await connect(key);
    for (const frame of frames.filter((each) => frameScopes[each] !== "any" && each !== "resume_user")) {
      if (frame === "mark_read") continue;
      const { error } = await wire.ask(frame, dataOf(frame, other, otherTask));
      expect([frame, error?.code]).toEqual([frame, "not_found"]);
    }
    expect((await wire.ask("mark_read", { all: true })).error?.code).toBe("forbidden");
    expect((await wire.ask("resume_user", { since: { epoch: "e", seq: 0 } })).error?.code).toBe("forbidden");
    // Its own project named with another's task, and the other way round.
    const typing = { project_id: own.id, task_id: otherTask.id, is_typing: true };
    expect((await wire.ask("join_project", { project_id: own.id })).ok).toBe(true);
    expect((await wire.ask("user_typing", typing)).error?.code).toBe("not_found");
    expect((await wire.ask("task_update", { task_id: ownTask.id, changes: { title: "Mine" } })).ok).toBe(true);
    await wire.take("task_updated");
    const heard = wire.frames.length;
    const witness = await connect(admin.token);
    expect((await witness.ask("join_project", { project_id: other.id })).ok).toBe(true);
    const joined = await makeProject(admin); // `project_joined` in the person's room
    const made = await makeTask(admin, other);
    // Whoever may hear of them has.
    await witness.take(({ event, data }) => event === "project_joined" && data.project_id === joined.id);
    await witness.take(({ event, data }) => event === "task_created" && data.task_id === made.id);
    expect(await wire.settled(heard)).toEqual([]);
    for (const each of [wire, witness]) each.destroy();
  });

  test("a connection is renewed by its own key alone", async () => {
    const [first, second] = [await makeKey(admin), await makeKey(admin, { scopes: ["read"] })];
    const wire = await connect(first.key);
    expect((await wire.ask("authenticate", { token: second.key })).error?.code).toBe("forbidden");
    expect((await wire.ask("authenticate", { token: admin.token })).error?.code).toBe("forbidden");
    const token = await holder(app, admin, first.key).call<{ token: string }>("POST", "/api/token");
    expect((await wire.ask("authenticate", { token: token.body.token })).ok).toBe(true);
    expect((await wire.ask("ping")).ok).toBe(true);
    wire.destroy();
  });

  test("a program with a key is not present", async () => {
    const project = await makeProject(admin);
    const ben = await makePerson(app, "present");
    await addMember(admin, project, ben, "member");
    const robot = await connect((await makeKey(admin)).key);
    expect((await robot.ask("join_project", { project_id: project.id })).ok).toBe(true);
    expect((await robot.ask("presence_update", { status: "busy" })).ok).toBe(true);
    const person = await connect(ben.token);
    const joined = await person.ask("join_project", { project_id: project.id });
    const presence = joined.data.presence;
    expect(Array.isArray(presence) && presence.map(({ user_id }) => user_id)).not.toContain(admin.id);
    robot.destroy();
    person.destroy();
  });
});
