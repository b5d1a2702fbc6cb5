/** A key for certain projects is a stranger to all others: over every route there is. */
import { expect, test } from "bun:test";
import { type Endpoint, Scope } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { User } from "../../src/protocol/users.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { holder, makeAdministrator, makeHolder } from "../support/keys.ts";
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

const named = Object.entries(endpoints).map(([name, endpoint]): [string, Endpoint] => [name, endpoint]);
const routes = named.filter(
  ([, { path, who, scope }]) =>
    path.startsWith("/api/") && !path.startsWith("/api/auth/") && who !== "anyone" && scope !== "session",
);
/** What lies behind their ids is of no project. */
const ofNone: readonly (string | undefined)[] = ["notifications", "jobs"];
const wordOf = ({ path }: Endpoint): string | undefined => {
  const word = /^\/api\/(\w+)\/:id/.exec(path)?.[1];
  return ofNone.includes(word) ? undefined : word;
};
const ofProject = routes.filter(([, route]) => wordOf(route) !== undefined && route.projects !== "cut");
const cut = routes.filter(([, { projects }]) => projects === "cut");
const others = routes.filter(([, route]) => wordOf(route) === undefined && route.projects !== "cut");

/** Something of each kind that a path may name. */
async function fill(app: TestApp, person: Person, project: Project) {
  const task = await makeTask(person, project);
  const comment = await makeComment(person, task, "Hello");
  const checklist = Bun.randomUUIDv7();
  await app.database.sql`insert into checklist_items (id, task_id, title, position, created_by)
    values (${checklist}, ${task.id}, 'x', 'a', ${person.id})`;
  const reminders = Bun.randomUUIDv7();
  await app.database.sql`insert into task_reminders (id, task_id, user_id, offset_minutes)
    values (${reminders}, ${task.id}, ${person.id}, 5)`;
  return { projects: project.id, tasks: task.id, comments: comment.id, checklist, reminders };
}
type Things = Awaited<ReturnType<typeof fill>>;

const call = (robot: Person, { method, path }: Endpoint, things: Things) => {
  const ids: Readonly<Record<string, string>> = things;
  const id = ids[/^\/api\/(\w+)/.exec(path)?.[1] ?? ""] ?? Bun.randomUUIDv7();
  const filled = path.replace(":id", id).replace(/:\w+/g, () => Bun.randomUUIDv7());
  return robot.call(method, filled, method === "GET" ? undefined : {});
};

describeApp("the projects of keys", (app) => {
  let made: Promise<Awaited<ReturnType<typeof make>>> | undefined;
  async function make() {
    // With all the rights there are, so that nothing but the restriction refuses.
    const admin = await makeAdministrator(app);
    const [own, other] = [await makeProject(admin, { name: "Own" }), await makeProject(admin, { name: "Other" })];
    const [ben, cem] = [await makePerson(app, "restricted-ben"), await makePerson(app, "restricted-cem")];
    await addMember(admin, own, ben, "member");
    await addMember(admin, other, cem, "member");
    const things = { own: await fill(app, admin, own), other: await fill(app, admin, other) };
    const { robot } = await makeHolder(app, admin, { scopes: Scope.options, project_ids: [own.id] });
    const { token } = ok(await robot.call<{ token: string }>("POST", "/api/token"), 200);
    return { admin, own, other, ben, cem, things, robot, byToken: holder(app, admin, token) };
  }
  const scene = () => {
    made ??= make();
    return made;
  };

  test("every route of a project is not found for a key that is for another", async () => {
    const { things, robot, byToken, admin, other } = await scene();
    expect(ofProject.length).toBeGreaterThan(20);
    const before = (await getEvents(admin, other)).length;
    for (const [name, route] of ofProject) {
      for (const who of [robot, byToken]) {
        const { status, problem } = await call(who, route, things.other);
        expect([name, status, problem?.code]).toEqual([name, 404, "not_found"]);
      }
    }
    expect(await getEvents(admin, other)).toHaveLength(before);
  });

  test("the routes of its own project answer it", async () => {
    const { things, robot } = await scene();
    const reads = ofProject.filter(([, { method, path }]) => method === "GET" && !/:id.*:/.test(path));
    expect(reads.length).toBeGreaterThan(5);
    for (const [name, route] of reads)
      expect([name, (await call(robot, route, things.own)).status]).toEqual([name, 200]);
  });

  test("every route that is of no one project refuses it", async () => {
    const { things, robot } = await scene();
    expect(others.map(([name]) => name)).toContain("createProject");
    for (const [name, route] of others) {
      const { status, problem } = await call(robot, route, things.own);
      const reason = route.who === "administrator" ? "administrator" : "certain projects";
      expect([name, status, problem.detail.includes(reason)]).toEqual([name, 403, true]);
    }
  });

  test("the routes that cut what they answer are those tested below", () => {
    expect(cut.map(([name]) => name).sort()).toEqual(["createToken", "getMe", "listProjects", "listUsers"]);
  });

  test("lists of projects and people are cut to the key's projects, an administrator's too", async () => {
    const { robot, admin, own, ben, cem } = await scene();
    const projects = ok(await robot.call<Page<Project>>("GET", "/api/projects"), 200).items;
    expect(projects.map(({ id }) => id)).toEqual([own.id]);
    const people = ok(await robot.call<Page<User>>("GET", "/api/users"), 200).items;
    expect(people.map(({ id }) => id).sort()).toEqual([admin.id, ben.id].sort());
    const found = ok(await robot.call<Page<User>>("GET", "/api/users?q=restricted"), 200).items;
    expect(found.map(({ id }) => id)).not.toContain(cem.id);
  });

  test("an id in capital letters, or none at all, is no way around", async () => {
    const { robot, own, other } = await scene();
    expect((await robot.call("GET", `/api/projects/${other.id.toUpperCase()}`)).status).toBe(404);
    expect((await robot.call("GET", `/api/projects/${own.id.toUpperCase()}`)).status).toBe(200);
    for (const id of ["x", "%00", "..%2F", `${own.id}%2F..%2F${other.id}`])
      expect((await robot.call("GET", `/api/projects/${id}`)).status).toBe(404);
  });
});
