/** The checklist of a task. */
import { z } from "zod";
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { Id, MutationId } from "./ids.ts";
import { Line } from "./text.ts";

export const ChecklistItem = z.object({
  id: z.string(),
  task_id: z.string(),
  title: z.string(),
  done: z.boolean(),
  /** Opaque; compare bytewise, ties by id (H5). */
  position: z.string(),
  created_by: z.string(),
  created_at: z.string(),
  completed_at: z.string().nullable(),
});
export type ChecklistItem = z.infer<typeof ChecklistItem>;

/** Items of one task: every change is told with the whole list. */
export const checklistMax = 200;

export const CreateChecklistItem = z.strictObject({
  title: Line(500),
  /** Made by the client (any UUID), so that an item made offline keeps its id. */
  id: Id.optional(),
  mutation_id: MutationId.optional(),
});
export type CreateChecklistItem = z.infer<typeof CreateChecklistItem>;

export const UpdateChecklistItem = z
  .strictObject({
    title: Line(500),
    done: z.boolean(),
    /** The item to stand in front of, of the same list. */
    before: Id,
    /** The item to stand behind; where both are given, this one. */
    after: Id,
    mutation_id: MutationId,
  })
  .partial();
export type UpdateChecklistItem = z.infer<typeof UpdateChecklistItem>;

const told = "The event is `task_updated` with the whole list as `changes.checklist`";

export const checklistEndpoints = {
  listChecklist: defineEndpoint({
    method: "GET",
    path: "/api/tasks/:id/checklist",
    tag: "checklists",
    summary: "A task's checklist",
    description: `In its order. A list has at most ${checklistMax} items.`,
    query: ListQuery,
    answer: Page(ChecklistItem),
    errors: ["not_found"],
  }),
  createChecklistItem: defineEndpoint({
    method: "POST",
    path: "/api/tasks/:id/checklist",
    tag: "checklists",
    summary: "Add an item to the end of a task's checklist",
    description: `Takes the role member. ${told}.`,
    body: CreateChecklistItem,
    status: 201,
    answer: ChecklistItem,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  updateChecklistItem: defineEndpoint({
    method: "PATCH",
    path: "/api/checklist/:id",
    tag: "checklists",
    summary: "Change, tick off or move an item",
    description: `Takes the role member. ${told}; no change, no event.`,
    body: UpdateChecklistItem,
    answer: ChecklistItem,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
  deleteChecklistItem: defineEndpoint({
    method: "DELETE",
    path: "/api/checklist/:id",
    tag: "checklists",
    summary: "Remove an item",
    description: `Takes the role member. ${told}.`,
    status: 204,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};
