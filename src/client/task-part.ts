/** A part of an open task's details, as events and one's own writes feed it. */
import type { LoggedEvent } from "../protocol/event.ts";
import type { Task } from "../protocol/tasks.ts";
import type { Write } from "./optimistic.ts";

/** The task an event tells: where it has one, it is the whole task. */
export const taskIn = ({ data }: LoggedEvent): Task | undefined =>
  typeof data === "object" && data !== null && "task" in data ? (data.task as Task) : undefined;

/** The task an event concerns; undefined for one of no task. */
export const taskIdIn = ({ data }: LoggedEvent): unknown =>
  typeof data === "object" && data !== null && "task_id" in data ? data.task_id : undefined;

export interface TaskPart {
  /** A durable event that concerns this task. */
  apply(event: LoggedEvent): void;
  /** The writes on their way that concern this task, oldest first. */
  show(writes: readonly Write[]): void;
  /** The log did not reach back: read it anew. */
  reload(): void;
  /** There is a connection again. */
  retry(): void;
  close(): void;
}
