import { expect, test } from "bun:test";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";

const home = useSocketApp({ RATE_LIMIT_ENABLED: "false" });

test("[S8] without rate limits any number of frames passes", async () => {
  const wire = await home.connect(await home.person("Ana"));
  for (let round = 0; round < 5; round++) {
    wire.sendTogether(Array.from({ length: 200 }, (_, i) => ({ id: round * 200 + i, event: "ping" })));
    await wire.take((frame) => frame.id === round * 200 + 199);
  }
  expect(wire.frames.filter((frame) => frame.ok)).toHaveLength(1000);
});

test("[S8] what waits for answers is bounded all the same: refused, then closed with 4429", async () => {
  const ana = await home.person("Ana");
  const project = await home.project(ana);
  const task = await makeTask(ana, project);
  const wire = await home.connect(ana);
  const frames = Array.from({ length: 300 }, (_, id) => ({
    id,
    event: "task_move",
    data: { task_id: task.id, status: id % 2 ? "review" : "todo" },
  }));
  wire.sendTogether(frames);
  await wire.take((frame) => frame.id === 299);
  const refused = wire.frames.filter((frame) => frame.ok === false);
  expect(refused).toHaveLength(44);
  expect(refused.every((frame) => frame.error?.code === "rate_limited" && frame.error.retry_after === 1)).toBeTrue();
  wire.sendTogether([...frames, ...frames]);
  expect(await wire.closed).toMatchObject({ code: 4429 });
});
