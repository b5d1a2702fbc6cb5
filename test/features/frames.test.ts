import { expect, test } from "bun:test";
import type { Comment } from "../../src/protocol/comments.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { type Answers, type Client, type EventFrame, openClient, Refused } from "../support/contract-client.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Person,
} from "../support/people.ts";

async function makeTeam(app: TestApp, name: string) {
  const [ana, ben] = [await makePerson(app, `${name}-ana`), await makePerson(app, `${name}-ben`)];
  const project = await makeProject(ana, { name });
  await addMember(ana, project, ben, "member");
  return { ana, ben, project };
}

/** The error of a frame that must be refused. */
async function refused<Name extends keyof Answers>(client: Client, event: Name, data: object) {
  try {
    await client.request(event, data);
  } catch (error) {
    if (error instanceof Refused) return error.error;
    throw error;
  }
  throw new Error(`${event} was taken: ${JSON.stringify(data)}`);
}

describeApp("frames on tasks and comments", (app) => {
  const connect = (person: Person, onEvent?: (frame: EventFrame) => void) =>
    openClient({ url: app.url, token: person.token, ...(onEvent && { onEvent }) });

  test("[S2] every write answers the resource and the number of its last event, which all members hear", async () => {
    const { ana, ben, project } = await makeTeam(app, "frames");
    const heard: EventFrame[] = [];
    const all = Promise.withResolvers<void>();
    const listener = await connect(ana, (frame) => {
      heard.push(frame);
      if (frame.event === "task_deleted") all.resolve();
    });
    const { seq: start } = await listener.request("join_project", { project_id: project.id });
    const writer = await connect(ben);
    const created = await writer.request("task_create", { project_id: project.id, title: "One" });
    const task_id = created.task.id;
    const answers = [
      created,
      await writer.request("task_update", { task_id, changes: { title: "Two", priority: "low" }, version: 1 }),
      await writer.request("task_status_update", { task_id, status: "review", mutation_id: "m1" }),
      await writer.request("task_move", { task_id, status: "completed" }),
      await writer.request("task_assign", { task_id, assignee_ids: [ben.id] }),
    ];
    const commented = await writer.request("new_comment", { task_id, content: "Hello" });
    const deleted = await writer.request("task_delete", { task_id });
    await all.promise;
    expect(answers.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5].map((n) => start + n));
    expect([commented.seq, deleted.seq]).toEqual([start + 6, start + 7]);
    const named = heard.filter((frame) => frame.seq !== undefined);
    expect(named.map(({ event, seq }) => [event, seq])).toEqual(
      [
        "task_created",
        "task_updated",
        "task_status_changed",
        "task_status_changed",
        "task_assigned",
        "comment_added",
        "task_deleted",
      ].map((event, i) => [event, start + i + 1]),
    );
    for (const [i, { task }] of answers.entries()) expect(named[i]?.data.task).toEqual(task);
    expect(named[5]?.data.comment).toEqual(commented.comment);
    expect(named[6]?.data).toEqual({ task: deleted.task, task_id, deleted_by: ben.id });
    expect(named[2]).toMatchObject({
      room: `project:${project.id}`,
      mutation_id: "m1",
      actor: { id: ben.id, name: "frames-ben", kind: "user" },
      data: { old_status: "todo", new_status: "review", updated_by: ben.id, task_id },
    });
    expect(await getEvents(ana, project, start)).toEqual(JSON.parse(JSON.stringify(named)));
    for (const client of [listener, writer]) client.close();
  });

  test("[S12] no change answers the task and the room's current number", async () => {
    const { ana, project } = await makeTeam(app, "still");
    const task = await makeTask(ana, project);
    const client = await connect(ana);
    const { seq } = await getSnapshot(ana, project);
    const task_id = task.id;
    expect(await client.request("task_update", { task_id, changes: {} })).toEqual({ task, seq });
    expect(await client.request("task_status_update", { task_id, status: "todo" })).toEqual({ task, seq });
    expect(await client.request("task_assign", { task_id, assignee_ids: [] })).toEqual({ task, seq });
    expect(await client.request("task_move", { task_id, status: "todo" })).toEqual({ task, seq });
    client.close();
  });

  test("[S11] what is refused says why and where, as over HTTP", async () => {
    const { ana, ben, project } = await makeTeam(app, "refused");
    const eve = await makePerson(app, "refused-eve");
    const [task, theirs] = [await makeTask(ana, project), await makeTask(eve, await makeProject(eve))];
    const client = await connect(ana);
    const task_id = task.id;
    const pathOf = async <Name extends keyof Answers>(event: Name, data: object) => {
      const error = await refused(client, event, data);
      expect(error.code).toBe("invalid");
      return error.errors?.map(({ path }) => path);
    };
    expect(await pathOf("task_update", { task_id, changes: { status: "nowhere" } })).toEqual(["changes.status"]);
    expect(await pathOf("task_update", { task_id, changes: { assignee_ids: [eve.id] } })).toEqual([
      "changes.assignee_ids.0",
    ]);
    expect(await pathOf("task_status_update", { task_id, status: "nowhere" })).toEqual(["status"]);
    expect(await pathOf("task_assign", { task_id, assignee_ids: [eve.id] })).toEqual(["assignee_ids.0"]);
    expect(await pathOf("task_move", { task_id, status: "todo", after: theirs.id })).toEqual(["after"]);
    expect(await pathOf("task_create", { project_id: project.id, title: "x", parent_id: theirs.id })).toEqual([
      "parent_id",
    ]);
    expect(await pathOf("new_comment", { task_id, content: "  " })).toEqual(["content"]);
    const changed = ok(await ben.call<Task>("PATCH", `/api/tasks/${task_id}`, { title: "Ben" }), 200);
    expect(await refused(client, "task_status_update", { task_id, status: "review", version: 1 })).toMatchObject({
      code: "conflict",
      current: changed,
    });
    for (const event of [
      "task_update",
      "task_status_update",
      "task_move",
      "task_assign",
      "task_delete",
      "new_comment",
    ] as const) {
      const fields = { changes: { title: "x" }, status: "todo", assignee_ids: [], content: "x" };
      const takes = { task_update: "changes", task_assign: "assignee_ids", new_comment: "content", task_delete: "" };
      const key = Object.entries(takes).find(([name]) => name === event)?.[1] ?? "status";
      const data = Object.fromEntries(Object.entries(fields).filter(([name]) => name === key));
      const foreign = await refused(client, event, { task_id: theirs.id, ...data });
      const nothing = await refused(client, event, { task_id: Bun.randomUUIDv7(), ...data });
      expect([event, foreign]).toEqual([event, nothing]);
      expect(foreign.code).toBe("not_found");
    }
    expect((await refused(client, "task_create", { project_id: theirs.project_id, title: "x" })).code).toBe(
      "not_found",
    );
    client.close();
  });

  test("[H4] a write sent over HTTP and again over the socket is applied once", async () => {
    const { ana, project } = await makeTeam(app, "both-ways");
    const client = await connect(ana);
    const task = await makeTask(ana, project, { title: "Once", mutation_id: "create" });
    const again = await client.request("task_create", { project_id: project.id, title: "Once", mutation_id: "create" });
    expect(again.task).toEqual(task);
    const headers = { "idempotency-key": "comment" };
    const path = `/api/tasks/${task.id}/comments`;
    const comment = ok(await ana.call<Comment>("POST", path, { content: "Once" }, headers), 201);
    const twice = await client.request("new_comment", { task_id: task.id, content: "Once", mutation_id: "comment" });
    expect(twice.comment).toEqual(comment);
    const changes = { title: "Twice", status: "review" };
    const updated = ok(
      await ana.call<Task>("PATCH", `/api/tasks/${task.id}`, { ...changes, mutation_id: "update" }),
      200,
    );
    const frame = await client.request("task_update", { task_id: task.id, changes, mutation_id: "update" });
    expect(frame.task).toEqual(updated);
    expect(frame.seq).toBe((await getSnapshot(ana, project)).seq);
    client.close();
  });
});
