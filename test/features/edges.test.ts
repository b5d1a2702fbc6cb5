import { expect, test } from "bun:test";
import type { Comment } from "../../src/protocol/comments.ts";
import type { JoinedProject } from "../../src/protocol/frames.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { getEvents, makeComment, makeTask, ok } from "../support/people.ts";
import { makeTeam, told } from "../support/team.ts";

describeApp("where the contract is easily missed", (app) => {
  test("[H4] a client-made id sent again with the same content answers the task; with other content it is a conflict", async () => {
    const { ana, ben, project, seq } = await makeTeam(app, "same-id");
    const id = crypto.randomUUID();
    const path = `/api/projects/${project.id}/tasks`;
    const first = ok(await ana.call<Task>("POST", path, { id, title: "Once", priority: "high" }), 201);
    const again = ok(await ana.call<Task>("POST", path, { id, title: "Once", priority: "high" }), 201);
    expect(again).toEqual(first);
    const other = await ana.call("POST", path, { id, title: "Other" });
    expect(other.problem).toMatchObject({ status: 409, code: "conflict", current: { id, title: "Once" } });
    expect((await ben.call("POST", path, { id, title: "Once", priority: "high" })).status).toBe(409);
    expect((await getEvents(ana, project, seq)).map(({ event }) => event)).toEqual(["task_created"]);
  });

  test("[H4] a DELETE takes its mutation_id from the body too, and refuses what it does not know there", async () => {
    const { ana, project } = await makeTeam(app, "delete-key");
    const task = await makeTask(ana, project);
    const body = { mutation_id: "gone" };
    expect((await ana.call("DELETE", `/api/tasks/${task.id}`, { nope: 1 })).problem).toMatchObject({
      code: "invalid",
      errors: [{ path: "nope", message: "is not known here" }],
    });
    for (let i = 0; i < 2; i++) expect((await ana.call("DELETE", `/api/tasks/${task.id}`, body)).status).toBe(204);
    expect((await ana.call("DELETE", `/api/tasks/${task.id}`)).status).toBe(404);
  });

  test("[H1] an unknown key is named by its path, and 405 names the methods", async () => {
    const { ana, project } = await makeTeam(app, "paths");
    const reply = await ana.call("POST", `/api/projects/${project.id}/tasks`, { title: "x", role: 1, owner_id: 2 });
    expect(reply.problem.errors?.map(({ path }) => path)).toEqual(["role", "owner_id"]);
    const wrong = await ana.call("PUT", `/api/projects/${project.id}`, {});
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, PATCH, DELETE");
    expect((await ana.call("POST", "/health/live", {})).status).toBe(405);
  });

  test("[H1] a body of many megabytes is a problem like any other", async () => {
    const { ana, project } = await makeTeam(app, "large");
    const reply = await ana.call("POST", `/api/projects/${project.id}/tasks`, { title: "x".repeat(8_000_000) });
    expect(reply.problem).toMatchObject({ status: 413, code: "too_large" });
    expect(reply.headers.get("content-security-policy")).toContain("default-src 'self'");
  });

  test("an admin edits others' comments, a member does not", async () => {
    const { ana, ben, project } = await makeTeam(app, "edit");
    const task = await makeTask(ana, project);
    const [hers, his] = [await makeComment(ana, task, "hers"), await makeComment(ben, task, "his")];
    expect((await ben.call("PATCH", `/api/comments/${hers.id}`, { content: "x" })).status).toBe(403);
    const edited = ok(await ana.call<Comment>("PATCH", `/api/comments/${his.id}`, { content: "mended" }), 200);
    expect(edited).toMatchObject({ content: "mended", author_id: ben.id });
  });

  test("whoever leaves a project is taken off its tasks, before the others hear that they left", async () => {
    const { ana, ben, project, seq } = await makeTeam(app, "leave");
    const task = await makeTask(ana, project, { title: "Shared", assignee_ids: [ana.id, ben.id] });
    await makeTask(ana, project, { title: "Hers", assignee_ids: [ana.id] });
    expect((await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`)).status).toBe(204);
    const [, , assigned, removed, ...rest] = await told(ana, project, seq);
    expect(assigned).toMatchObject({
      event: "task_assigned",
      data: { task_id: task.id, assignee_ids: [ana.id], added: [], removed: [ben.id], assigned_by: ana.id },
    });
    expect(removed?.event).toBe("member_removed");
    expect(rest).toEqual([]);
  });

  test("[S5] a page stays under 256 KiB as it is sent, and joining again with an old position is silent until the last", async () => {
    const { ana, project, seq } = await makeTeam(app, "pages");
    const task = await makeTask(ana, project);
    for (let i = 0; i < 14; i++) await makeComment(ana, task, `${i}${"x".repeat(19_900)}`);
    const socket = new WebSocket(`${app.url.replace("http", "ws")}/ws`, ["taskwire.v1", `bearer.${ana.token}`]);
    const frames: string[] = [];
    const waiting: (() => void)[] = [];
    socket.onmessage = ({ data }) => {
      frames.push(String(data));
      for (const wake of waiting.splice(0)) wake();
    };
    const find = async (text: string): Promise<string> => {
      for (;;) {
        const found = frames.find((frame) => frame.includes(text));
        if (found) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    };
    const send = (id: number, data: object) => socket.send(JSON.stringify({ id, event: "join_project", data }));
    await find('"connected"');
    send(1, { project_id: project.id });
    const joined: { data: JoinedProject } = JSON.parse(await find('"id":1,'));
    send(2, { project_id: project.id, since: { epoch: joined.data.epoch, seq } });
    const text = await find('"id":2,');
    const page: { data: JoinedProject } = JSON.parse(text);
    expect(page.data).toMatchObject({ recovered: true, more: true });
    expect(page.data.events.length).toBeGreaterThan(5);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256 * 1024);
    await makeTask(ana, project, { title: "unheard" });
    send(3, { project_id: project.id, since: { epoch: page.data.epoch, seq: page.data.seq } });
    const rest: { data: JoinedProject } = JSON.parse(await find('"id":3,'));
    expect(rest.data.more).toBe(false);
    expect(rest.data.events[0]?.seq).toBe(page.data.seq + 1);
    expect(frames.filter((frame) => frame.startsWith('{"event":"task_created"'))).toEqual([]);
    socket.close();
  });
});
