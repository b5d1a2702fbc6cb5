import { expect, test } from "bun:test";
import { tasksAtOnceMax } from "../../src/protocol/columns.ts";
import { labelsMax } from "../../src/protocol/labels.ts";
import type { Label, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { getSnapshot, makePerson, makeTask, ok, type Page, type Person } from "../support/people.ts";
import { makeTeam, told } from "../support/team.ts";

const at = (project: Project) => `/api/projects/${project.id}/labels`;
const colour = { color: "#1f6feb" };

const make = async (person: Person, project: Project, name: string): Promise<Label> =>
  ok(await person.call<Label>("POST", at(project), { name, ...colour }), 201);

describeApp("labels", (app) => {
  test("[H2] a label is made, listed by name, changed and told; what changes nothing is no event", async () => {
    const { ana, ben, project, seq } = await makeTeam(app, "label-life");
    const reply = await ana.call<Label>("POST", at(project), { name: " urgent ", color: "#FF0000" });
    const urgent = ok(reply, 201);
    expect(reply.headers.get("location")).toBe(`${at(project)}/${urgent.id}`);
    expect(urgent).toEqual({ id: expect.any(String), name: "urgent", color: "#ff0000" });
    const bug = await make(ana, project, "bug");
    expect(ok(await ben.call<Page<Label>>("GET", at(project)), 200)).toEqual({
      items: [bug, urgent],
      next_cursor: null,
    });
    const patch = async (body: object) => ok(await ana.call<Label>("PATCH", `${at(project)}/${urgent.id}`, body), 200);
    expect(await patch({ name: "urgent", color: "#FF0000" })).toEqual(urgent);
    expect(await patch({})).toEqual(urgent);
    const renamed = await patch({ name: "at once" });
    expect(renamed).toEqual({ ...urgent, name: "at once" });
    const { columns, labels } = await getSnapshot(ana, project);
    expect(labels).toEqual([renamed, bug]);
    const { role: _, ...shared } = project;
    const events = await told(ben, project, seq);
    expect(events.map(({ event }) => event)).toEqual(Array(3).fill("project_updated"));
    expect(events.at(-1)?.data).toEqual({ project: shared, columns, labels, updated_by: ana.id });
  });

  test("a name that is taken is a conflict with its label, at making and at renaming; case makes another name", async () => {
    const { ana, project } = await makeTeam(app, "label-taken");
    const [bug, other] = [await make(ana, project, "bug"), await make(ana, project, "Bug")];
    for (const { status, problem } of [
      await ana.call("POST", at(project), { name: "bug", ...colour }),
      await ana.call("PATCH", `${at(project)}/${other.id}`, { name: "bug" }),
    ])
      expect([status, problem.code, problem.current]).toEqual([409, "conflict", bug]);
    const twins = await Promise.all([1, 2, 3].map(() => ana.call("POST", at(project), { name: "twin", ...colour })));
    expect(twins.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const elsewhere = await makeTeam(app, "label-taken-other");
    expect((await make(elsewhere.ana, elsewhere.project, "bug")).name).toBe("bug");
  });

  test("[H4] an id of the client's is the label's; used again it is that label, or a conflict", async () => {
    const { ana, project, seq } = await makeTeam(app, "label-id");
    const elsewhere = await makeTeam(app, "label-id-other");
    const body = { id: Bun.randomUUIDv7(), name: "bug", ...colour };
    const post = (person: Person, at_: string, given: object) => person.call<Label>("POST", at_, given);
    const made = ok(await post(ana, at(project), body), 201);
    expect(made).toEqual(body);
    expect(ok(await post(ana, at(project), body), 201)).toEqual(made);
    expect((await told(ana, project, seq)).length).toBe(1);
    for (const [who, path, given] of [
      [ana, at(project), { ...body, name: "other" }],
      [elsewhere.ana, at(elsewhere.project), body],
    ] as const)
      expect((await post(who, path, given)).problem.code).toBe("conflict");
  });

  test("one label too many is a conflict; a colour is #rrggbb", async () => {
    const { ana, project } = await makeTeam(app, "label-many");
    for (const color of ["red", "#fff", "#12345g", "#1234567", "", 3]) {
      const { problem } = await ana.call("POST", at(project), { name: "x", color });
      expect(problem.errors?.[0]?.path).toBe("color");
    }
    await Promise.all(Array.from({ length: labelsMax }, (_, i) => make(ana, project, `label ${i}`)));
    const many = await ana.call("POST", at(project), { name: "one more", ...colour });
    expect([many.status, many.problem.code]).toEqual([409, "conflict"]);
  });

  test("a deleted label comes off its tasks, an event each, in the same write", async () => {
    const { ana, ben, project } = await makeTeam(app, "label-delete");
    const [bug, urgent] = [await make(ana, project, "bug"), await make(ana, project, "urgent")];
    const tasks = [
      await makeTask(ben, project, { title: "a", label_ids: [bug.id, urgent.id] }),
      await makeTask(ben, project, { title: "b", label_ids: [bug.id] }),
    ];
    const free = await makeTask(ben, project, { title: "c", label_ids: [urgent.id] });
    const { seq, columns } = await getSnapshot(ana, project);
    const reply = await ana.call("DELETE", `${at(project)}/${bug.id}`);
    expect([reply.status, reply.text]).toEqual([204, ""]);
    const events = await told(ben, project, seq);
    expect(events.map(({ event }) => event)).toEqual(["task_updated", "task_updated", "project_updated"]);
    const left = [[urgent.id], []];
    for (const [i, task] of tasks.entries()) {
      const now = ok(await ana.call<Task>("GET", `/api/tasks/${task.id}`), 200);
      const label_ids = left[i];
      expect(now).toEqual({ ...task, label_ids: label_ids ?? [], version: 2, updated_at: now.updated_at });
      expect(events[i]?.data).toEqual({ task: now, task_id: task.id, changes: { label_ids }, updated_by: ana.id });
    }
    expect(events[2]?.data).toMatchObject({ columns, labels: [urgent] });
    expect(ok(await ana.call<Task>("GET", `/api/tasks/${free.id}`), 200)).toEqual(free);
    expect((await ana.call("DELETE", `${at(project)}/${bug.id}`)).status).toBe(404);
    const gone = await ben.call("PATCH", `/api/tasks/${free.id}`, { label_ids: [bug.id] });
    expect(gone.problem.errors?.[0]?.path).toBe("label_ids.0");
  });

  test("a label on more tasks than one write may change is a conflict", async () => {
    const { ana, project } = await makeTeam(app, "label-wide");
    const bug = await make(ana, project, "bug");
    await app.database
      .sql`insert into tasks (id, project_id, number, key, title, status, position, created_by, label_ids)
      select gen_random_uuid(), ${project.id}, n, 'X-' || n, 'x', 'todo', 'a1', gen_random_uuid(), array[${bug.id}::uuid]
      from generate_series(1, ${tasksAtOnceMax + 1}::int) n`;
    const { status, problem } = await ana.call("DELETE", `${at(project)}/${bug.id}`);
    expect([status, problem.current]).toEqual([409, bug]);
    await app.database.sql`delete from tasks where project_id = ${project.id} and number > 2`;
    ok(await ana.call("DELETE", `${at(project)}/${bug.id}`), 204);
  });

  test("labels are read by every member, written by admins, and nothing to strangers", async () => {
    const { ana, ben, project } = await makeTeam(app, "label-roles");
    const [vera, eve] = [await makePerson(app, "label-roles-vera"), await makePerson(app, "label-roles-eve")];
    ok(await ana.call("POST", `/api/projects/${project.id}/members`, { user_id: vera.id, role: "viewer" }), 201);
    const one = `${at(project)}/${(await make(ana, project, "bug")).id}`;
    const rows: [string, string, object | undefined, number[]][] = [
      ["GET", at(project), undefined, [404, 200, 200, 200]],
      ["POST", at(project), { name: "x", ...colour }, [404, 403, 403, 201]],
      ["PATCH", one, { name: "y" }, [404, 403, 403, 200]],
      ["DELETE", one, undefined, [404, 403, 403, 204]],
    ];
    for (const [method, path, body, expected] of rows) {
      const got: number[] = [];
      for (const person of [eve, vera, ben, ana]) got.push((await person.call(method, path, body)).status);
      expect([method, path, got]).toEqual([method, path, expected]);
    }
    // A label of another project is none of this one, whoever asks.
    const other = await makeTeam(app, "label-roles-other");
    const theirs = await make(other.ana, other.project, "theirs");
    for (const [method, body] of [
      ["PATCH", { name: "mine" }],
      ["DELETE", undefined],
    ] as const)
      expect((await ana.call(method, `${at(project)}/${theirs.id}`, body)).status).toBe(404);
  });
});
