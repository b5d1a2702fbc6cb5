/** The order of tasks in a column: by `position` compared bytewise, ties by id (H5). */
import type { Task } from "../protocol/tasks.ts";

type Placed = Pick<Task, "id" | "position">;

// Positions are ASCII, where UTF-16 order is byte order.
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const byPosition = (a: Placed, b: Placed): number =>
  compareText(a.position, b.position) || compareText(a.id, b.id);

/** The tasks of one column, in order. */
export const columnOf = (tasks: Iterable<Task>, status: string): Task[] =>
  [...tasks].filter((task) => task.status === status).sort(byPosition);

/**
 * A position that stands where the server will put the task, until its event tells the real one: just behind the task in
 * front of the place. Nothing the server makes sorts between a position and itself followed by this character.
 */
const behind = (position: string): string => `${position}\u0001`;

/** Where a move lands in `column` (without the moved task): `after` the one task, `before` the other, or at the end. */
export function positionAt(column: readonly Task[], before: string | undefined, after: string | undefined): string {
  const front = column.find((task) => task.id === after);
  if (front) return behind(front.position);
  const index = column.findIndex((task) => task.id === before);
  const previous = index >= 0 ? column[index - 1] : column.at(-1);
  return previous ? behind(previous.position) : "";
}
