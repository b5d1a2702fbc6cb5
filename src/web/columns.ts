/** Tasks by column. */
import { byPosition } from "../client/index.ts";
import type { Column } from "../protocol/projects.ts";
import type { Task } from "../protocol/tasks.ts";

/** Status → tasks in order. A task whose column is gone stands in the first one, so that nobody loses it. */
export function columnsOf(columns: readonly Column[], tasks: ReadonlyMap<string, Task>): ReadonlyMap<string, Task[]> {
  const byStatus = new Map<string, Task[]>(columns.map(({ status }) => [status, []]));
  const [first] = byStatus.values();
  for (const task of tasks.values()) (byStatus.get(task.status) ?? first)?.push(task);
  for (const list of byStatus.values()) list.sort(byPosition);
  return byStatus;
}
