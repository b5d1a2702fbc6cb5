/** Cards that somebody else just changed flash once. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Taskwire } from "../../client/index.ts";

const changes = ["task_created", "task_updated", "task_status_changed", "task_moved", "task_assigned"] as const;
/** A card that is not in sight by then is not worth a flash any more. */
const newsMs = 4000;

export interface Flashes {
  readonly tasks: ReadonlySignal<ReadonlySet<string>>;
  /** The flash of this task is over. */
  readonly done: (taskId: string) => void;
  readonly dispose: () => void;
}

export function createFlashes(client: Taskwire, projectId: string, ownId: string): Flashes {
  const tasks = signal<ReadonlySet<string>>(new Set());
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const done = (taskId: string) => {
    clearTimeout(timers.get(taskId));
    timers.delete(taskId);
    if (!tasks.peek().has(taskId)) return;
    const left = new Set(tasks.peek());
    left.delete(taskId);
    tasks.value = left;
  };
  const stops = changes.map((event) =>
    client.on(event, ({ task }, { actor }) => {
      if (task.project_id !== projectId || actor?.id === ownId) return;
      clearTimeout(timers.get(task.id));
      timers.set(
        task.id,
        setTimeout(() => done(task.id), newsMs),
      );
      if (!tasks.peek().has(task.id)) tasks.value = new Set(tasks.peek()).add(task.id);
    }),
  );
  return {
    tasks,
    done,
    dispose() {
      for (const stop of stops) stop();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
