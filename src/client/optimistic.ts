/** What a write will do, shown before the server has done it. The server's event takes its place. */
import type { ClientFrameName, FrameAnswer, FrameInput } from "../protocol/frames.ts";
import type { Task } from "../protocol/tasks.ts";
import { columnOf, positionAt } from "./order.ts";
import type { Draft } from "./reducer.ts";
import type { RestWriteData, RestWriteName } from "./rest-writes.ts";
import { addColumn, addLabel, changeColumn } from "./structure.ts";

type FrameWriteName = Extract<
  ClientFrameName,
  "task_create" | "task_update" | "task_status_update" | "task_move" | "task_assign" | "task_delete" | "new_comment"
>;
export type WriteName = FrameWriteName | RestWriteName;
/** As it goes over the wire: a frame's data with its `mutation_id`, or what rest-writes.ts makes a request of. */
export type WriteData<Name extends WriteName> = Name extends FrameWriteName
  ? FrameInput<Name>
  : Name extends RestWriteName
    ? RestWriteData[Name]
    : never;

export interface WriteOf<Name extends WriteName> {
  readonly event: Name;
  readonly data: WriteData<Name>;
  readonly mutationId: string;
  /** When the person did it, milliseconds since 1970. */
  readonly madeAtMs: number;
  readonly userId: string;
  /** Of a change guarded by a version: what the person saw in the fields it changes, where that is known. */
  readonly seen?: Partial<Task>;
}

/** A write that waits, as plain data: it can be kept and shown again after a restart. */
export type Write = { [Name in WriteName]: WriteOf<Name> }[WriteName];
/** What the server answers to a frame; to a request it answers nothing that is needed here. */
export type WriteAnswer = FrameAnswer<FrameWriteName> | { readonly seq?: never };

type Effects = { readonly [Name in WriteName]: (draft: Draft, write: WriteOf<Name>) => void };

const isoTime = (ms: number): string => new Date(ms).toISOString();

function change(draft: Draft, id: string, write: { readonly madeAtMs: number }, changes: Partial<Task>): void {
  const task = draft.tasks.get(id) ?? draft.findAside(id);
  if (!task) return;
  const next = { ...task, ...changes, updated_at: isoTime(write.madeAtMs) };
  if (next.archived_at === null) {
    draft.editTasks().set(id, next);
    draft.aside.delete(id);
    return;
  }
  if (draft.tasks.has(id)) draft.editTasks().delete(id);
  draft.aside.set(id, next);
}

const inColumn = (draft: Draft, status: string, without: string): Task[] =>
  columnOf(draft.tasks.values(), status).filter((task) => task.id !== without);

/** Absent is unchanged, null clears: a description is cleared to the empty text. */
export function changesOf({ description, ...changes }: FrameInput<"task_update">["changes"]): Partial<Task> {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return description === undefined ? given : { ...given, description: description ?? "" };
}

const nothing = (): void => {};

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
    const { task_id } = write.data;
    if (draft.tasks.has(task_id)) draft.editTasks().delete(task_id);
    else if (draft.findAside(task_id)) draft.aside.set(task_id, null);
  },
  blocker_add(draft, write) {
    const { task_id, blocker_id } = write.data;
    const ids = draft.tasks.get(task_id)?.blocked_by_ids ?? [];
    if (!ids.includes(blocker_id)) change(draft, task_id, write, { blocked_by_ids: [...ids, blocker_id] });
  },
  blocker_remove(draft, write) {
    const { task_id, blocker_id } = write.data;
    const ids = draft.tasks.get(task_id)?.blocked_by_ids ?? [];
    change(draft, task_id, write, { blocked_by_ids: ids.filter((id) => id !== blocker_id) });
  },
  column_create: addColumn,
  column_update: changeColumn,
  label_create: addLabel,
  // What is not part of the project's state is shown by the details of its task.
  new_comment: nothing,
  comment_update: nothing,
  comment_delete: nothing,
  reaction_add: nothing,
  reaction_remove: nothing,
  checklist_add: nothing,
  checklist_update: nothing,
  checklist_delete: nothing,
  watcher_add: nothing,
  watcher_remove: nothing,
  inbox_read: nothing,
  inbox_snooze: nothing,
  inbox_archive: nothing,
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

/** What a write speaks of: two that share something must not overtake each other. */
export function subjectsOf(write: Write): string[] {
  const { event, data } = write;
  const ids: (string | null | undefined)[] = [taskOf(write)];
  if (event === "task_create") ids.push(data.parent_id);
  if (event === "task_update") ids.push(data.changes.parent_id);
  if (event === "task_move") ids.push(data.before, data.after);
  if (event === "blocker_add") ids.push(data.blocker_id);
  if (isOfInbox(write)) ids.push("inbox");
  // One behind the other: the place of a column is told by its neighbours.
  if (event === "column_create" || event === "column_update") ids.push(`columns ${data.project_id}`);
  return ids.filter((id) => typeof id === "string");
}

/** Is it a change of one's own inbox? */
export const isOfInbox = ({ event }: Pick<Write, "event">): boolean => event.startsWith("inbox_");

/** The project a write is said to be about; undefined where it names a task alone, or none. */
export const projectOf = ({ data }: Write): string | undefined => ("project_id" in data ? data.project_id : undefined);

/** The column a write changes, or makes. */
export function columnOfWrite({ event, data }: Write): string | undefined {
  if (event === "column_create") return data.id;
  return event === "column_update" ? data.column_id : undefined;
}

/** The one task a write changes, or makes; undefined where it is about something else. */
export function taskOf({ event, data }: Write): string | undefined {
  if (event === "task_create") return data.id;
  return "task_id" in data ? data.task_id : undefined;
}
