/** Where a card lands: gaps between the cards of a column, and the words for the server. */
import type { Place } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";

/** A gap in a column as it is shown: in front of the card at `index`; behind all of them where that is their count. */
export interface Gap {
  readonly status: string;
  readonly index: number;
}

export const sameGap = (a: Gap | null, b: Gap | null): boolean => a?.status === b?.status && a?.index === b?.index;

/**
 * The place of `gap` for the task, null where it stands there already. Neighbours that a filter hides do not count: the
 * card lands directly behind the card that is seen above it, or else in front of the one below.
 */
export function placeOf(gap: Gap, list: readonly Task[], task: Pick<Task, "id">): Place | null {
  const { status } = gap;
  const own = list.findIndex(({ id }) => id === task.id);
  if (own >= 0 && (gap.index === own || gap.index === own + 1)) return null;
  const after = list[gap.index - 1];
  if (after) return { status, after: after.id };
  const before = list[gap.index];
  return before ? { status, before: before.id } : { status };
}

/** Where the task stands now, to bring it back there: the words of `moveTask`. */
export function presentPlace(task: Pick<Task, "id" | "status">, list: readonly Task[]): Place {
  const { status } = task;
  const index = list.findIndex(({ id }) => id === task.id);
  const after = list[index - 1];
  if (index > 0 && after) return { status, after: after.id };
  const before = list[index + 1];
  return before ? { status, before: before.id } : { status };
}

/** Lists by status, in the order of the columns. */
export type Columns = readonly { readonly status: string; readonly list: readonly Task[] }[];
export type Direction = "up" | "down" | "left" | "right";

/**
 * The gap one step further for a card that is carried by keyboard; the same one at the edge. A gap beside the card itself
 * is where it stands, so it is one step and not two.
 */
export function nextGap(gap: Gap, direction: Direction, columns: Columns, taskId: string): Gap {
  const at = columns.findIndex(({ status }) => status === gap.status);
  const here = columns[at];
  if (!here) return gap;
  if (direction === "left" || direction === "right") {
    const there = columns[at + (direction === "left" ? -1 : 1)];
    return there ? { status: there.status, index: Math.min(gap.index, there.list.length) } : gap;
  }
  const own = here.list.findIndex(({ id }) => id === taskId);
  const step = direction === "up" ? -1 : 1;
  let index = gap.index + step;
  if (own >= 0 && (gap.index === own || gap.index === own + 1)) index = direction === "up" ? own - 1 : own + 2;
  else if (own >= 0 && index === own + (direction === "up" ? 1 : 0)) index = own;
  return index < 0 || index > here.list.length ? gap : { status: gap.status, index };
}

/** What a carried card's place is called: counted from 1, as if it stood there already. */
export function ordinalOf(gap: Gap, list: readonly Task[], taskId: string): { position: number; count: number } {
  const own = list.findIndex(({ id }) => id === taskId);
  const isBehindItself = own >= 0 && own < gap.index;
  return { position: gap.index + (isBehindItself ? 0 : 1), count: list.length + (own >= 0 ? 0 : 1) };
}

/** The card that an arrow leads to from `taskId`; undefined at the edge. Sideways: the next column that has cards. */
export function neighbourOf(taskId: string, direction: Direction, columns: Columns): Task | undefined {
  const at = columns.findIndex(({ list }) => list.some(({ id }) => id === taskId));
  const list = columns[at]?.list ?? [];
  const index = list.findIndex(({ id }) => id === taskId);
  if (direction === "up") return list[index - 1];
  if (direction === "down") return list[index + 1];
  const step = direction === "left" ? -1 : 1;
  for (let next = at + step; next >= 0 && next < columns.length; next += step) {
    const there = columns[next]?.list ?? [];
    if (there.length > 0) return there[Math.min(index, there.length - 1)];
  }
  return undefined;
}
