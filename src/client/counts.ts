/** How many comments and checklist items tasks have: what a card shows without its task being opened. */
import type { ChecklistItem } from "../protocol/checklist.ts";
import type { TaskCounts } from "../protocol/snapshot.ts";
import type { Draft } from "./reducer.ts";

type Counted = Pick<Draft, "counts" | "editCounts">;

const none: TaskCounts = { comments: 0, checklist_done: 0, checklist_total: 0 };

const change = (draft: Counted, taskId: string, changes: Partial<TaskCounts>): void => {
  draft.editCounts().set(taskId, { ...(draft.counts.get(taskId) ?? none), ...changes });
};

/** `by` more, or fewer. */
export const addComments = (draft: Counted, taskId: string, by: number): void =>
  change(draft, taskId, { comments: Math.max(0, (draft.counts.get(taskId)?.comments ?? 0) + by) });

interface Update {
  readonly task_id: string;
  readonly changes?: Readonly<Record<string, unknown>>;
}

/** `task_updated` tells the whole list in `changes.checklist`, or nothing where it did not change. */
export function countChecklist(draft: Counted, { task_id, changes }: Update): void {
  const list = changes?.checklist;
  if (!isChecklist(list)) return;
  change(draft, task_id, countsOfChecklist(list));
}

export const countsOfChecklist = (list: readonly Pick<ChecklistItem, "done">[]) => ({
  checklist_done: list.filter(({ done }) => done).length,
  checklist_total: list.length,
});

// The data of a frame is the one the protocol names; only whether it is there is asked.
const isChecklist = (list: unknown): list is readonly ChecklistItem[] => Array.isArray(list);
