/** What a newer server says under the same number of the protocol changes nothing that this client knows. */
import { expect, test } from "bun:test";
import { reduce } from "../../src/client/reducer.ts";
import type { LoggedEvent } from "../../src/protocol/event.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { makeState, makeTask } from "./tasks.ts";

const updated = (seq: number, task: Task, more = {}): LoggedEvent => ({
  event: "task_updated",
  room: "project:p",
  seq,
  at: "2026-11-21T10:00:00.000Z",
  data: { task, changes: {}, actor: null, ...more },
});

test("events that are not known are passed over, and fields that are not known hold nothing up", () => {
  const state = makeState(makeTask());
  const strange: LoggedEvent = { ...updated(11, makeTask()), event: "task_painted" };
  expect(reduce(state, [strange]).tasks).toEqual(state.tasks);
  const more = updated(12, makeTask({ title: "Later", version: 2 }), { next_text: "of a newer server" });
  expect(reduce(state, [strange, more]).tasks.get("t1")).toMatchObject({ title: "Later", version: 2 });
});
