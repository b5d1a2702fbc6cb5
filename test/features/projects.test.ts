import { expect, test } from "bun:test";
import { freeKey, keyOfName } from "../../src/features/projects/project-key.ts";
import type { Project } from "../../src/protocol/projects.ts";
import { describeRequests } from "../support/app.ts";
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
} from "../support/people.ts";

describeRequests("projects", (app) => {
  test("[H2] a new project is answered whole, with its place and default columns", async () => {
    const ana = await makePerson(app, "project-ana");
    const reply = await ana.call<Project>("POST", "/api/projects", {
      name: " Moon base ",
      key: "MOON",
      description: "up",
    });
    expect(reply.status).toBe(201);
    expect(reply.headers.get("location")).toBe(`/api/projects/${reply.body.id}`);
    expect(reply.body).toMatchObject({
      key: "MOON",
      name: "Moon base",
      description: "up",
      role: "owner",
      archived_at: null,
    });
    const snapshot = await getSnapshot(ana, reply.body);
    expect(snapshot.columns.map(({ status, done }) => [status, done])).toEqual([
      ["todo", false],
      ["in_progress", false],
      ["review", false],
      ["completed", true],
    ]);
    expect(snapshot).toMatchObject({ seq: 0, labels: [], tasks: [], next_cursor: null });
    expect(snapshot.members).toEqual([
      {
        user_id: ana.id,
        user: { id: ana.id, name: "project-ana", avatar_url: null, role: "user" },
        role: "owner",
        joined_at: expect.any(String),
      },
    ]);
    expect(await getUserEvents(app, ana)).toEqual([
      { event: "project_joined", data: { project: reply.body, project_id: reply.body.id, joined_by: ana.id } },
    ]);
  });

  test("a key is made of the name, and numbered where it is taken, also by two at once", async () => {
    const ana = await makePerson(app, "key-ana");
    const made = await Promise.all(Array.from({ length: 6 }, () => makeProject(ana, { name: "Galaxy quest" })));
    expect(made.map((project) => project.key).sort()).toEqual(["GQ", "GQ2", "GQ3", "GQ4", "GQ5", "GQ6"]);
  });

  test("a key that was asked for and is taken is a conflict", async () => {
    const ana = await makePerson(app, "taken-ana");
    const first = await makeProject(ana, { name: "One", key: "TAKEN" });
    const second = await makeProject(ana, { name: "Two", key: "FREE" });
    expect((await ana.call("POST", "/api/projects", { name: "Three", key: "TAKEN" })).problem.code).toBe("conflict");
    expect((await ana.call("PATCH", `/api/projects/${second.id}`, { key: "TAKEN" })).problem.code).toBe("conflict");
    ok(await ana.call("DELETE", `/api/projects/${first.id}`), 204);
    expect(ok(await ana.call<Project>("PATCH", `/api/projects/${second.id}`, { key: "TAKEN" }), 200).key).toBe("TAKEN");
  });

  test("[H2] the list has the caller's projects alone, in the order they were made, in pages", async () => {
    const [ana, ben] = [await makePerson(app, "list-ana"), await makePerson(app, "list-ben")];
    const made: Project[] = [];
    for (let i = 0; i < 5; i++) made.push(await makeProject(ana, { name: `Project ${i}` }));
    await makeProject(ben, { name: "Hidden" });
    const seen: Project[] = [];
    let cursor = "";
    for (let pages = 0; pages < 3; pages++) {
      const page = ok(await ana.call<Page<Project>>("GET", `/api/projects?limit=2${cursor}`), 200);
      seen.push(...page.items);
      expect(page.next_cursor === null).toBe(pages === 2);
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(made);
  });

  test("[S12] a change is one event with the whole structure; no change is none", async () => {
    const [ana, ben] = [await makePerson(app, "change-ana"), await makePerson(app, "change-ben")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "admin");
    const archived_at = "2026-02-03T04:05:06.000Z";
    const changed = ok(
      await ben.call<Project>("PATCH", `/api/projects/${project.id}`, {
        name: "New",
        archived_at: "2026-02-03T05:05:06+01:00",
      }),
      200,
    );
    expect(changed).toEqual({ ...project, name: "New", archived_at, role: "admin" });
    ok(await ben.call("PATCH", `/api/projects/${project.id}`, { name: "New", description: null }), 200);
    const { columns } = await getSnapshot(ana, project);
    const { role: _, ...shared } = changed;
    const events = await getEvents(ana, project, 1);
    expect(events.map(({ event, data }) => ({ event, data }))).toEqual([
      { event: "project_updated", data: { project: shared, columns, labels: [], updated_by: ben.id } },
    ]);
  });

  test("a new key is for the tasks to come", async () => {
    const ana = await makePerson(app, "rekey-ana");
    const project = await makeProject(ana, { name: "Old", key: "OLDKEY" });
    const before = await makeTask(ana, project);
    ok(await ana.call("PATCH", `/api/projects/${project.id}`, { key: "NEWKEY" }), 200);
    const after = await makeTask(ana, project);
    expect([before.key, after.key]).toEqual(["OLDKEY-1", "NEWKEY-2"]);
  });

  test("[S10] a deleted project is gone for everybody, and its members' rooms hear it", async () => {
    const [ana, ben] = [await makePerson(app, "gone-ana"), await makePerson(app, "gone-ben")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "admin");
    const task = await makeTask(ben, project);
    expect((await ben.call("DELETE", `/api/projects/${project.id}`)).problem.code).toBe("forbidden");
    ok(await ana.call("DELETE", `/api/projects/${project.id}`), 204);
    for (const person of [ana, ben]) {
      for (const path of ["", "/snapshot", "/events", "/members", "/tasks"])
        expect((await person.call("GET", `/api/projects/${project.id}${path}`)).status).toBe(404);
      for (const path of ["", "/comments"])
        expect((await person.call("GET", `/api/tasks/${task.id}${path}`)).status).toBe(404);
      expect((await person.call("PATCH", `/api/tasks/${task.id}`, { title: "x" })).status).toBe(404);
      expect(ok(await person.call<Page<Project>>("GET", "/api/projects"), 200).items).toEqual([]);
    }
    const { role: _, ...shared } = project;
    const left = { event: "project_left", data: { project: shared, project_id: project.id, left_by: ana.id } };
    expect((await getUserEvents(app, ben)).slice(1)).toEqual([left]);
    expect((await getUserEvents(app, ana)).slice(1)).toEqual([left]);
    const [last] = await app.database
      .sql`select event, data from events where room_id = ${project.id} order by seq desc limit 1`;
    expect(last?.event).toBe("project_deleted");
    expect(JSON.parse(last?.data)).toEqual({ project: shared, project_id: project.id, deleted_by: ana.id });
  });

  test("[H1] a stranger is answered as if there were nothing; an id that is none, likewise", async () => {
    const [ana, eve] = [await makePerson(app, "h1-ana"), await makePerson(app, "h1-eve")];
    const project = await makeProject(ana);
    const nowhere = Bun.randomUUIDv7();
    for (const [method, body] of [["GET"], ["PATCH", { name: "x" }], ["DELETE"]] as const) {
      const stranger = await eve.call(method, `/api/projects/${project.id}`, body);
      const nothing = await eve.call(method, `/api/projects/${nowhere}`, body);
      expect(stranger.status).toBe(404);
      expect({ ...stranger.problem, request_id: "" }).toEqual({ ...nothing.problem, request_id: "" });
      expect((await eve.call(method, "/api/projects/not-an-id", body)).problem.code).toBe("not_found");
    }
    expect((await getSnapshot(ana, project)).seq).toBe(0);
  });

  test("[H1] a method that a path has not is 405, HEAD is a GET without body", async () => {
    const ana = await makePerson(app, "method-ana");
    const project = await makeProject(ana);
    expect((await ana.call("PUT", `/api/projects/${project.id}`)).problem.code).toBe("method_not_allowed");
    const head = await ana.call("HEAD", `/api/projects/${project.id}`);
    expect([head.status, head.text]).toEqual([200, ""]);
  });
});

test("keys are made of initials or of the only word, of latin letters alone", () => {
  const made = ["Website relaunch", "website", "Ärger & Öl", "2024 plans", "日本", "x", "a b c d e f", "Été"].map(
    keyOfName,
  );
  expect(made).toEqual(["WR", "WEB", "AO", "PLA", "PRJ", "PRJ", "ABCD", "ETE"]);
});

test("a taken key gets the first free number within ten characters", () => {
  expect(freeKey("WEB", new Set())).toBe("WEB");
  expect(freeKey("WEB", new Set(["WEB", "WEB2", "WEB4"]))).toBe("WEB3");
  expect(freeKey("ABCDEFGHIJ", new Set(["ABCDEFGHIJ"]))).toBe("ABCDEFGHI2");
});
