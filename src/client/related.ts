/** The tasks around an open one, as the project's state has them: what it waits for, what waits for it, its subtasks. */
import type { Task } from "../protocol/tasks.ts";
import { createCell, type Observable } from "./observable.ts";

export interface Related {
  readonly blockers: Observable<readonly Task[]>;
  readonly blocking: Observable<readonly Task[]>;
  readonly subtasks: Observable<readonly Task[]>;
  /** `task` is the open one, as it is shown. */
  update(task: Task | null, tasks: ReadonlyMap<string, Task>): void;
  /** An event told a task, which the state may not hold: archived ones. */
  put(task: Task): void;
}

/** `load` answers a task that the project's state does not hold, undefined where there is none to see. */
export function createRelated(load: (taskId: string) => Promise<Task | undefined>): Related {
  const blockers = createCell<readonly Task[]>([]);
  const blocking = createCell<readonly Task[]>([]);
  const subtasks = createCell<readonly Task[]>([]);
  const aside = new Map<string, Task>();
  const asked = new Set<string>();
  let last: Parameters<Related["update"]> | undefined;

  const fetch = async (id: string): Promise<void> => {
    if (asked.has(id)) return;
    asked.add(id);
    const task = await load(id).catch(() => {
      asked.delete(id);
      return undefined;
    });
    if (!task || aside.has(id)) return;
    aside.set(id, task);
    if (last) update(...last);
  };
  const update = (task: Task | null, tasks: ReadonlyMap<string, Task>): void => {
    last = [task, tasks];
    const found: Task[] = [];
    for (const id of task?.blocked_by_ids ?? []) {
      const blocker = tasks.get(id) ?? aside.get(id);
      if (blocker) found.push(blocker);
      else void fetch(id);
    }
    const all = task ? [...tasks.values()] : [];
    setList(blockers, found.sort(byNumber));
    setList(blocking, all.filter(({ blocked_by_ids }) => task && blocked_by_ids.includes(task.id)).sort(byNumber));
    setList(subtasks, all.filter(({ parent_id }) => parent_id === task?.id).sort(byNumber));
  };
  return {
    blockers,
    blocking,
    subtasks,
    update,
    put(task) {
      if (aside.has(task.id) || asked.has(task.id)) aside.set(task.id, task);
    },
  };
}

/** In the order they were made; what has no number yet comes last. */
const byNumber = (a: Task, b: Task): number =>
  (a.number || Number.MAX_SAFE_INTEGER) - (b.number || Number.MAX_SAFE_INTEGER) || (a.id < b.id ? -1 : 1);

/** The same tasks are no change. */
function setList(cell: ReturnType<typeof createCell<readonly Task[]>>, next: readonly Task[]): void {
  const before = cell.value;
  if (before.length !== next.length || before.some((task, index) => task !== next[index])) cell.set(next);
}
