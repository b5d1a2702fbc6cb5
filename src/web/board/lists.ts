/** The tasks of a board as lists, one a column. */
import { byPosition } from "../../client/index.ts";
import type { Column } from "../../protocol/projects.ts";
import type { Task } from "../../protocol/tasks.ts";

export interface Lists {
  /** Status → the tasks to show, in order. */
  readonly shown: ReadonlyMap<string, readonly Task[]>;
  /** Status → how many there are, shown or not. */
  readonly totals: ReadonlyMap<string, number>;
  /** All tasks that are not shown. */
  readonly hidden: number;
}

export const noLists: Lists = { shown: new Map(), totals: new Map(), hidden: 0 };

/**
 * Lists of the tasks for which `matches` holds. A task whose column is gone stands in the first one, so that nobody loses
 * it. A list that is as it was in `before` is the same array: whoever shows it has nothing to do.
 */
export function listsOf(
  columns: readonly Column[],
  tasks: Iterable<Task>,
  matches: (task: Task) => boolean,
  before: Lists = noLists,
): Lists {
  const shown = new Map<string, Task[]>(columns.map(({ status }) => [status, []]));
  const totals = new Map<string, number>(columns.map(({ status }) => [status, 0]));
  const first = columns[0]?.status;
  let hidden = 0;
  for (const task of tasks) {
    const status = shown.has(task.status) ? task.status : first;
    if (status === undefined) continue;
    totals.set(status, (totals.get(status) ?? 0) + 1);
    if (matches(task)) shown.get(status)?.push(task);
    else hidden++;
  }
  const kept = new Map<string, readonly Task[]>();
  for (const [status, list] of shown) {
    list.sort(byPosition);
    const old = before.shown.get(status);
    kept.set(status, old && isSame(old, list) ? old : list);
  }
  return { shown: kept, totals, hidden };
}

const isSame = (a: readonly Task[], b: readonly Task[]): boolean =>
  a.length === b.length && a.every((task, index) => task === b[index]);
