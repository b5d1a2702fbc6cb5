import { describe, expect, test } from "bun:test";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";

const home = useSocketApp({
  RATE_LIMIT_ENABLED: "true",
  WEBSOCKET_ROOMS_MAX: "2",
  RATE_LIMIT_REQUESTS_PER_MINUTE: "6000",
});
const pings = (count: number) => Array.from({ length: count }, (_, id) => ({ id, event: "ping" }));

describe("[S8] frames of one connection", () => {
  test("[S8] 60 at once pass, the next is rate_limited with retry_after, and after that time one passes", async () => {
    const wire = await home.connect(await home.person("Ana"));
    wire.sendTogether(pings(61));
    await wire.take((frame) => frame.id === 60);
    const answers = wire.frames.filter((frame) => typeof frame.id === "number");
    expect(answers.map((frame) => frame.ok)).toEqual([...new Array(60).fill(true), false]);
    expect(answers.at(-1)?.error).toEqual({ code: "rate_limited", message: expect.any(String), retry_after: 0.1 });
    home.clock.advance(100);
    expect(await wire.ask("ping")).toMatchObject({ ok: true });
    expect(await wire.ask("ping")).toMatchObject({ ok: true });
    expect(await wire.ask("ping")).toMatchObject({ ok: false, error: { code: "rate_limited" } });
  });

  test("[S8] 20 a second pass for long", async () => {
    const wire = await home.connect(await home.person("Ana"));
    wire.sendTogether(pings(60));
    await wire.take((frame) => frame.id === 59);
    for (let i = 0; i < 100; i++) {
      home.clock.advance(50);
      expect(await wire.ask("ping")).toMatchObject({ ok: true });
    }
  });

  test("[S8] whoever goes on after being refused is closed with 4429; another connection of theirs is not", async () => {
    const ana = await home.person("Ana");
    const wire = await home.connect(ana);
    const other = await home.connect(ana);
    wire.sendTogether(pings(60 + 180));
    await wire.take((frame) => frame.id === 239);
    wire.send({ event: "ping" });
    expect(await wire.closed).toMatchObject({ code: 4429 });
    expect(await other.ask("ping")).toMatchObject({ ok: true });
  });

  test("[S8] refusals spread over time are not abuse", async () => {
    const wire = await home.connect(await home.person("Ana"));
    for (let round = 0; round < 4; round++) {
      wire.sendTogether(pings(60 + 100));
      await wire.take((frame) => frame.id === 159);
      home.clock.advance(11_000);
    }
    expect(await wire.ask("ping")).toMatchObject({ ok: true });
  });

  test("[S8] a flood of WebSocket pings is a flood", async () => {
    const wire = await home.connect(await home.person("Ana"));
    for (let i = 0; i < 241; i++) wire.sendPing("x");
    expect(await wire.closed).toMatchObject({ code: 4429 });
  });

  test("[S8] so are frames before authentication", async () => {
    const wire = await home.open();
    wire.sendTogether(pings(241));
    expect(await wire.closed).toMatchObject({ code: 4429 });
  });

  test("[S2] refused frames are answered in their turn", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const task = await makeTask(ana, project);
    const wire = await home.connect(ana);
    const update = (id: number) => ({
      id,
      event: "task_update",
      data: { task_id: task.id, changes: { title: `title ${id}` } },
    });
    wire.sendTogether(Array.from({ length: 65 }, (_, id) => update(id)));
    await wire.take((frame) => frame.id === 64);
    const answers = wire.frames.filter((frame) => typeof frame.id === "number");
    expect(answers.map((frame) => frame.id)).toEqual(Array.from({ length: 65 }, (_, id) => id));
    expect(answers.map((frame) => frame.ok)).toEqual([...new Array(60).fill(true), ...new Array(5).fill(false)]);
  });
});

describe("[S8] rooms of one connection", () => {
  test("[S8] one more than allowed is refused, until one is left", async () => {
    const ana = await home.person("Ana");
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await home.project(ana)).id);
    const wire = await home.connect(ana);
    const join = (i: number) => wire.ask("join_project", { project_id: ids[i] });
    expect(await join(0)).toMatchObject({ ok: true });
    expect(await join(1)).toMatchObject({ ok: true });
    expect(await join(2)).toMatchObject({ ok: false, error: { code: "rate_limited" } });
    expect(await join(1)).toMatchObject({ ok: true });
    await wire.ask("leave_project", { project_id: ids[0] });
    expect(await join(2)).toMatchObject({ ok: true });
  });
});
