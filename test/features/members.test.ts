import { describe, expect, test } from "bun:test";
import { tasksAtOnceMax } from "../../src/protocol/columns.ts";
import type { Member, Project, Role } from "../../src/protocol/projects.ts";
import { describeRequests, type TestApp } from "../support/app.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  getUserEvents,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
  type Person,
} from "../support/people.ts";

/** A project with one person of every role, and a stranger. */
async function makeTeam(app: TestApp, name: string) {
  const people = { owner: undefined, admin: undefined, member: undefined, viewer: undefined, stranger: undefined };
  const made = new Map<string, Person>();
  for (const role of Object.keys(people)) made.set(role, await makePerson(app, `${name}-${role}`));
  const as = (role: Role | "stranger"): Person => {
    const person = made.get(role);
    if (!person) throw new Error(`there is no ${role}`);
    return person;
  };
  const project = await makeProject(as("owner"));
  for (const role of ["admin", "member", "viewer"] as const) await addMember(as("owner"), project, as(role), role);
  return { project, as, path: `/api/projects/${project.id}/members` };
}

describeRequests("membership", (app) => {
  describe("members", () => {
    test("a person is added by id or by address; both rooms hear it", async () => {
      const [ana, ben] = [await makePerson(app, "add-ana"), await makePerson(app, "add-ben")];
      const project = await makeProject(ana);
      const [row] = await app.database.sql`select email from users where id = ${ben.id}`;
      const reply = await ana.call<Member>("POST", `/api/projects/${project.id}/members`, {
        email: String(row?.email).toUpperCase(),
        role: "viewer",
      });
      const member = ok(reply, 201);
      expect(member).toMatchObject({ user_id: ben.id, role: "viewer", user: { name: "add-ben" } });
      expect(reply.headers.get("location")).toBe(`/api/projects/${project.id}/members/${ben.id}`);
      const events = await getEvents(ben, project);
      expect(events.map(({ event, data }) => ({ event, data }))).toEqual([
        { event: "member_added", data: { member, member_id: ben.id, added_by: ana.id } },
      ]);
      expect(await getUserEvents(app, ben)).toEqual([
        {
          event: "project_joined",
          data: { project: { ...project, role: "viewer" }, project_id: project.id, joined_by: ana.id },
        },
      ]);
    });

    test("an unknown person or address is not found, a member is a conflict with the member", async () => {
      const { project, as, path } = await makeTeam(app, "unknown");
      const unknown = [{ user_id: Bun.randomUUIDv7() }, { email: "nobody@example.org" }];
      for (const who of unknown)
        expect((await as("owner").call("POST", path, { ...who, role: "member" })).problem.code).toBe("not_found");
      const again = await as("owner").call("POST", path, { user_id: as("viewer").id, role: "member" });
      expect(again.problem).toMatchObject({ code: "conflict", current: { user_id: as("viewer").id, role: "viewer" } });
      expect((await getEvents(as("owner"), project)).length).toBe(3);
    });

    test("[H2] members are listed in the order they came, in pages", async () => {
      const { as, path } = await makeTeam(app, "pages");
      const first = ok(await as("viewer").call<Page<Member>>("GET", `${path}?limit=3`), 200);
      const rest = ok(await as("viewer").call<Page<Member>>("GET", `${path}?limit=3&cursor=${first.next_cursor}`), 200);
      expect([...first.items, ...rest.items].map(({ role }) => role)).toEqual(["owner", "admin", "member", "viewer"]);
      expect(rest.next_cursor).toBeNull();
    });

    test("who may add, change and remove whom is as the contract has it", async () => {
      const { as, path } = await makeTeam(app, "rules");
      const attempts: [Role | "stranger", string, string, object | undefined, number][] = [
        ["stranger", "POST", path, { user_id: as("stranger").id, role: "owner" }, 404],
        ["viewer", "POST", path, { user_id: as("stranger").id, role: "viewer" }, 403],
        ["member", "POST", path, { user_id: as("stranger").id, role: "viewer" }, 403],
        ["admin", "POST", path, { user_id: as("stranger").id, role: "owner" }, 403],
        ["stranger", "PATCH", `${path}/${as("viewer").id}`, { role: "owner" }, 404],
        ["viewer", "PATCH", `${path}/${as("viewer").id}`, { role: "owner" }, 403],
        ["member", "PATCH", `${path}/${as("member").id}`, { role: "admin" }, 403],
        ["admin", "PATCH", `${path}/${as("owner").id}`, { role: "member" }, 403],
        ["admin", "PATCH", `${path}/${as("admin").id}`, { role: "owner" }, 403],
        ["admin", "PATCH", `${path}/${as("stranger").id}`, { role: "member" }, 404],
        ["stranger", "DELETE", `${path}/${as("viewer").id}`, undefined, 404],
        ["member", "DELETE", `${path}/${as("viewer").id}`, undefined, 403],
        ["admin", "DELETE", `${path}/${as("owner").id}`, undefined, 403],
        ["admin", "DELETE", `${path}/${as("stranger").id}`, undefined, 404],
        ["owner", "DELETE", `${path}/${as("owner").id}`, undefined, 409],
        ["owner", "PATCH", `${path}/${as("owner").id}`, { role: "member" }, 409],
        ["admin", "PATCH", `${path}/${as("member").id}`, { role: "viewer" }, 200],
        ["owner", "PATCH", `${path}/${as("admin").id}`, { role: "owner" }, 200],
        ["admin", "PATCH", `${path}/${as("owner").id}`, { role: "admin" }, 200],
        ["admin", "DELETE", `${path}/${as("owner").id}`, undefined, 204],
        ["viewer", "DELETE", `${path}/${as("viewer").id}`, undefined, 204],
      ];
      for (const [who, method, url, body, status] of attempts)
        expect([who, method, url, (await as(who).call(method, url, body)).status]).toEqual([who, method, url, status]);
    });

    test("the last owner's conflict carries the member as it is; a change without a role says what it takes", async () => {
      const { as, path } = await makeTeam(app, "last-owner");
      const owner = `${path}/${as("owner").id}`;
      const [current] = ok(await as("owner").call<Page<Member>>("GET", path), 200).items;
      for (const headers of [{}, { "idempotency-key": "leave" }])
        for (const { status, problem } of [
          await as("owner").call("PATCH", owner, { role: "admin" }),
          await as("owner").call("DELETE", owner, undefined, headers),
        ])
          expect([status, problem.code, problem.current]).toEqual([409, "conflict", current]);
      const { status, problem } = await as("owner").call("PATCH", owner, {});
      expect([status, problem.errors?.map((error) => error.path)]).toEqual([422, ["role"]]);
      expect(problem.errors?.[0]?.message).toMatch(/owner.*admin.*member.*viewer/);
    });

    test("[S12] the same role again is no event", async () => {
      const { project, as, path } = await makeTeam(app, "same");
      const member = ok(await as("owner").call<Member>("PATCH", `${path}/${as("member").id}`, { role: "member" }), 200);
      expect(member).toMatchObject({ user_id: as("member").id, role: "member" });
      ok(await as("owner").call("PATCH", `${path}/${as("member").id}`, { role: "viewer" }), 200);
      const events = await getEvents(as("owner"), project, 3);
      expect(events.map(({ event, data }) => ({ event, data }))).toEqual([
        {
          event: "member_updated",
          data: { member: { ...member, role: "viewer" }, member_id: as("member").id, updated_by: as("owner").id },
        },
      ]);
    });

    test("[S10] whoever is removed is a stranger at once; their own room says so", async () => {
      const { project, as, path } = await makeTeam(app, "removed");
      const task = await makeTask(as("member"), project);
      ok(await as("admin").call("DELETE", `${path}/${as("member").id}`), 204);
      const { role: _, ...shared } = project;
      expect((await getUserEvents(app, as("member"))).slice(1)).toEqual([
        { event: "project_left", data: { project: shared, project_id: project.id, left_by: as("admin").id } },
      ]);
      const [event] = (await getEvents(as("owner"), project)).slice(-1);
      expect(event).toMatchObject({
        event: "member_removed",
        data: {
          member: { user_id: as("member").id, role: "member" },
          member_id: as("member").id,
          removed_by: as("admin").id,
        },
      });
      const tries: [string, string, object?][] = [
        ["GET", `/api/projects/${project.id}`],
        ["GET", `/api/projects/${project.id}/snapshot`],
        ["GET", `/api/projects/${project.id}/events`],
        ["GET", `/api/tasks/${task.id}`],
        ["GET", `/api/tasks/${task.id}/comments`],
        ["PATCH", `/api/tasks/${task.id}`, { title: "mine" }],
        ["POST", `/api/tasks/${task.id}/comments`, { content: "still here" }],
        ["POST", `/api/projects/${project.id}/tasks`, { title: "one more" }],
        ["DELETE", `/api/tasks/${task.id}`],
        ["DELETE", path.concat(`/${as("member").id}`)],
      ];
      for (const [method, url, body] of tries)
        expect([method, url, (await as("member").call(method, url, body)).status]).toEqual([method, url, 404]);
    });

    test("whoever has more tasks than one write may change is taken off all of them, and then removed", async () => {
      const { project, as, path } = await makeTeam(app, "busy");
      const count = tasksAtOnceMax + 3;
      await app.database.sql`
        insert into tasks (id, project_id, number, key, title, status, position, created_by, assignee_ids)
        select gen_random_uuid(), ${project.id}, n, 'X-' || n, 'x', 'todo', 'a1', gen_random_uuid(),
          array[${as("member").id}::uuid] from generate_series(1, ${count}::int) n`;
      const { seq } = await getSnapshot(as("owner"), project);
      const remove = () =>
        as("admin").call("DELETE", `${path}/${as("member").id}`, undefined, { "idempotency-key": "busy" });
      expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
      const after = await getSnapshot(as("owner"), project);
      expect(after.seq - seq).toBe(count + 1);
      expect(after.tasks.filter((task) => task.assignee_ids.length > 0)).toEqual([]);
      expect((await getEvents(as("owner"), project, after.seq - 1)).map(({ event }) => event)).toEqual([
        "member_removed",
      ]);
      expect((await as("member").call("GET", `/api/projects/${project.id}`)).status).toBe(404);
    });

    test("two owners who remove each other at the same moment leave one of them", async () => {
      const { project, as, path } = await makeTeam(app, "duel");
      ok(await as("owner").call("PATCH", `${path}/${as("admin").id}`, { role: "owner" }), 200);
      const statuses = await Promise.all([
        as("owner").call("DELETE", `${path}/${as("admin").id}`),
        as("admin").call("DELETE", `${path}/${as("owner").id}`),
      ]);
      expect(statuses.map(({ status }) => status).sort()).toEqual([204, 404]);
      const rows = await app.database
        .sql`select user_id from members where project_id = ${project.id} and role = 'owner'`;
      expect(rows.length).toBe(1);
    });
  });

  /** What each role may do with a project's things; every other role of the row before is refused. */
  describe("roles", () => {
    test("a viewer reads, a member writes, an admin edits the project, an owner deletes it; a stranger sees nothing", async () => {
      const { project, as } = await makeTeam(app, "matrix");
      const task = await makeTask(as("member"), project);
      const comment = ok(
        await as("member").call<{ id: string }>("POST", `/api/tasks/${task.id}/comments`, { content: "a" }),
        201,
      );
      const roles = ["stranger", "viewer", "member", "admin", "owner"] as const;
      const rows: [string, string, object | undefined, readonly number[]][] = [
        ["GET", `/api/projects/${project.id}`, undefined, [404, 200, 200, 200, 200]],
        ["GET", `/api/projects/${project.id}/snapshot`, undefined, [404, 200, 200, 200, 200]],
        ["GET", `/api/projects/${project.id}/events`, undefined, [404, 200, 200, 200, 200]],
        ["GET", `/api/projects/${project.id}/members`, undefined, [404, 200, 200, 200, 200]],
        ["GET", `/api/projects/${project.id}/tasks`, undefined, [404, 200, 200, 200, 200]],
        ["GET", `/api/tasks/${task.id}`, undefined, [404, 200, 200, 200, 200]],
        ["GET", `/api/tasks/${task.id}/comments`, undefined, [404, 200, 200, 200, 200]],
        ["POST", `/api/projects/${project.id}/tasks`, { title: "x" }, [404, 403, 201, 201, 201]],
        ["PATCH", `/api/tasks/${task.id}`, { title: "x" }, [404, 403, 200, 200, 200]],
        ["POST", `/api/tasks/${task.id}/move`, { status: "review" }, [404, 403, 200, 200, 200]],
        ["POST", `/api/tasks/${task.id}/comments`, { content: "x" }, [404, 403, 201, 201, 201]],
        ["PATCH", `/api/comments/${comment.id}`, { content: "b" }, [404, 403, 200, 200, 200]],
        ["DELETE", `/api/comments/${comment.id}`, undefined, [404, 403, 204, 404, 404]],
        ["PATCH", `/api/projects/${project.id}`, { name: "x" }, [404, 403, 403, 200, 200]],
        ["DELETE", `/api/tasks/${task.id}`, undefined, [404, 403, 204, 404, 404]],
        ["DELETE", `/api/projects/${project.id}`, undefined, [404, 403, 403, 403, 204]],
      ];
      for (const [method, path, body, expected] of rows) {
        const statuses: number[] = [];
        for (const role of roles) statuses.push((await as(role).call<Project>(method, path, body)).status);
        expect([method, path, statuses]).toEqual([method, path, [...expected]]);
      }
    });

    test("an admin edits and deletes another's comment", async () => {
      const { project, as } = await makeTeam(app, "moderate");
      const task = await makeTask(as("member"), project);
      const comment = ok(
        await as("member").call<{ id: string }>("POST", `/api/tasks/${task.id}/comments`, { content: "a" }),
        201,
      );
      ok(await as("admin").call("PATCH", `/api/comments/${comment.id}`, { content: "b" }), 200);
      ok(await as("admin").call("DELETE", `/api/comments/${comment.id}`), 204);
    });
  });
});
