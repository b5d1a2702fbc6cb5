/** Counts of tasks that came back from the archive: a snapshot leaves them out, so they are read once and then kept by events. */
import type { EventData } from "../protocol/catalogue.ts";
import type { ChecklistItem } from "../protocol/checklist.ts";
import type { Comment } from "../protocol/comments.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { TaskCounts } from "../protocol/snapshot.ts";
import { createChecklist } from "./checklist.ts";
import type { Clock } from "./clock.ts";
import { createComments } from "./comments.ts";
import { countsOfChecklist } from "./counts.ts";
import { loadAll } from "./loading.ts";
import type { Rest } from "./rest.ts";
import { type TaskPart, taskIdIn } from "./task-part.ts";

export interface Restored {
  apply(events: readonly LoggedEvent[]): void;
  /** A whole new state, which counts what is on the board; or the end. */
  clear(): void;
}

interface RestoredOptions {
  readonly rest: Rest;
  readonly clock: Clock;
  readonly random: () => number;
  readonly changed: (taskId: string, counts: TaskCounts) => void;
}

export function createRestored({ rest, clock, random, changed }: RestoredOptions): Restored {
  const all = new Map<string, readonly TaskPart[]>();

  // The answers may be newer than the events still to come: what is counted are ids, so that nothing counts twice.
  const follow = (taskId: string): void => {
    const path = `/api/tasks/${taskId}`;
    const load = async () => ({ items: await loadAll<Comment>(rest, `${path}/comments`), next_cursor: null });
    const comments = createComments({ load, clock, random });
    const loadItems = () => loadAll<ChecklistItem>(rest, `${path}/checklist`);
    const checklist = createChecklist({ load: loadItems, clock, random });
    const tell = (): void => {
      const said = comments.list.items.value;
      const items = checklist.items.value;
      if (said && items) changed(taskId, { comments: said.length, ...countsOfChecklist(items) });
    };
    all.set(taskId, [comments, checklist]);
    comments.list.items.subscribe(tell);
    checklist.items.subscribe(tell);
  };
  const forget = (taskId: string): void => {
    for (const part of all.get(taskId) ?? []) part.close();
    all.delete(taskId);
  };

  return {
    apply(events) {
      for (const event of events) {
        const taskId = taskIdIn(event);
        if (typeof taskId !== "string") continue;
        if (event.event === "task_deleted") forget(taskId);
        else if (!all.has(taskId) && isRestoring(event)) follow(taskId);
        for (const part of all.get(taskId) ?? []) part.apply(event);
      }
    },
    clear() {
      for (const taskId of all.keys()) forget(taskId);
    },
  };
}

// The data of a frame is the one its name has in the catalogue.
const isRestoring = ({ event, data }: LoggedEvent): boolean =>
  event === "task_updated" && (data as EventData<"task_updated">).changes?.archived_at === null;
