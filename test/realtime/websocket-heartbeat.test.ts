import { expect, test } from "bun:test";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";

const home = useSocketApp();
const advance = (seconds: number) => home.clock.advance(seconds * 1000);

test("[S7] the server pings; a peer that answers lives", async () => {
  const wire = await home.connect(await home.person("Ana"));
  for (let ping = 1; ping <= 5; ping++) {
    advance(25);
    await wire.pinged(ping);
    await wire.settled();
  }
  expect(wire.pings).toBe(5);
});

test("[S7] a peer that does not answer is closed 60 s after its last byte, in a busy room too", async () => {
  const ana = await home.person("Ana");
  const project = await home.project(ana);
  const task = await makeTask(ana, project);
  const writer = await home.connect(ana);
  const silent = await home.connect(ana, { pongs: false });
  await silent.ask("join_project", { project_id: project.id });
  for (let i = 1; i <= 6; i++) {
    advance(10);
    const { data } = await writer.ask("task_update", { task_id: task.id, changes: { title: `busy ${i}` } });
    await silent.take((frame) => frame.seq === data.seq);
  }
  advance(1);
  expect(await silent.closed).toMatchObject({ code: 4408 });
  expect(await writer.ask("ping")).toMatchObject({ ok: true });
});

test("[S7] any byte is a sign of life: a frame, a ping, a pong", async () => {
  const wire = await home.connect(await home.person("Ana"), { pongs: false });
  advance(59);
  await wire.ask("ping");
  advance(59);
  wire.sendPing("x");
  await wire.ponged(1);
  advance(59);
  wire.sendRaw(new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]));
  wire.sendPing("x");
  await wire.ponged(2);
  advance(60);
  expect(await wire.ask("ping")).toMatchObject({ ok: true });
  advance(61);
  expect(await wire.closed).toMatchObject({ code: 4408 });
});
