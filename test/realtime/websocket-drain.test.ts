import { afterAll, expect, test } from "bun:test";
import { startApp } from "../support/app.ts";
import { makePerson, makeProject, makeTask } from "../support/people.ts";
import { openWire } from "../support/wire.ts";

const app = await startApp();
afterAll(() => app.stop());

test("[S9] a stop answers what runs, closes everyone with 1012 and a hint how to spread, and takes nobody more", async () => {
  const ana = await makePerson(app, "Ana");
  const project = await makeProject(ana);
  const tasks = await Promise.all(Array.from({ length: 8 }, () => makeTask(ana, project)));
  const writer = await openWire(app.url, { token: ana.token });
  const idle = await openWire(app.url, { token: ana.token });
  const nobody = await openWire(app.url);
  await Promise.all([writer.take("connected"), idle.take("connected")]);
  writer.sendTogether([
    { id: "ping", event: "ping" },
    ...tasks.map(({ id }, i) => ({
      id: i,
      event: "task_update",
      data: { task_id: id, changes: { title: "before the stop" } },
    })),
  ]);
  await writer.take((frame) => frame.id === "ping");
  const stopped = app.stop();
  for (const wire of [writer, idle, nobody]) {
    const { code, reason } = await wire.closed;
    expect(code).toBe(1012);
    expect(reason).toMatch(/^restart jitter_ms=\d+$/);
  }
  await stopped;
  const answers = writer.frames.filter((frame) => typeof frame.id === "number");
  expect(answers.map((frame) => [frame.id, frame.ok])).toEqual(tasks.map((_, i) => [i, true]));
  await expect(openWire(app.url, { token: ana.token })).rejects.toThrow();
});
