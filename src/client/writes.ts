/** The verbs: each write is shown at once, sent when it can be, and taken back where the server refuses it. */
import type { Comment } from "../protocol/comments.ts";
import type { FrameInput } from "../protocol/frames.ts";
import type { Task } from "../protocol/tasks.ts";
import type { Clock } from "./clock.ts";
import { TaskwireError } from "./errors.ts";
import { createId } from "./ids.ts";
import type { Write } from "./optimistic.ts";
import type { AnyAnswer, Outbox } from "./outbox.ts";
import type { StoreInput } from "./stores.ts";

export type NewTask = Omit<FrameInput<"task_create">, "project_id" | "mutation_id">;
export type TaskChanges = FrameInput<"task_update">["changes"];
/** A column, and in it before or after another task (by id), or at the end. */
export type Place = Pick<FrameInput<"task_move">, "status" | "before" | "after">;

export interface Writes {
  createTask(projectId: string, task: NewTask): Promise<Task>;
  /** With `version` (the one that was seen) a change by somebody else in between is `conflict` instead of overwritten. */
  updateTask(taskId: string, changes: TaskChanges, version?: number): Promise<Task>;
  updateTaskStatus(taskId: string, status: string): Promise<Task>;
  moveTask(taskId: string, place: Place): Promise<Task>;
  /** These people and nobody else. */
  assignTask(taskId: string, assigneeIds: readonly string[]): Promise<Task>;
  deleteTask(taskId: string): Promise<Task>;
  addComment(taskId: string, content: string): Promise<Comment>;
}

export interface WritesOptions {
  readonly outbox: Outbox;
  readonly stores: () => readonly StoreInput[];
  readonly clock: Clock;
  /** Who writes; empty before the first connection. */
  readonly userId: () => string;
}

export function createWrites({ outbox, stores, clock, userId }: WritesOptions): Writes {
  const submit = async (write: Write): Promise<AnyAnswer> => {
    for (const store of stores()) store.show(write);
    try {
      const answer = await outbox.add(write);
      for (const store of stores()) store.settle(write.mutationId, answer.seq);
      return answer;
    } catch (error) {
      for (const store of stores()) store.forget(write.mutationId);
      throw error;
    }
  };
  const submitTask = async (write: Write): Promise<Task> => {
    const answer = await submit(write);
    if ("task" in answer) return answer.task;
    throw new TaskwireError("internal", "the answer holds no task");
  };
  const stamp = () => {
    const mutationId = createId(clock.now());
    return { mutation_id: mutationId, own: { mutationId, madeAtMs: clock.now(), userId: userId() } };
  };

  return {
    createTask(project_id, task) {
      const { mutation_id, own } = stamp();
      const id = task.id ?? createId(clock.now());
      return submitTask({ ...own, event: "task_create", data: { ...task, id, project_id, mutation_id } });
    },
    updateTask(task_id, changes, version) {
      const { mutation_id, own } = stamp();
      const guard = version === undefined ? {} : { version };
      return submitTask({ ...own, event: "task_update", data: { task_id, changes, mutation_id, ...guard } });
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
      const data = { task_id, content, id: createId(clock.now()), mutation_id };
      const answer = await submit({ ...own, event: "new_comment", data });
      if ("comment" in answer) return answer.comment;
      throw new TaskwireError("internal", "the answer holds no comment");
    },
  };
}
