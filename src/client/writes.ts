/** The verbs: each write is shown at once, sent when it can be, and taken back where the server refuses it. */
import type { Comment } from "../protocol/comments.ts";
import type { FrameInput } from "../protocol/frames.ts";
import type { Task } from "../protocol/tasks.ts";
import type { Clock } from "./clock.ts";
import { TaskwireError } from "./errors.ts";
import { createId } from "./ids.ts";
import type { Write, WriteAnswer, WriteData } from "./optimistic.ts";
import type { Outbox } from "./outbox.ts";
import type { RestWriteData, RestWriteName } from "./rest-writes.ts";
import { statusFor } from "./structure.ts";
import type { TaskDetail } from "./task-detail.ts";

export type NewTask = Omit<FrameInput<"task_create">, "project_id" | "mutation_id">;
export type TaskChanges = FrameInput<"task_update">["changes"];
/** A column, and in it before or after another task (by id), or at the end. */
export type Place = Pick<FrameInput<"task_move">, "status" | "before" | "after">;
/** What the person saw when they began: the task, or its version alone. */
export type Seen = Task | number;

/** With an `id` of the client's own it can be named before it is answered. */
export type NewLabel = Omit<RestWriteData["label_create"], "project_id" | "id"> & { readonly id?: string };
/** Its name, its limit, whether it means done, and its place: behind one column, or else in front of another (by id). */
export type ColumnChanges = Omit<RestWriteData["column_update"], "project_id" | "column_id">;

export interface Writes {
  createTask(projectId: string, task: NewTask): Promise<Task>;
  /**
   * With `seen` a change by somebody else in between is a `conflict` instead of overwritten. Given as the whole task, only
   * changes of the same fields are one; the others go through.
   */
  updateTask(taskId: string, changes: TaskChanges, seen?: Seen): Promise<Task>;
  updateTaskStatus(taskId: string, status: string): Promise<Task>;
  moveTask(taskId: string, place: Place): Promise<Task>;
  /** These people and nobody else. */
  assignTask(taskId: string, assigneeIds: readonly string[]): Promise<Task>;
  deleteTask(taskId: string): Promise<Task>;
  addComment(taskId: string, content: string): Promise<Comment>;
  /** At the end of the board. */
  createColumn(projectId: string, name: string): Promise<void>;
  updateColumn(projectId: string, columnId: string, changes: ColumnChanges): Promise<void>;
  createLabel(projectId: string, label: NewLabel): Promise<void>;
}

/** What can be done to an open task, with its id left out. */
export type DetailVerbs = {
  readonly [Name in keyof TaskDetail as TaskDetail[Name] extends (...input: never[]) => Promise<unknown>
    ? Name
    : never]: TaskDetail[Name];
};

export interface WritesOptions {
  readonly outbox: Outbox;
  /** What shows them: the stores that are open. */
  readonly inputs: () => readonly WriteInput[];
  /** The statuses of a project's columns, as they are shown. */
  readonly statuses: (projectId: string) => readonly string[];
  readonly clock: Clock;
  /** Who writes; empty before the first connection. */
  readonly userId: () => string;
}

interface WriteInput {
  show(write: Write): void;
  forget(mutationId: string): void;
}

type Submit = (write: Write) => Promise<WriteAnswer>;

export function createWrites({ outbox, inputs, statuses, clock, userId }: WritesOptions) {
  const submit: Submit = async (write) => {
    for (const input of inputs()) input.show(write);
    try {
      return await outbox.add(write);
    } catch (error) {
      // Also where it never came into the outbox.
      for (const input of inputs()) input.forget(write.mutationId);
      throw error;
    }
  };
  const stamp = () => {
    const mutationId = createId(clock.now());
    return { mutation_id: mutationId, own: { mutationId, madeAtMs: clock.now(), userId: userId() } };
  };
  const newId = () => createId(clock.now());
  const send = async <Name extends RestWriteName>(event: Name, data: RestWriteData[Name]): Promise<void> => {
    await submit(restWrite({ ...stamp().own, event, data }));
  };
  const writes: Writes = {
    ...createFrameWrites(submit, stamp, newId),
    createColumn: (project_id, name) =>
      send("column_create", { project_id, id: newId(), name, status: statusFor(name, statuses(project_id)) }),
    updateColumn: (project_id, column_id, changes) => send("column_update", { project_id, column_id, ...changes }),
    createLabel: (project_id, label) => send("label_create", { project_id, id: newId(), ...label }),
  };
  const detailVerbs = (taskId: string): DetailVerbs => ({
    addComment: (content) => writes.addComment(taskId, content),
    ...createDetailVerbs(taskId, send, newId),
  });
  return { writes, detailVerbs, send };
}

interface AnyRestWrite {
  readonly event: RestWriteName;
  readonly data: WriteData<RestWriteName>;
  readonly mutationId: string;
  readonly madeAtMs: number;
  readonly userId: string;
}
// A name and its data come together from `send`; the compiler does not follow them into the union.
const restWrite = (write: AnyRestWrite): Write => write as Write;

type Stamp = () => {
  readonly mutation_id: string;
  readonly own: Pick<Write, "mutationId" | "madeAtMs" | "userId">;
};

type FrameWrites = Omit<Writes, "createColumn" | "updateColumn" | "createLabel">;

function createFrameWrites(submit: Submit, stamp: Stamp, newId: () => string): FrameWrites {
  const submitTask = async (write: Write): Promise<Task> => {
    const answer = await submit(write);
    if ("task" in answer) return answer.task;
    throw new TaskwireError("internal", "the answer holds no task");
  };
  return {
    createTask(project_id, task) {
      const { mutation_id, own } = stamp();
      const id = task.id ?? newId();
      return submitTask({ ...own, event: "task_create", data: { ...task, id, project_id, mutation_id } });
    },
    updateTask(task_id, changes, seen) {
      const { mutation_id, own } = stamp();
      const data = { task_id, changes, mutation_id };
      // Of a task that is not on the server yet there is no version to name.
      const version = typeof seen === "number" ? seen : (seen?.version ?? 0);
      if (seen === undefined || version < 1) return submitTask({ ...own, event: "task_update", data });
      if (typeof seen === "number")
        return submitTask({ ...own, event: "task_update", data: { ...data, version: seen } });
      const guarded = { ...data, version: seen.version };
      return submitTask({ ...own, event: "task_update", data: guarded, seen: fieldsOf(seen, changes) });
    },
    updateTaskStatus(task_id, status) {
      const { mutation_id, own } = stamp();
      return submitTask({ ...own, event: "task_status_update", data: { task_id, status, mutation_id } });
    },
    moveTask(task_id, place) {
      const { mutation_id, own } = stamp();
      return submitTask({ ...own, event: "task_move", data: { ...place, task_id, mutation_id } });
    },
    assignTask(task_id, assigneeIds) {
      const { mutation_id, own } = stamp();
      const data = { task_id, assignee_ids: [...assigneeIds], mutation_id };
      return submitTask({ ...own, event: "task_assign", data });
    },
    deleteTask(task_id) {
      const { mutation_id, own } = stamp();
      return submitTask({ ...own, event: "task_delete", data: { task_id, mutation_id } });
    },
    async addComment(task_id, content) {
      const { mutation_id, own } = stamp();
      const answer = await submit({
        ...own,
        event: "new_comment",
        data: { task_id, content, id: newId(), mutation_id },
      });
      if ("comment" in answer) return answer.comment;
      throw new TaskwireError("internal", "the answer holds no comment");
    },
  };
}

/** The fields of `task` that `changes` changes. */
const fieldsOf = (task: Task, changes: TaskChanges): Partial<Task> =>
  Object.fromEntries(Object.entries(task).filter(([name]) => Object.hasOwn(changes, name)));

type SendRest = <Name extends RestWriteName>(event: Name, data: RestWriteData[Name]) => Promise<void>;

function createDetailVerbs(task_id: string, send: SendRest, newId: () => string): Omit<DetailVerbs, "addComment"> {
  return {
    editComment: (comment_id, content) => send("comment_update", { task_id, comment_id, content }),
    deleteComment: (comment_id) => send("comment_delete", { task_id, comment_id }),
    react: (comment_id, emoji) => send("reaction_add", { task_id, comment_id, emoji }),
    unreact: (comment_id, emoji) => send("reaction_remove", { task_id, comment_id, emoji }),
    addChecklistItem: (title) => send("checklist_add", { task_id, id: newId(), title }),
    renameChecklistItem: (item_id, title) => send("checklist_update", { task_id, item_id, title }),
    toggleChecklistItem: (item_id, done) => send("checklist_update", { task_id, item_id, done }),
    moveChecklistItem: (item_id, place) => send("checklist_update", { task_id, item_id, ...place }),
    deleteChecklistItem: (item_id) => send("checklist_delete", { task_id, item_id }),
    block: (blocker_id) => send("blocker_add", { task_id, blocker_id }),
    unblock: (blocker_id) => send("blocker_remove", { task_id, blocker_id }),
    blockTask: (waiting_id) => send("blocker_add", { task_id: waiting_id, blocker_id: task_id }),
    unblockTask: (waiting_id) => send("blocker_remove", { task_id: waiting_id, blocker_id: task_id }),
    watch: () => send("watcher_add", { task_id }),
    unwatch: () => send("watcher_remove", { task_id }),
  };
}
