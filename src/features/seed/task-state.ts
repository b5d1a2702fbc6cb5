/** Tasks and comments as the server would have changed them, and the events it would have written. */
import type { DurableEventName } from "../../protocol/catalogue.ts";
import type { ChecklistItem } from "../../protocol/checklist.ts";
import type { Comment } from "../../protocol/comments.ts";
import type { Task, TaskChanges } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";

/** One write of one person; a task's steps follow each other in time. */
export interface Step {
  readonly atMs: number;
  readonly by: User;
  readonly act: Act;
}

export type Act =
  | { readonly kind: "create" }
  | { readonly kind: "change"; readonly set: TaskSet }
  | { readonly kind: "check"; readonly items: readonly ChecklistItem[] }
  | { readonly kind: "comment"; readonly comment: Comment }
  /** An edit, or a reaction: `comment` is how it is afterwards. */
  | { readonly kind: "recomment"; readonly comment: Comment; readonly isEdit: boolean };

export type TaskSet = TaskChanges & { readonly blocked_by_ids?: readonly string[] };

export interface MadeEvent {
  readonly event: DurableEventName;
  /** JSON text. */
  readonly data: string;
  /** What activity keeps of it (see db/activity.ts); null where it tells nothing of it. */
  readonly told: object | null;
}

const isField = (task: Task, field: string): field is keyof Task => Object.hasOwn(task, field);

/** The fields of `set` that are any different from the task's. */
function differing(task: Task, set: TaskSet): Partial<Task> {
  return Object.fromEntries(
    Object.entries(set).filter(([field, value]) => isField(task, field) && !Bun.deepEquals(task[field], value)),
  );
}

/** The task after a step. `isDone` tells of a status whether it means done. */
export function advance(task: Task, { act, atMs }: Step, isDone: (status: string) => boolean): Task {
  if (act.kind !== "change" && act.kind !== "check") return task;
  const changed = act.kind === "change" ? differing(task, act.set) : {};
  if (act.kind === "change" && Object.keys(changed).length === 0) return task;
  const at = new Date(atMs).toISOString();
  const { status = task.status } = changed;
  const completed = status === task.status ? task.completed_at : isDone(status) ? (task.completed_at ?? at) : null;
  return { ...task, ...changed, version: task.version + 1, updated_at: at, completed_at: completed };
}

/** What the step that led from `before` to `after` is told by (S12); the keys stand as the server writes them. */
export function eventsOf(before: Task, after: Task, { act, by }: Step): MadeEvent[] {
  const task_id = after.id;
  const made = (event: DurableEventName, data: object, told: object | null): MadeEvent => ({
    event,
    data: JSON.stringify(data),
    told,
  });
  const task = { key: after.key, title: after.title };
  switch (act.kind) {
    case "create":
      return [made("task_created", { task: after, task_id, created_by: by.id }, { task })];
    case "comment":
      return [made("comment_added", { comment: act.comment, task_id, author: by }, { comment_id: act.comment.id })];
    case "recomment": {
      const { comment, isEdit } = act;
      const data = { comment, task_id, comment_id: comment.id, updated_by: by.id };
      return [made("comment_updated", data, isEdit ? { comment_id: comment.id } : null)];
    }
    case "check": {
      const checklist = { total: act.items.length, done: act.items.filter(({ done }) => done).length };
      const data = { task: after, task_id, changes: { checklist: act.items }, updated_by: by.id };
      return [made("task_updated", data, { task, changes: { checklist } })];
    }
    case "change":
      return changeEvents(before, after, act.set, by.id).map(({ event, told, ...rest }) =>
        made(event, { task: after, task_id, ...rest }, { task, ...told }),
      );
  }
}

interface Aspect extends Record<string, unknown> {
  readonly event: DurableEventName;
  readonly told: object;
}

function changeEvents(before: Task, after: Task, set: TaskSet, by: string): Aspect[] {
  const { status, assignee_ids, ...rest } = differing(before, set);
  const aspects: Aspect[] = [];
  if (status !== undefined) {
    const told = { old_status: before.status, new_status: status };
    aspects.push({ event: "task_status_changed", told, ...told, updated_by: by });
  }
  if (assignee_ids !== undefined) {
    const told = {
      added: assignee_ids.filter((id) => !before.assignee_ids.includes(id)),
      removed: before.assignee_ids.filter((id) => !after.assignee_ids.includes(id)),
    };
    aspects.push({ event: "task_assigned", told, assignee_ids, ...told, assigned_by: by });
  }
  if (Object.keys(rest).length > 0)
    aspects.push({ event: "task_updated", told: { changes: rest }, changes: rest, updated_by: by });
  return aspects;
}
