import { afterAll, expect, test } from "bun:test";
import { startApp } from "../support/app.ts";
import { makePerson, makeProject, makeTask } from "../support/people.ts";
import { clientKinds, openSocketIo } from "../support/socketio-client.ts";
import { engineWire } from "../support/socketio-wire.ts";

const app = await startApp();
afterAll(() => app.stop());

test("[I3][S9] a stop answers what runs, closes with 1012 whoever has a WebSocket, and every client comes back by itself", async () => {
  const ana = await makePerson(app, "Ana");
  const project = await makeProject(ana);
  const wire = engineWire(app.url, "/socket.io/");
  const clients = await Promise.all(
    clientKinds.map(async (kind) => {
      const client = openSocketIo(app.url, { kind, auth: { token: ana.token }, reconnection: true });
      await client.take("connected");
      const task = await makeTask(ana, project);
      return { client, task };
    }),
  );
  const socket = wire.socket();
  await socket.next();
  // Of a client that polls nobody can say what has been sent by then.
  const writers = clients.filter(({ client }) => client.transport === "websocket");
  const heard = Promise.all(writers.map(({ client }) => client.ask("ping")));
  const answers = writers.map(({ client, task }) =>
    client.ask("task_update", { task_id: task.id, changes: { title: "before the stop" } }),
  );
  await heard;
  const stopped = app.stop();
  expect(await socket.closed).toBe(1012);
  for (const { client } of clients) expect(await client.disconnected).toMatch(/^transport (?:close|error)$/);
  for (const answer of await Promise.all(answers))
    expect(answer).toMatchObject({ ok: true, data: { task: { title: "before the stop" } } });
  await stopped;
  expect(answers.length).toBeGreaterThan(1);
  for (const { client } of clients) expect(await client.entered()).toMatchObject({ message: expect.any(String) });

  const second = await startApp({ databaseUrl: app.databaseUrl, env: { PORT: new URL(app.url).port } });
  try {
    for (const { client } of clients) await client.take("connected");
  } finally {
    for (const { client } of clients) client.leave();
    await second.stop();
  }
});

test("[I1] with WEBSOCKET_ENABLED=false every client is refused, and told so at the path", async () => {
  const closed = await startApp({ env: { WEBSOCKET_ENABLED: "false" } });
  try {
    const ana = await makePerson(closed, "Ana");
    for (const kind of clientKinds) {
      const client = openSocketIo(closed.url, { kind, auth: { token: ana.token } });
      expect(await client.entered()).toMatchObject({
        message: expect.stringMatching(/^(?:xhr poll|websocket) error$/),
      });
      client.leave();
    }
    const { status, text } = await engineWire(closed.url, "/socket.io/").ask("GET", "transport=polling");
    expect([status, JSON.parse(text).code]).toEqual([404, "not_found"]);
  } finally {
    await closed.stop();
  }
});
