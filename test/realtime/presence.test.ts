import { describe, expect, test } from "bun:test";
import type { UserPresence } from "../../src/protocol/presence.ts";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";
import type { Wire, WireFrame } from "../support/wire.ts";

const home = useSocketApp();
const { clock } = home;

/** The clock runs on until what is gathered has been told, and the watcher has heard all of it. */
async function told(watcher: Wire, from: number, seconds = 0): Promise<readonly WireFrame[]> {
  clock.advance(seconds * 1000 + 100);
  return (await watcher.settled(from)).filter((frame) => frame.event === "user_presence");
}

const states = (frames: readonly WireFrame[]) =>
  frames.map(({ data }) => (data.task_id === undefined ? data.status : `${data.status} ${data.task_id}`));

const listOf = (answer: WireFrame): UserPresence[] => {
  const { presence } = answer.data;
  if (!Array.isArray(presence)) throw new Error("the answer holds no presence");
  return presence;
};

/** Ana watches a project; Bo is a member who is not there yet. */
async function room(role = "member") {
  const [ana, bo] = [await home.person("Ana"), await home.person("Bo")];
  const project = await home.project(ana, [bo], role);
  const watcher = await home.connect(ana);
  const project_id = project.id;
  await watcher.ask("join_project", { project_id });
  await told(watcher, 0);
  const enter = async (person = bo): Promise<Wire> => {
    const wire = await home.connect(person);
    await wire.ask("join_project", { project_id });
    return wire;
  };
  return { ana, bo, project, project_id, watcher, enter };
}

describe("[S5] presence", () => {
  test("[S5] whoever joins is active, is told to the room once, and stands in the answer of every join", async () => {
    const { ana, bo, watcher, project_id, enter } = await room("viewer");
    const from = watcher.frames.length;
    const wire = await enter();
    const [frame, ...more] = await told(watcher, from);
    expect(frame).toEqual({
      event: "user_presence",
      room: `project:${project_id}`,
      at: expect.any(String),
      data: { user_id: bo.id, status: "active", last_seen_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect(more).toEqual([]);
    const list = listOf(await wire.ask("join_project", { project_id }));
    expect(list.map((entry) => [entry.user_id, entry.status]).toSorted()).toEqual(
      [ana.id, bo.id].map((id) => [id, "active"]).toSorted(),
    );
  });

  test("[S5] a list that was just answered is answered anew after each change, and without who left", async () => {
    const { ana, bo, watcher, project_id, enter } = await room();
    const listed = async () => {
      const list = listOf(await watcher.ask("join_project", { project_id }));
      return Object.fromEntries(list.map(({ user_id, status }) => [user_id, status]));
    };
    expect(await listed()).toEqual({ [ana.id]: "active" });
    const wire = await enter();
    expect(await listed()).toEqual({ [ana.id]: "active", [bo.id]: "active" });
    for (const status of ["busy", "away", "idle"] as const) {
      await wire.ask("presence_update", { status });
      expect(await listed()).toEqual({ [ana.id]: "active", [bo.id]: status });
    }
    wire.close();
    await wire.closed;
    const from = watcher.frames.length;
    await told(watcher, from, 11);
    expect(await listed()).toEqual({ [ana.id]: "active" });
  });

  test("[S5] of several tabs the busiest counts: busy, active, idle, away", async () => {
    const { watcher, enter } = await room();
    const [one, two] = [await enter(), await enter()];
    await told(watcher, 0);
    const from = watcher.frames.length;
    const say = async (wire: Wire, status: string) => {
      await wire.ask("presence_update", { status });
      clock.advance(100);
    };
    await say(one, "away"); // two is active
    await say(two, "idle"); // → idle
    await say(two, "away"); // → away
    await say(one, "busy"); // → busy
    await say(two, "active");
    await say(one, "idle"); // → active
    await one.settled();
    two.close();
    await two.closed;
    expect(states(await told(watcher, from))).toEqual(["idle", "away", "busy", "active", "idle"]);
  });

  test("[S5] the task is that of the latest update, in the room of its project and nowhere else", async () => {
    const { bo, ana, project, project_id, watcher, enter } = await room();
    const other = await home.project(ana, [bo]);
    const [task, second, foreign] = [
      await makeTask(ana, project),
      await makeTask(ana, project),
      await makeTask(ana, other),
    ];
    const hidden = await makeTask(bo, await home.project(bo));
    const [one, two] = [await enter(), await enter()];
    await two.ask("join_project", { project_id: other.id });
    const elsewhere = await home.connect(ana);
    await elsewhere.ask("join_project", { project_id: other.id });
    await told(watcher, 0);
    await told(elsewhere, 0);
    const [from, fromElsewhere] = [watcher.frames.length, elsewhere.frames.length];
    const say = async (wire: Wire, task_id?: string) => {
      expect(await wire.ask("presence_update", { status: "active", ...(task_id && { task_id }) })).toMatchObject({
        ok: true,
        data: {},
      });
      clock.advance(100);
    };
    await say(one, task.id);
    await say(two, second.id);
    await say(one, task.id.toUpperCase());
    await say(two, foreign.id);
    await say(two, hidden.id);
    await say(two, Bun.randomUUIDv7());
    await say(one);
    await say(one, second.id);
    one.close();
    await one.closed;
    expect(states(await told(watcher, from))).toEqual([
      `active ${task.id}`,
      `active ${second.id}`,
      `active ${task.id}`,
      "active",
      `active ${second.id}`,
      "active",
    ]);
    expect(states(await told(elsewhere, fromElsewhere))).toEqual([`active ${foreign.id}`, "active"]);
    expect(listOf(await watcher.ask("join_project", { project_id })).every((entry) => !entry.task_id)).toBeTrue();
  });

  test("[S5] offline comes 10 s after the last connection went, not before; then the entry is gone", async () => {
    const { ana, bo, project_id, watcher, enter } = await room();
    const [one, two] = [await enter(), await enter()];
    await told(watcher, 0);
    const from = watcher.frames.length;
    one.close();
    await one.closed;
    expect(states(await told(watcher, from, 20))).toEqual([]);
    two.close();
    await two.closed;
    expect(states(await told(watcher, from, 9.8))).toEqual([]);
    expect(listOf(await watcher.ask("join_project", { project_id }))).toHaveLength(2);
    expect((await told(watcher, from, 0.2)).map(({ data }) => data)).toMatchObject([
      { user_id: bo.id, status: "offline" },
    ]);
    expect(listOf(await watcher.ask("join_project", { project_id })).map((entry) => entry.user_id)).toEqual([ana.id]);
  });

  test("[S5] a quick reload is silent; one that was busy is told to be active again", async () => {
    const { watcher, enter } = await room();
    const one = await enter();
    await told(watcher, 0);
    const from = watcher.frames.length;
    one.close();
    await one.closed;
    await told(watcher, from, 5);
    const again = await enter();
    expect(states(await told(watcher, from, 20))).toEqual([]);
    await again.ask("presence_update", { status: "busy" });
    clock.advance(100);
    again.close();
    await again.closed;
    await enter();
    expect(states(await told(watcher, from, 20))).toEqual(["busy", "active"]);
  });

  test("[S5] leaving a project is going from it, and only from it", async () => {
    const { bo, ana, project_id, watcher, enter } = await room();
    const other = await home.project(ana, [bo]);
    const elsewhere = await home.connect(ana);
    await elsewhere.ask("join_project", { project_id: other.id });
    const wire = await enter();
    await wire.ask("join_project", { project_id: other.id });
    await told(watcher, 0);
    await told(elsewhere, 0);
    const [from, fromElsewhere] = [watcher.frames.length, elsewhere.frames.length];
    await wire.ask("leave_project", { project_id });
    expect(states(await told(watcher, from, 10))).toEqual(["offline"]);
    expect(states(await told(elsewhere, fromElsewhere))).toEqual([]);
  });

  test("[S5] what turns back within a moment is not told at all", async () => {
    const { watcher, enter } = await room();
    const wire = await enter();
    await told(watcher, 0);
    const from = watcher.frames.length;
    for (const status of ["away", "busy", "idle", "active"]) await wire.ask("presence_update", { status });
    expect(states(await told(watcher, from))).toEqual([]);
  });

  test("[S5] nobody declares to be offline", async () => {
    const { enter } = await room();
    expect(await (await enter()).ask("presence_update", { status: "offline" })).toMatchObject({
      error: { code: "invalid", errors: [{ path: "status" }] },
    });
  });
});
