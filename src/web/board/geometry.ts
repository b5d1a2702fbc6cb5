/** Which gap of the board is under a point of the window. */
import type { Gap } from "./places.ts";

/** The column's scrolling list carries its status. */
const listSelector = "[data-cards]";

/** The gap nearest to the point, in the column that is over or under it; null beside all columns. */
export function gapUnder(root: Element, x: number, y: number): Gap | null {
  for (const list of root.querySelectorAll<HTMLElement>(listSelector)) {
    // The whole column counts, with its head and foot.
    const { left, right } = (list.closest(".column") ?? list).getBoundingClientRect();
    const status = list.dataset.cards;
    if (x >= left && x < right && status !== undefined) return { status, index: indexIn(list, y) };
  }
  return null;
}

/** In front of the first card whose middle is below `y`. Cards that are not rendered are not near the pointer. */
function indexIn(list: Element, y: number): number {
  let index = 0;
  for (const card of list.querySelectorAll<HTMLElement>("[data-task]")) {
    const own = Number(card.dataset.index);
    const { top, height } = card.getBoundingClientRect();
    if (y < top + height / 2) return own;
    index = own + 1;
  }
  return index;
}

/** The column in front of which one dropped at `x` lands; null behind all. */
export function columnBehind(root: Element, x: number): string | null {
  for (const column of root.querySelectorAll<HTMLElement>("[data-column]")) {
    const { left, width } = column.getBoundingClientRect();
    if (x < left + width / 2) return column.dataset.column ?? null;
  }
  return null;
}
