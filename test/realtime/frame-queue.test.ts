import { describe, expect, test } from "bun:test";
import { FrameQueue } from "../../src/realtime/transport/frame-queue.ts";

interface Frame {
  readonly event: string;
  readonly name: string;
  readonly size: number;
  readonly data?: unknown;
}

/** A queue whose frames settle when the test says so; `lane` frames reach the lane in their first tick. */
function open(lane: (frame: Frame) => boolean = ({ event }) => event !== "read_first") {
  const started: string[] = [];
  const sent: string[] = [];
  const settle = new Map<string, () => void>();
  const gauge = { submitted: 0 };
  const queue = new FrameQueue<undefined, Frame>(
    undefined,
    {
      run(_, frame) {
        started.push(frame.name);
        if (frame.event === "ping") return frame.name;
        if (lane(frame)) gauge.submitted++;
        const { promise, resolve } = Promise.withResolvers<string>();
        settle.set(frame.name, () => resolve(frame.name));
        return promise;
      },
      send: (_, text) => void sent.push(text),
      sendLater: (_, text) => void sent.push(text),
      answered() {},
    },
    gauge,
  );
  const push = (event: string, ...names: string[]) => {
    for (const name of names) queue.push({ event, name, size: 10 });
  };
  const pushWith = (data: unknown, event: string, name: string) => queue.push({ event, name, size: 10, data });
  const finish = async (...names: string[]) => {
    for (const name of names) {
      settle.get(name)?.();
      await Promise.resolve();
    }
    await Promise.resolve();
  };
  return { queue, push, pushWith, finish, started, sent };
}

describe("[S2] frames of one connection", () => {
  test("a frame starts in the tick it came when nothing is before it", () => {
    const { push, started, sent } = open();
    push("ping", "a", "b");
    push("task_update", "c");
    expect(started).toEqual(["a", "b", "c"]);
    expect(sent).toEqual(["a", "b"]);
  });

  test("frames of the lane are in flight together and are answered in order, whatever order they settle in", async () => {
    const { push, finish, started, sent } = open();
    push("task_update", "a", "b");
    push("new_comment", "c");
    expect(started).toEqual(["a", "b", "c"]);
    await finish("c", "b");
    expect(sent).toEqual([]);
    await finish("a");
    expect(sent).toEqual(["a", "b", "c"]);
  });

  test("a frame that had to read before it could submit is overtaken by nothing", async () => {
    const { push, finish, started, sent } = open(({ name }) => name !== "a");
    push("task_update", "a", "b", "c");
    expect(started).toEqual(["a"]);
    await finish("a");
    expect(started).toEqual(["a", "b", "c"]);
    await finish("b", "c");
    expect(sent).toEqual(["a", "b", "c"]);
  });

  test("a move, a join and everything else waits for all before it and holds up all behind it", async () => {
    for (const event of ["task_move", "join_project", "task_create", "task_delete", "presence_update", "ping"]) {
      const { push, finish, started, sent } = open();
      push("task_update", "a", "b");
      push(event, "c");
      push("task_update", "d", "e");
      await finish("a");
      expect(started).toEqual(["a", "b"]);
      await finish("b");
      if (event !== "ping") {
        expect(started).toEqual(["a", "b", "c"]);
        await finish("c");
      }
      expect(started).toEqual(["a", "b", "c", "d", "e"]);
      await finish("d", "e");
      expect(sent).toEqual(["a", "b", "c", "d", "e"]);
    }
  });

  test("a change of whose subtask it is waits, too, as it does not go by way of the lane", async () => {
    const { push, pushWith, finish, started, sent } = open();
    pushWith({ task_id: "t", changes: { title: "b" } }, "task_update", "a");
    pushWith({ task_id: "t", changes: null }, "task_update", "b");
    pushWith({ task_id: "t", changes: { title: "c", parent_id: null } }, "task_update", "c");
    push("new_comment", "d");
    expect(started).toEqual(["a", "b"]);
    await finish("a", "b");
    expect(started).toEqual(["a", "b", "c"]);
    await finish("c");
    expect(started).toEqual(["a", "b", "c", "d"]);
    await finish("d");
    expect(sent).toEqual(["a", "b", "c", "d"]);
  });

  test("what waits is counted until it is answered", async () => {
    const { queue, push, finish } = open();
    push("task_update", "a", "b");
    push("join_project", "c");
    expect([queue.length, queue.size]).toEqual([3, 30]);
    await finish("b");
    expect([queue.length, queue.size]).toEqual([3, 30]);
    await finish("a");
    expect([queue.length, queue.size]).toEqual([1, 10]);
    await finish("c");
    expect([queue.length, queue.size]).toEqual([0, 0]);
  });

  test("after the connection closed nothing starts and nothing is sent", async () => {
    const { queue, push, finish, started, sent } = open();
    push("join_project", "a", "b");
    queue.close();
    await finish("a");
    expect([started, sent]).toEqual([["a"], []]);
  });
});
