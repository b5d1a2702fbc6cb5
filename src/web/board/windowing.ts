/** Which cards of a long column are worth rendering: those near what is seen, and some that must not go. */

/** Cards from `start` up to, not with, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Top edges in px from the first card's, then the bottom edge of the last: one more than there are cards. */
export type Offsets = Float64Array;

/** `heightOf` answers px, `gap` px stand between two cards. */
export function offsetsOf(count: number, heightOf: (index: number) => number, gap: number): Offsets {
  const offsets = new Float64Array(count + 1);
  let y = 0;
  for (let index = 0; index < count; index++) {
    offsets[index] = y;
    y += heightOf(index) + gap;
  }
  offsets[count] = count === 0 ? 0 : y - gap;
  return offsets;
}

/** The cards that touch the stretch from `top` to `bottom`, in px from the first card's top. */
export function rangeAt(offsets: Offsets, top: number, bottom: number): Range {
  const count = offsets.length - 1;
  const start = Math.max(0, lastAtMost(offsets, top));
  let end = start;
  while (end < count && (offsets[end] ?? 0) < bottom) end++;
  return { start: Math.min(start, count), end };
}

/** Index of the last offset that is at most `y`; -1 if there is none. */
function lastAtMost(offsets: Offsets, y: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) <= y) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A card by index, or room for cards that are not rendered, px. */
export type Segment = { readonly card: number } | { readonly room: number; readonly before: number };

/** What stands in the column from top to bottom: the range, the cards of `kept` (indexes), and room for all others. */
export function segmentsOf(offsets: Offsets, range: Range, kept: readonly number[], gap: number): Segment[] {
  const count = offsets.length - 1;
  const rendered = new Set(kept.filter((index) => index >= 0 && index < count));
  for (let index = range.start; index < range.end; index++) rendered.add(index);
  const segments: Segment[] = [];
  let next = 0;
  const leave = (until: number) => {
    if (until <= next) return;
    const bottom = until === count ? (offsets[count] ?? 0) : (offsets[until] ?? 0) - gap;
    segments.push({ room: bottom - (offsets[next] ?? 0), before: until });
  };
  for (const index of [...rendered].sort((a, b) => a - b)) {
    leave(index);
    segments.push({ card: index });
    next = index + 1;
  }
  leave(count);
  return segments;
}
