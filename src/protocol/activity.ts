/** History for people to read: what happened to a task, and in a project. It outlives the log it is made of. */
import { z } from "zod";
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { Role } from "./projects.ts";
import { EventActor } from "./users.ts";

/** Longest text of an entry, in characters: of a comment, of a description. */
export const excerptMax = 200;

/** What changed. Each event fills in what is its own; names and titles are as they were then, but those of comments' tasks. */
export const ActivityData = z.object({
  /** Of a comment's event it is the task as it is now; absent where that is deleted. */
  task: z.object({ key: z.string(), title: z.string() }).optional(),
  /**
   * Of `task_updated`: the new values. A description is cut to its beginning; of a checklist there is how many items it
   * had, and how many of them were done.
   */
  changes: z.record(z.string(), z.unknown()).optional(),
  old_status: z.string().optional(),
  new_status: z.string().optional(),
  /** Of `task_assigned`: ids of people. */
  added: z.array(z.string()).optional(),
  removed: z.array(z.string()).optional(),
  comment_id: z.string().optional(),
  /** The beginning of the comment as it is now; absent where it is deleted. */
  excerpt: z.string().optional(),
  member: z.object({ user_id: z.string(), name: z.string(), role: Role }).optional(),
  project: z.object({ key: z.string(), name: z.string() }).optional(),
});

export const ActivityEntry = z.object({
  /** Of the event in the project's room; where nothing is told to people, numbers are missing. */
  seq: z.int(),
  event: z.string(),
  at: z.string(),
  /** Null: the server by itself. */
  actor: EventActor.nullable(),
  task_id: z.string().nullable(),
  data: ActivityData,
});
export type ActivityEntry = z.infer<typeof ActivityEntry>;

const told =
  "Newest first. Tells of tasks, comments, members and the project; not of moves within a column, of reactions, or of the events of applications (`x_…`).";

export const activityEndpoints = {
  listTaskActivity: defineEndpoint({
    method: "GET",
    path: "/api/tasks/:id/activity",
    tag: "activity",
    summary: "What happened to a task",
    description: `${told} A deleted task's is in its project's.`,
    query: ListQuery,
    answer: Page(ActivityEntry),
    errors: ["not_found"],
  }),
  listProjectActivity: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id/activity",
    tag: "activity",
    summary: "What happened in a project",
    description: told,
    query: ListQuery,
    answer: Page(ActivityEntry),
    errors: ["not_found"],
  }),
};
