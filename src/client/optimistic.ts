/** What a write will do, shown before the server has done it. The server's event takes its place. */
import type { ClientFrameName, FrameAnswer, FrameInput } from "../protocol/frames.ts";
import type { Task } from "../protocol/tasks.ts";
import { columnOf, positionAt } from "./order.ts";
import type { Draft } from "./reducer.ts";

export type WriteName = Extract<
  ClientFrameName,
  "task_create" | "task_update" | "task_status_update" | "task_move" | "task_assign" | "task_delete" | "new_comment"
>;

interface WriteOf<Name extends WriteName> {
  readonly event: Name;
  /** As it goes over the wire, with its `mutation_id`. */
  readonly data: FrameInput<Name>;
  readonly mutationId: string;
  /** When the person did it, milliseconds since 1970. */
  readonly madeAtMs: number;
  readonly userId: string;
}

/** A write that waits, as plain data: it can be kept and shown again after a restart. */
export type Write = { [Name in WriteName]: WriteOf<Name> }[WriteName];
export type WriteAnswer<Name extends WriteName> = FrameAnswer<Name>;

type Effects = { readonly [Name in WriteName]: (draft: Draft, write: WriteOf<Name>) => void };

const isoTime = (ms: number): string => new Date(ms).toISOString();

function change(draft: Draft, id: string, write: { readonly madeAtMs: number }, changes: Partial<Task>): void {
  const task = draft.tasks.get(id);
  if (task) draft.editTasks().set(id, { ...task, ...changes, updated_at: isoTime(write.madeAtMs) });
}

const inColumn = (draft: Draft, status: string, without: string): Task[] =>
  columnOf(draft.tasks.values(), status).filter((task) => task.id !== without);

/** Absent is unchanged, null clears: a description is cleared to the empty text. */
function changesOf({ description, ...changes }: FrameInput<"task_update">["changes"]): Partial<Task> {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return description === undefined ? given : { ...given, description: description ?? "" };
}

const effects: Effects = {
  task_create(draft, write) {
    const task = newTask(draft, write);
    if (task && !draft.tasks.has(task.id)) draft.editTasks().set(task.id, task);
  },
  task_update(draft, write) {
    change(draft, write.data.task_id, write, changesOf(write.data.changes));
  },
  task_status_update(draft, write) {
    const { task_id, status } = write.data;
    change(draft, task_id, write, { status });
  },
  task_move(draft, write) {
    const { task_id, status, before, after } = write.data;
    change(draft, task_id, write, { status, position: positionAt(inColumn(draft, status, task_id), before, after) });
  },
  task_assign(draft, write) {
    change(draft, write.data.task_id, write, { assignee_ids: write.data.assignee_ids });
  },
  task_delete(draft, write) {
    if (draft.tasks.has(write.data.task_id)) draft.editTasks().delete(write.data.task_id);
  },
  // Comments are shown by comments.ts.
  new_comment() {},
};

/** A task as it will be, but for what only the server knows: no number and no key yet. */
function newTask(draft: Draft, { data, madeAtMs, userId }: WriteOf<"task_create">): Task | undefined {
  if (data.id === undefined) return undefined;
  const status = data.status ?? draft.columns[0]?.status ?? "todo";
  const at = isoTime(madeAtMs);
  return {
    id: data.id,
    project_id: data.project_id,
    number: 0,
    key: "",
    title: data.title,
    description: data.description ?? "",
    status,
    position: positionAt(columnOf(draft.tasks.values(), status), undefined, undefined),
    priority: data.priority ?? "none",
    assignee_ids: data.assignee_ids ?? [],
    label_ids: data.label_ids ?? [],
    start_at: data.start_at ?? null,
    due_at: data.due_at ?? null,
    all_day: data.all_day ?? false,
    estimate: data.estimate ?? null,
    parent_id: data.parent_id ?? null,
    blocked_by_ids: [],
    version: 0,
    created_by: userId,
    created_at: at,
    updated_at: at,
    completed_at: null,
    archived_at: null,
  };
}

/** Shows `write` in the draft; nothing where its task is not there. */
export const showWrite = (draft: Draft, write: Write): void => show(draft, write.event, write);

function show<Name extends WriteName>(draft: Draft, event: Name, write: WriteOf<Name>): void {
  effects[event](draft, write);
}

/** The tasks a write speaks of: two writes that share one must not overtake each other. */
export function tasksOf({ event, data }: Write): string[] {
  const ids = event === "task_create" ? [data.id, data.parent_id] : [data.task_id];
  if (event === "task_update") ids.push(data.changes.parent_id);
  if (event === "task_move") ids.push(data.before, data.after);
  return ids.filter((id) => typeof id === "string");
}
