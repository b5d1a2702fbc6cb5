/** A part of an open task's details, as events and one's own writes feed it. */
import type { LoggedEvent } from "../protocol/event.ts";
import type { Write } from "./optimistic.ts";

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
