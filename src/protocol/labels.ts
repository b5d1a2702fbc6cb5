/** A project's labels: the bodies that change them, and their routes. The event of each write is `project_updated`. */
import { z } from "zod";
import { tasksAtOnceMax } from "./columns.ts";
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { Id, MutationId } from "./ids.ts";
import { Label } from "./projects.ts";
import { Line } from "./text.ts";

/** Labels a project may have. */
export const labelsMax = 200;

const fields = {
  name: Line(100),
  color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, "is a colour such as #1f6feb")
    .transform((color) => color.toLowerCase()),
};

export const CreateLabel = z.strictObject({
  ...fields,
  /** Made by the client, so that it can be named before it is answered. */
  id: Id.optional(),
  mutation_id: MutationId.optional(),
});
export type CreateLabel = z.infer<typeof CreateLabel>;

export const UpdateLabel = z.strictObject({ ...fields, mutation_id: MutationId }).partial();
export type UpdateLabel = z.infer<typeof UpdateLabel>;

export const labelEndpoints = {
  listLabels: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id/labels",
    tag: "labels",
    summary: "The project's labels",
    description: "By name. No filters.",
    query: ListQuery,
    answer: Page(Label),
    errors: ["not_found"],
  }),
  createLabel: defineEndpoint({
    method: "POST",
    path: "/api/projects/:id/labels",
    tag: "labels",
    summary: "Make a label",
    description: `Takes the role admin. A name that another label of the project has is \`conflict\` with that label; so is a label beyond ${labelsMax}, and an \`id\` that exists with other content.`,
    body: CreateLabel,
    status: 201,
    answer: Label,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  updateLabel: defineEndpoint({
    method: "PATCH",
    path: "/api/projects/:id/labels/:label_id",
    tag: "labels",
    summary: "Change a label's name or colour",
    description: "Takes the role admin.",
    body: UpdateLabel,
    answer: Label,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  deleteLabel: defineEndpoint({
    method: "DELETE",
    path: "/api/projects/:id/labels/:label_id",
    tag: "labels",
    summary: "Delete a label",
    description: `Takes the role admin. It comes off the tasks that carry it: a \`task_updated\` each before the \`project_updated\`; \`conflict\` where that is more than ${tasksAtOnceMax} tasks.`,
    status: 204,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
};
