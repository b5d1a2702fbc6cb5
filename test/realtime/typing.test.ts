import { describe, expect, test } from "bun:test";
import { addMember, makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";
import type { Wire, WireFrame } from "../support/wire.ts";

const home = useSocketApp();
const { clock } = home;

async function told(watcher: Wire, from: number, seconds = 0): Promise<readonly WireFrame[]> {
  clock.advance(seconds * 1000 + 100);
  return (await watcher.settled(from)).filter((frame) => frame.event === "user_typing_status");
}
const states = (frames: readonly WireFrame[]) => frames.map(({ data }) => data.is_typing);

/** Ana watches a project in which Bo has a task open. */
async function room() {
  const [ana, bo] = [await home.person("Ana"), await home.person("Bo")];
  const project = await home.project(ana, [bo]);
  const task = await makeTask(ana, project);
  const project_id = project.id;
  const join = async (person: typeof ana): Promise<Wire> => {
    const wire = await home.connect(person);
    await wire.ask("join_project", { project_id });
    return wire;
  };
  const [watcher, typist] = [await join(ana), await join(bo)];
  const type = (wire: Wire, is_typing: boolean, task_id = task.id) =>
    wire.ask("user_typing", { project_id, task_id, is_typing });
  return { ana, bo, project, project_id, task, join, watcher, typist, type };
}

describe("[S5] typing", () => {
  test("[S5] is told to the room when it starts and when it stops, with who and where", async () => {
    const { bo, project_id, task, watcher, typist, type } = await room();
    const from = watcher.frames.length;
    expect(await type(typist, true)).toMatchObject({ ok: true, data: {} });
    const [frame] = await told(watcher, from);
    expect(frame).toEqual({
      event: "user_typing_status",
      room: `project:${project_id}`,
      at: expect.any(String),
      data: {
        task_id: task.id,
        is_typing: true,
        user: { id: bo.id, name: bo.name, avatar_url: null, role: "user" },
      },
    });
    await type(typist, false);
    expect(states(await told(watcher, from))).toEqual([true, false]);
  });

  test("[S5] ends after 6 s of nothing, and goes on as long as it is said again", async () => {
    const { watcher, typist, type } = await room();
    const from = watcher.frames.length;
    await type(typist, true);
    for (let i = 0; i < 4; i++) {
      expect(states(await told(watcher, from, 5))).toEqual([true]);
      await type(typist, true);
    }
    expect(states(await told(watcher, from, 5.8))).toEqual([true]);
    expect(states(await told(watcher, from, 0.2))).toEqual([true, false]);
    expect(states(await told(watcher, from, 60))).toEqual([true, false]);
  });

  test("[S5] ends on leave, on disconnect, and when the last of several tabs stops", async () => {
    const { bo, project_id, join, watcher, typist, type } = await room();
    const from = watcher.frames.length;
    await type(typist, true);
    await told(watcher, from);
    await typist.ask("leave_project", { project_id });
    expect(states(await told(watcher, from))).toEqual([true, false]);
    const [one, two] = [await join(bo), await join(bo)];
    await type(one, true);
    await type(two, true);
    await told(watcher, from);
    await type(one, false);
    expect(states(await told(watcher, from))).toEqual([true, false, true]);
    two.close();
    await two.closed;
    expect(states(await told(watcher, from))).toEqual([true, false, true, false]);
  });

  test("[S5] ends when the typist is removed from the project", async () => {
    const { ana, bo, project_id, watcher, typist, type } = await room();
    const from = watcher.frames.length;
    await type(typist, true);
    await told(watcher, from);
    expect((await ana.call("DELETE", `/api/projects/${project_id}/members/${bo.id}`)).status).toBe(204);
    await watcher.take("member_removed");
    expect(states(await told(watcher, from))).toEqual([true, false]);
  });

  test("[S5] every task is typed on by itself", async () => {
    const { ana, project, task, watcher, typist, type } = await room();
    const second = await makeTask(ana, project);
    const from = watcher.frames.length;
    await type(typist, true);
    await told(watcher, from);
    await type(typist, true, second.id);
    await told(watcher, from, 3);
    await type(typist, true, second.id);
    const frames = await told(watcher, from, 4);
    expect(frames.map(({ data }) => [data.task_id, data.is_typing])).toEqual([
      [task.id, true],
      [second.id, true],
      [task.id, false],
    ]);
  });

  test("what starts and stops within a moment is not told", async () => {
    const { watcher, typist, type } = await room();
    const from = watcher.frames.length;
    for (let i = 0; i < 5; i++) {
      await type(typist, true);
      await type(typist, false);
    }
    expect(states(await told(watcher, from))).toEqual([]);
  });

  test("takes a joined project, a task of it, and the role of a member", async () => {
    const { ana, project, project_id, watcher, typist, type } = await room();
    const other = await home.project(ana);
    const foreign = await makeTask(ana, other);
    const from = watcher.frames.length;
    expect(await type(typist, true, foreign.id)).toMatchObject({ error: { code: "not_found" } });
    expect(await type(typist, true, Bun.randomUUIDv7())).toMatchObject({ error: { code: "not_found" } });
    const notJoined = { project_id: other.id, task_id: foreign.id, is_typing: true };
    for (const wire of [typist, watcher]) {
      expect(await wire.ask("user_typing", notJoined)).toMatchObject({
        error: { code: "invalid", errors: [{ path: "project_id" }] },
      });
    }
    const viewer = await home.person("Vi");
    await addMember(ana, project, viewer, "viewer");
    const wire = await home.connect(viewer);
    await wire.ask("join_project", { project_id });
    expect(await type(wire, true)).toMatchObject({ error: { code: "forbidden" } });
    expect(await told(watcher, from)).toEqual([]);
  });
});
