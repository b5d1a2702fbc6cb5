/** Tasks: the resource, the bodies that change it, and its events. */
import { z } from "zod";
import { defineEndpoint, listQuery, Page } from "./endpoint.ts";
import { defineEvent } from "./event.ts";
import { Id, InputTimestamp, MutationId } from "./ids.ts";
import { StatusSlug } from "./projects.ts";
import { Line, Text } from "./text.ts";

export const Priority = z.enum(["none", "low", "medium", "high", "urgent"]);
export type Priority = z.infer<typeof Priority>;

export const Task = z.object({
  id: z.string(),
  project_id: z.string(),
  number: z.int(),
  key: z.string(),
  title: z.string(),
  description: z.string(),
  status: z.string(),
  /** Opaque; compare bytewise, ties by id (H5). */
  position: z.string(),
  priority: Priority,
  assignee_ids: z.array(z.string()),
  label_ids: z.array(z.string()),
  start_at: z.string().nullable(),
  due_at: z.string().nullable(),
  all_day: z.boolean(),
  estimate: z.number().nullable(),
  parent_id: z.string().nullable(),
  blocked_by_ids: z.array(z.string()),
  version: z.int(),
  created_by: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  completed_at: z.string().nullable(),
  archived_at: z.string().nullable(),
});
export type Task = z.infer<typeof Task>;

/** Subtasks a task may have: deleting it deletes them, an event each. */
export const subtasksMax = 500;

/** At most `max` ids, each once, sorted: the order means nothing, so another order is no change. */
export const idSet = (max: number) =>
  z
    .array(Id)
    .max(max)
    .transform((ids) => [...new Set(ids)].sort());

const fields = {
  title: Line(500),
  description: Text(50_000).nullable(),
  status: StatusSlug,
  priority: Priority,
  assignee_ids: idSet(50),
  label_ids: idSet(50),
  start_at: InputTimestamp.nullable(),
  due_at: InputTimestamp.nullable(),
  all_day: z.boolean(),
  estimate: z.number().min(0).max(1_000_000).nullable(),
};

const atMidnight = (body: { all_day?: boolean | undefined; due_at?: string | null | undefined }) =>
  !(body.all_day && body.due_at) || body.due_at.endsWith("T00:00:00.000Z");
const midnight = { message: "of an all-day task is midnight UTC of its date", path: ["due_at"] };

export const CreateTask = z
  .strictObject({
    ...z.strictObject(fields).partial().shape,
    title: fields.title,
    parent_id: Id.nullish(),
    /** Made by the client (any UUID), so that an offline task keeps its id. */
    id: Id.optional(),
    mutation_id: MutationId.optional(),
  })
  .refine(atMidnight, midnight);
export type CreateTask = z.infer<typeof CreateTask>;

/** What can be changed of a task that is there. */
const changeable = {
  ...fields,
  archived_at: InputTimestamp.nullable(),
  /** Null makes a task of its own of a subtask. */
  parent_id: Id.nullable(),
};

export const TaskChanges = z.strictObject(changeable).partial().refine(atMidnight, midnight);
export type TaskChanges = z.infer<typeof TaskChanges>;

/** The version the client saw; a stale one is `conflict`. Absent: the last write wins. */
export const Version = z.int32().min(1);

export const UpdateTask = z
  .strictObject({ ...changeable, version: Version, mutation_id: MutationId })
  .partial()
  .refine(atMidnight, midnight);
export type UpdateTask = z.infer<typeof UpdateTask>;

export const MoveTask = z.strictObject({
  status: StatusSlug,
  before: Id.optional(),
  after: Id.optional(),
  mutation_id: MutationId.optional(),
});
export type MoveTask = z.infer<typeof MoveTask>;

/** Unknown filters are refused: one that is spelt wrong would show everything. */
const ListTasks = z.strictObject({
  ...listQuery,
  status: StatusSlug.optional(),
  assignee: z.union([z.literal("me"), Id], "is an id or `me`").optional(),
  label: Id.optional(),
  due_before: InputTimestamp.optional(),
  q: Text(200).optional(),
  parent: z.union([z.literal("none"), Id], "is an id or `none`").optional(),
  archived: z.enum(["true", "false", "all"]).default("false"),
  order: z.enum(["oldest", "newest"]).default("oldest"),
});
export type ListTasks = z.infer<typeof ListTasks>;

export const taskEndpoints = {
  listTasks: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id/tasks",
    tag: "tasks",
    summary: "The project's tasks",
    description:
      "Ordered by number, as they were made; `order` `newest` turns that round. A cursor is good for the order it came with. Filters, all of which must hold: `status`; `assignee` (an id, or `me`); `label`; `due_before`; `q`, which looks into title, description and key; `parent` (an id: its subtasks; `none`: those that are no subtask); `archived` (`false`, `true` or `all`).",
    query: ListTasks,
    answer: Page(Task),
    errors: ["not_found"],
  }),
  createTask: defineEndpoint({
    method: "POST",
    path: "/api/projects/:id/tasks",
    tag: "tasks",
    summary: "Make a task, at the end of its column",
    description: `Takes the role member. Without \`status\` it stands in the first column. A subtask's \`parent_id\` is a task of the project that is no subtask and has less than ${subtasksMax}.`,
    body: CreateTask,
    status: 201,
    answer: Task,
    etag: true,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  getTask: defineEndpoint({
    method: "GET",
    path: "/api/tasks/:id",
    tag: "tasks",
    summary: "A task; its version is the `ETag`",
    answer: Task,
    etag: true,
    errors: ["not_found"],
  }),
  updateTask: defineEndpoint({
    method: "PATCH",
    path: "/api/tasks/:id",
    tag: "tasks",
    summary: "Change a task",
    description:
      "Takes the role member. With `version` (or `If-Match`) a stale one is `conflict`; without, the last write wins. `parent_id` as when a task is made, for a task without subtasks; null takes it from its parent.",
    body: UpdateTask,
    answer: Task,
    etag: true,
    ifMatch: true,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  deleteTask: defineEndpoint({
    method: "DELETE",
    path: "/api/tasks/:id",
    tag: "tasks",
    summary: "Delete a task and its subtasks",
    description: "Takes the role member.",
    status: 204,
    ifMatch: true,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  moveTask: defineEndpoint({
    method: "POST",
    path: "/api/tasks/:id/move",
    tag: "tasks",
    summary: "Move a task to a column, between two tasks of it",
    description: "Takes the role member. Without `before` and `after` it goes to the end.",
    body: MoveTask,
    answer: Task,
    etag: true,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
};

const whole = { task: Task, task_id: z.string() };
const by = z.string();

export const taskEvents = {
  task_created: defineEvent({
    audience: "project",
    durable: true,
    description: "A task was made.",
    data: z.object({ ...whole, created_by: by }),
  }),
  task_status_changed: defineEvent({
    audience: "project",
    durable: true,
    description: "A task's status changed, also by a move to another column.",
    data: z.object({ ...whole, old_status: z.string(), new_status: z.string(), updated_by: by }),
  }),
  task_assigned: defineEvent({
    audience: "project",
    durable: true,
    description: "A task's assignees changed.",
    data: z.object({
      ...whole,
      assignee_ids: z.array(z.string()),
      added: z.array(z.string()),
      removed: z.array(z.string()),
      assigned_by: by,
    }),
  }),
  task_updated: defineEvent({
    audience: "project",
    durable: true,
    description: "Anything else of a task changed; `changes` holds the new values of the changed fields.",
    data: z.object({ ...whole, changes: z.record(z.string(), z.unknown()), updated_by: by }),
  }),
  task_moved: defineEvent({
    audience: "project",
    durable: true,
    description: "A task moved within its column.",
    data: z.object({ ...whole, moved_by: by }),
  }),
  task_deleted: defineEvent({
    audience: "project",
    durable: true,
    description: "A task was deleted; its subtasks have an event each.",
    data: z.object({ ...whole, deleted_by: by }),
  }),
};
