import { expect, test } from "bun:test";
import { tellsOfChange } from "../../src/realtime/log.ts";

const updated = (task: object, changes: object): string =>
  JSON.stringify({ task, task_id: "t", changes, updated_by: "u" });

test("of an update's data its changes are told apart from the task, and keys from what people write", () => {
  expect(tellsOfChange(updated({ description: "d" }, { title: "t" }), "description")).toBe(false);
  expect(tellsOfChange(updated({ title: "t" }, { priority: "low", description: "" }), "description")).toBe(true);
  const tricky = 'see "changes":{ and "description": here';
  expect(tellsOfChange(updated({ description: tricky }, { title: tricky }), "description")).toBe(false);
  expect(tellsOfChange(updated({ description: tricky }, { title: tricky }), "title")).toBe(true);
});
