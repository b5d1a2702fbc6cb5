/** What every client of Socket.IO does here as it did elsewhere, by each release and transport we promise. */
import { describe, expect, test } from "bun:test";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { useSocketIo } from "../support/socketio-app.ts";
import { clientKinds } from "../support/socketio-client.ts";

const home = useSocketApp();
const io = useSocketIo(home);

describe.each(clientKinds)("$name", (kind) => {
  test("[I1] a client enters with its token, and hears `connected` first", async () => {
    const ana = await home.person("Ana");
    const client = io.open({ kind, auth: { token: ana.token } });
    expect(await client.entered()).toBeUndefined();
    await client.take("connected");
    expect(client.heard).toHaveLength(1);
    expect(client.heard[0]?.data).toMatchObject({
      session_id: client.id,
      user: { id: ana.id, name: ana.name },
      user_room: { room: `user:${ana.id}`, seq: expect.any(Number) },
      _meta: { at: expect.any(String) },
    });
  });

  test("[I2] an acknowledgement is {ok, data} or {ok: false, error}; an event is one argument with _meta", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const task = await makeTask(ana, project);
    const client = await io.connect(ana, { kind });
    const joined = await client.ask("join_project", { project_id: project.id });
    expect(joined).toMatchObject({ ok: true, data: { room: `project:${project.id}`, recovered: false, more: false } });
    const mutation_id = Bun.randomUUIDv7();
    const status = { task_id: task.id, status: "in_progress", mutation_id };
    const answer = await client.ask("task_status_update", status);
    expect(answer).toMatchObject({ ok: true, data: { task: { status: "in_progress" } } });
    const { data } = await client.take("task_status_changed");
    expect(data).toMatchObject({ task_id: task.id, old_status: "todo", new_status: "in_progress", updated_by: ana.id });
    expect(data._meta).toEqual({
      room: `project:${project.id}`,
      seq: Number(joined.data.seq) + 1,
      at: expect.any(String),
      actor: { id: ana.id, name: ana.name, kind: "user" },
      mutation_id,
    });
    const refused = await client.ask("task_update", { task_id: task.id, changes: { title: 7 } });
    expect(refused).toMatchObject({ ok: false, error: { code: "invalid", errors: [{ path: "changes.title" }] } });
  });
});
