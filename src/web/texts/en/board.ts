/** The board and its cards. */
import { plural } from "../format.ts";

export const board = {
  empty: "No tasks",
  add: "Add a task",
  addTo: (column: string) => `Add a task to ${column}`,
  count: (count: number) => plural(count, { one: "# task", other: "# tasks" }),
  columnOf: (task: string) => `Column of ${task}`,
  moved: (task: string, column: string) => `${task} moved to ${column}`,
  noKey: "new",
  viewedBy: (names: readonly string[]) => `${names.join(", ")} ${names.length === 1 ? "is" : "are"} looking at it`,
  open: (key: string, title: string) => `Open ${key}: ${title}`,
};
