/** A project's columns: the bodies that change them, and their routes. The event of each write is `project_updated`. */
import { z } from "zod";
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { Id, MutationId } from "./ids.ts";
import { Column, StatusSlug } from "./projects.ts";
import { Line } from "./text.ts";

/** Columns a project may have. */
export const columnsMax = 100;
/** Tasks that a change of a column or label may change with it: each has an event, and all are written together. */
export const tasksAtOnceMax = 5_000;

const ColumnName = Line(100);
const WipLimit = z.int().min(1).max(10_000);
/** Ids of columns: behind the one, in front of the other; with both, `after` counts. */
const place = { before: Id.optional(), after: Id.optional() };

export const CreateColumn = z.strictObject({
  name: ColumnName,
  /** Absent: made of the name. It stays what it is: tasks carry it. */
  status: StatusSlug.optional(),
  wip_limit: WipLimit.nullish(),
  done: z.boolean().optional(),
  ...place,
  /** Made by the client, so that it can be named before it is answered. */
  id: Id.optional(),
  mutation_id: MutationId.optional(),
});
export type CreateColumn = z.infer<typeof CreateColumn>;

export const UpdateColumn = z
  .strictObject({
    name: ColumnName,
    wip_limit: WipLimit.nullable(),
    done: z.boolean(),
    ...place,
    mutation_id: MutationId,
  })
  .partial();
export type UpdateColumn = z.infer<typeof UpdateColumn>;

const DeleteColumn = z.strictObject({ move_to: StatusSlug.optional() });

export const columnEndpoints = {
  listColumns: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id/columns",
    tag: "columns",
    summary: "The project's columns",
    description: "In their order on the board. No filters.",
    query: ListQuery,
    answer: Page(Column),
    errors: ["not_found"],
  }),
  createColumn: defineEndpoint({
    method: "POST",
    path: "/api/projects/:id/columns",
    tag: "columns",
    summary: "Make a column",
    description: `Takes the role admin. It stands behind the column \`after\`, or in front of \`before\`, or at the end. \`status\` is the slug its tasks carry: made of the name where it is not given, and for good. One that is taken is \`conflict\` with its column; so is a column beyond ${columnsMax}, and an \`id\` that exists with other content.`,
    body: CreateColumn,
    status: 201,
    answer: Column,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  updateColumn: defineEndpoint({
    method: "PATCH",
    path: "/api/projects/:id/columns/:column_id",
    tag: "columns",
    summary: "Change a column, or its place",
    description: `Takes the role admin. \`status\` cannot be changed. Another \`done\` completes the column's tasks that are not, or takes \`completed_at\` from all of them: a \`task_updated\` each before the \`project_updated\`; \`conflict\` where that is more than ${tasksAtOnceMax} tasks.`,
    body: UpdateColumn,
    answer: Column,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  deleteColumn: defineEndpoint({
    method: "DELETE",
    path: "/api/projects/:id/columns/:column_id",
    tag: "columns",
    summary: "Delete a column",
    description: `Takes the role admin. Tasks in it (archived ones too) go to the column \`move_to\` (a status), where their positions place them: a \`task_status_changed\` each before the \`project_updated\`. Without \`move_to\` a column with tasks is \`conflict\`, as is the last column, and one with more than ${tasksAtOnceMax} tasks.`,
    query: DeleteColumn,
    status: 204,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
};
