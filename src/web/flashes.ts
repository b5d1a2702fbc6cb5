/** Cards that somebody else just changed flash once. */
import { useSignal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";
import type { Taskwire } from "../client/index.ts";

const changes = ["task_created", "task_updated", "task_status_changed", "task_moved", "task_assigned"] as const;

export interface Flashes {
  readonly tasks: ReadonlySet<string>;
  /** The flash of this task is over. */
  readonly done: (taskId: string) => void;
}

export function useFlashes(client: Taskwire, projectId: string, ownId: string): Flashes {
  const tasks = useSignal<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const stops = changes.map((event) =>
      client.on(event, ({ task }, { actor }) => {
        if (task.project_id !== projectId || actor?.id === ownId) return;
        tasks.value = new Set(tasks.peek()).add(task.id);
      }),
    );
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, projectId, ownId, tasks]);
  const done = useCallback(
    (taskId: string) => {
      const left = new Set(tasks.peek());
      left.delete(taskId);
      tasks.value = left;
    },
    [tasks],
  );
  return { tasks: tasks.value, done };
}
