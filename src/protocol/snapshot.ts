/** A consistent state of one project, with the position in its log that it stands for. */
import { z } from "zod";
import { defineEndpoint, listQuery, QueryInt } from "./endpoint.ts";
import { LoggedEvent } from "./event.ts";
import { Column, Label, Member, Project } from "./projects.ts";
import { Task } from "./tasks.ts";

/** What a task has beside itself; deleted comments are not counted. */
export const TaskCounts = z.object({ comments: z.int(), checklist_done: z.int(), checklist_total: z.int() });
export type TaskCounts = z.infer<typeof TaskCounts>;

export const Snapshot = z.object({
  epoch: z.string(),
  seq: z.int(),
  project: Project,
  columns: z.array(Column),
  labels: z.array(Label),
  members: z.array(Member),
  tasks: z.array(Task),
  /** By task id, for the tasks of all pages that have any; empty but for the first page, as it stands for `seq`. */
  counts: z.record(z.string(), TaskCounts),
  /** Where there are more than 10,000 tasks: the next page, at the same `seq`. */
  next_cursor: z.string().nullable(),
});
export type Snapshot = z.infer<typeof Snapshot>;

export const EventPage = z.object({ epoch: z.string(), seq: z.int(), items: z.array(LoggedEvent) });
export type EventPage = z.infer<typeof EventPage>;

export const snapshotEndpoints = {
  readSnapshot: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id/snapshot",
    tag: "projects",
    summary: "A consistent state of the project and its position in the log",
    description:
      "Tasks that are not archived: the first 10,000, then page by page at the same `seq`. Later pages show tasks as they are when they are read, though they name the first page's `seq`: apply the events after it, and the state is right. `counts` tells how many comments and checklist items tasks have, by task id, without those that have none; later pages leave it empty. Join the room with that position.",
    query: z.strictObject({ cursor: listQuery.cursor }),
    answer: Snapshot,
    errors: ["not_found", "gone"],
  }),
  readEvents: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id/events",
    tag: "projects",
    summary: "The project's durable events after a position, oldest first",
    description: "`gone` where the history does not reach back that far: take a snapshot.",
    query: z.strictObject({
      since: QueryInt(0, Number.MAX_SAFE_INTEGER).default(0),
      limit: QueryInt(1, 500).default(200),
    }),
    answer: EventPage,
    errors: ["not_found", "gone"],
  }),
};
