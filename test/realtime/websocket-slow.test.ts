import { expect, test } from "bun:test";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";

const home = useSocketApp();
/** More than the server keeps for a client and the system's buffers hold together. */
const updates = 400;
const taskBytes = 45_000;

test("[S9] a client that stops reading is closed, the others hear everything, and it catches up without a hole", async () => {
  const ana = await home.person("Ana");
  const project = await home.project(ana);
  const description = "x".repeat(taskBytes);
  const tasks = await Promise.all(
    Array.from({ length: 8 }, () => makeTask(ana, project, { title: "Long", description })),
  );
  const [writer, slow, other] = [await home.connect(ana), await home.connect(ana), await home.connect(ana)];
  const joined = await slow.ask("join_project", { project_id: project.id });
  await other.ask("join_project", { project_id: project.id });
  const first = Number(joined.data.seq) + 1;
  const all = Array.from({ length: updates }, (_, i) => first + i);

  slow.pause();
  for (let i = 0; i < updates; i += tasks.length) {
    const round = tasks.map(({ id }, k) => ({
      id: i + k,
      event: "task_update",
      data: { task_id: id, changes: { title: `t${i}` } },
    }));
    writer.sendTogether(round);
    await writer.take((frame) => frame.id === i + tasks.length - 1);
  }
  await other.take((frame) => frame.seq === all.at(-1));
  const seqs = (frames: typeof other.frames) => frames.flatMap((frame) => (frame.seq === undefined ? [] : [frame.seq]));
  expect(seqs(other.frames)).toEqual(all);

  slow.resume();
  expect((await slow.closed).code).toBeOneOf([1006, 4408]);
  const heard = seqs(slow.frames);
  expect(heard.length).toBeLessThan(updates);
  expect(heard).toEqual(all.slice(0, heard.length));

  const again = await home.connect(ana);
  let since = { epoch: joined.data.epoch, seq: heard.at(-1) ?? first - 1 };
  for (let more = true; more; ) {
    const { data } = await again.ask("join_project", { project_id: project.id, since });
    expect(data.recovered).toBeTrue();
    if (!Array.isArray(data.events)) throw new Error("no events");
    heard.push(...seqs(data.events));
    since = { ...since, seq: Number(data.seq) };
    more = data.more === true;
  }
  expect(heard).toEqual(all);
});
