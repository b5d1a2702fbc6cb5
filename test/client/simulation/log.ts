/** A server of one project without time or network: its tasks, comments and checklists, its log, and what it remembers of writes. */
import type { ChecklistItem } from "../../../src/protocol/checklist.ts";
import type { Comment } from "../../../src/protocol/comments.ts";
import type { LoggedEvent } from "../../../src/protocol/event.ts";
import type { TaskCounts } from "../../../src/protocol/snapshot.ts";
import type { Task } from "../../../src/protocol/tasks.ts";
import { makeTask } from "../tasks.ts";

export type Input = Readonly<Record<string, unknown>>;
export type Outcome =
  | { readonly data: Input }
  | { readonly error: { readonly code: string; readonly current?: unknown } };

export const room = "project:p";
const at = "2026-11-21T10:00:00.000Z";

export function createLog() {
  const tasks = new Map<string, Task>();
  const comments = new Map<string, Comment>();
  const items = new Map<string, ChecklistItem>();
  const events: LoggedEvent[] = [];
  /** By user and mutation id: what the write was answered. */
  const answered = new Map<string, Outcome>();
  const state = { epoch: "e1", trimmed: 0 };
  let placed = 0;

  const head = (): number => events.length;
  const position = (): string => `a${String(++placed).padStart(6, "0")}`;
  const emit = (event: string, user: string, mutation_id: string, data: Input): void => {
    const actor = { id: user, name: user, kind: "user" as const };
    events.push({ event, room, seq: head() + 1, at, actor, mutation_id, data });
  };
  const put = (task: Task, changes: Partial<Task>): Task => {
    const next = { ...task, ...changes, version: task.version + 1 };
    tasks.set(task.id, next);
    return next;
  };
  const checklistOf = (taskId: string): ChecklistItem[] =>
    [...items.values()].filter(({ task_id }) => task_id === taskId).sort((a, b) => (a.position < b.position ? -1 : 1));

  const missing: Outcome = { error: { code: "not_found" } };
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  /** What each write does; nothing but events tells that something changed. */
  const verbs: Record<string, (data: Input, user: string, key: string) => Outcome> = {
    task_create(data, user, key) {
      const id = text(data.id);
      const task = makeTask({ id, title: text(data.title), number: head() + 1, key: `P-${id}`, position: position() });
      tasks.set(id, task);
      emit("task_created", user, key, { task, task_id: id, created_by: user });
      return { data: { task, seq: head() } };
    },
    task_update(data, user, key) {
      const task = tasks.get(text(data.task_id));
      if (!task) return missing;
      if (data.version !== undefined && data.version !== task.version)
        return { error: { code: "conflict", current: task } };
      const changes = data.changes as Partial<Task>;
      if (Object.entries(changes).every(([name, value]) => task[name as keyof Task] === value))
        return { data: { task, seq: head() } };
      const next = put(task, changes);
      emit("task_updated", user, key, { task: next, task_id: next.id, changes, updated_by: user });
      return { data: { task: next, seq: head() } };
    },
    task_status_update(data, user, key) {
      const task = tasks.get(text(data.task_id));
      if (!task) return missing;
      if (data.status === task.status) return { data: { task, seq: head() } };
      const next = put(task, { status: text(data.status) });
      const told = { old_status: task.status, new_status: next.status, updated_by: user };
      emit("task_status_changed", user, key, { task: next, task_id: next.id, ...told });
      return { data: { task: next, seq: head() } };
    },
    task_move(data, user, key) {
      const task = tasks.get(text(data.task_id));
      if (!task) return missing;
      const next = put(task, { status: text(data.status), position: position() });
      const told = { old_status: task.status, new_status: next.status, updated_by: user };
      if (next.status === task.status) emit("task_moved", user, key, { task: next, task_id: next.id, moved_by: user });
      else emit("task_status_changed", user, key, { task: next, task_id: next.id, ...told });
      return { data: { task: next, seq: head() } };
    },
    task_delete(data, user, key) {
      const task = tasks.get(text(data.task_id));
      if (!task) return missing;
      tasks.delete(task.id);
      emit("task_deleted", user, key, { task, task_id: task.id, deleted_by: user });
      return { data: { task, seq: head() } };
    },
    new_comment(data, user, key) {
      const task_id = text(data.task_id);
      if (!tasks.has(task_id)) return missing;
      const times = { created_at: new Date(Date.parse(at) + head()).toISOString(), edited_at: null, deleted_at: null };
      const comment = {
        id: text(data.id),
        task_id,
        author_id: user,
        content: text(data.content),
        reactions: {},
        ...times,
      };
      comments.set(comment.id, comment);
      emit("comment_added", user, key, { comment, task_id, author: { id: user, name: user } });
      return { data: { comment, seq: head() } };
    },
    comment_update(data, user, key) {
      const comment = comments.get(text(data.comment_id));
      if (!comment) return missing;
      const next = { ...comment, content: text(data.content), edited_at: at };
      comments.set(next.id, next);
      emit("comment_updated", user, key, {
        comment: next,
        task_id: next.task_id,
        comment_id: next.id,
        updated_by: user,
      });
      return { data: next };
    },
    checklist_add(data, user, key) {
      const task = tasks.get(text(data.task_id));
      if (!task) return missing;
      const rest = { done: false, created_by: user, created_at: at, completed_at: null, position: position() };
      items.set(text(data.id), { id: text(data.id), task_id: task.id, title: text(data.title), ...rest });
      return tellChecklist(task, user, key);
    },
    checklist_update(data, user, key) {
      const item = items.get(text(data.item_id));
      const task = tasks.get(item?.task_id ?? "");
      if (!item || !task) return missing;
      if (item.done === data.done) return { data: {} };
      items.set(item.id, { ...item, done: data.done === true });
      return tellChecklist(task, user, key);
    },
  };
  const tellChecklist = (task: Task, user: string, key: string): Outcome => {
    const next = put(task, {});
    const changes = { checklist: checklistOf(task.id) };
    emit("task_updated", user, key, { task: next, task_id: next.id, changes, updated_by: user });
    return { data: {} };
  };

  return {
    tasks,
    events,
    answered,
    state,
    head,
    checklistOf,
    countsOf: (taskId: string): TaskCounts => ({
      comments: [...comments.values()].filter(({ task_id }) => task_id === taskId).length,
      checklist_done: checklistOf(taskId).filter(({ done }) => done).length,
      checklist_total: checklistOf(taskId).length,
    }),
    commentsOf: (taskId: string): Comment[] =>
      [...comments.values()]
        .filter(({ task_id }) => task_id === taskId)
        .sort((a, b) => (a.created_at < b.created_at ? -1 : 1)),
    isWrite: (event: string): boolean => Object.hasOwn(verbs, event),
    /** Applies a write once a mutation id; refusals are not remembered. */
    write(event: string, data: Input, user: string): Outcome {
      const key = text(data.mutation_id);
      const before = answered.get(`${user} ${key}`);
      if (before) return before;
      const outcome = verbs[event]?.(data, user, key) ?? missing;
      if ("data" in outcome) answered.set(`${user} ${key}`, outcome);
      return outcome;
    },
  };
}
export type Log = ReturnType<typeof createLog>;
