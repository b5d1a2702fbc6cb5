/** Reminders a person asks for on one task, besides those of the person's preferences. */
import { z } from "zod";
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { MutationId } from "./ids.ts";

export const Reminder = z
  .object({
    id: z.string(),
    task_id: z.string(),
    offset_minutes: z.int(),
    /** When it comes; null where the task has no due time or is done, and where it has come or that is past. */
    remind_at: z.string().nullable(),
    created_at: z.string(),
  })
  .meta({ id: "Reminder" });
export type Reminder = z.infer<typeof Reminder>;

/** Of one person on one task. */
export const remindersMax = 10;

export const CreateReminder = z.strictObject({
  /** Before the due time, at most four weeks; 0 is at that time. Of an all-day task, before 09:00 of its date. */
  offset_minutes: z.int().min(0).max(40_320),
  mutation_id: MutationId.optional(),
});
export type CreateReminder = z.infer<typeof CreateReminder>;

export const reminderEndpoints = {
  listReminders: defineEndpoint({
    method: "GET",
    path: "/api/tasks/:id/reminders",
    tag: "reminders",
    summary: "The reminders the caller asked for on a task",
    description: `Those furthest ahead of the due time first. The reminders of the caller's preferences are not among them.`,
    query: ListQuery,
    answer: Page(Reminder),
    errors: ["not_found"],
  }),
  createReminder: defineEndpoint({
    method: "POST",
    path: "/api/tasks/:id/reminders",
    tag: "reminders",
    summary: "Ask for a reminder on a task",
    description: `Takes a member of any role; nobody else hears of it. One that is there already is answered. At most ${remindersMax} on a task.`,
    body: CreateReminder,
    status: 201,
    answer: Reminder,
    errors: ["not_found", "conflict", "idempotency_mismatch"],
  }),
  deleteReminder: defineEndpoint({
    method: "DELETE",
    path: "/api/reminders/:id",
    tag: "reminders",
    summary: "Take back a reminder the caller asked for",
    status: 204,
    errors: ["not_found", "idempotency_mismatch"],
  }),
};
