/** A consistent state of one project, with the position in its log that it stands for. */
import { z } from "zod";
import { LoggedEvent } from "./event.ts";
import { Column, Label, Member, Project } from "./projects.ts";
import { Task } from "./tasks.ts";

export const Snapshot = z.object({
  epoch: z.string(),
  seq: z.int(),
  project: Project,
  columns: z.array(Column),
  labels: z.array(Label),
  members: z.array(Member),
  tasks: z.array(Task),
  /** Where there are more than 10,000 tasks: the next page, at the same `seq`. */
  next_cursor: z.string().nullable(),
});
export type Snapshot = z.infer<typeof Snapshot>;

export const EventPage = z.object({ epoch: z.string(), seq: z.int(), items: z.array(LoggedEvent) });
export type EventPage = z.infer<typeof EventPage>;

/** A page of any list (H2). */
export const Page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });
