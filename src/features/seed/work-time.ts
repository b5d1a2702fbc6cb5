/** Working time: things happen on workdays between 8 and 18 o'clock (UTC), in the eight weeks before now. */

export const dayMs = 24 * 60 * 60 * 1000;
/** Eight weeks; the log keeps events for longer by default. */
const workdays = 40;
const opensMs = 8 * 60 * 60 * 1000;
const openForMs = 10 * 60 * 60 * 1000;
/** The last thing happened a minute ago. */
const marginMs = 60_000;

export interface WorkTime {
  readonly nowMs: number;
  /** Length of the past in workdays; its end is now. */
  readonly days: number;
  /** Milliseconds since 1970 of a moment `day` workdays after the beginning. Never falls, never after now. */
  at(day: number): number;
}

export function createWorkTime(nowMs: number): WorkTime {
  const spans: { readonly from: number; readonly length: number }[] = [];
  const today = nowMs - (nowMs % dayMs);
  const soFar = Math.min(openForMs, nowMs - marginMs - today - opensMs);
  if (isWorkday(today) && soFar > 0) spans.unshift({ from: today + opensMs, length: soFar });
  const days = workdays + spans.length;
  for (let day = today - dayMs; spans.length < days; day -= dayMs)
    if (isWorkday(day)) spans.unshift({ from: day + opensMs, length: openForMs });
  return {
    nowMs,
    days,
    at(day) {
      const index = Math.min(Math.max(Math.floor(day), 0), days - 1);
      const span = spans[index];
      if (!span) throw new Error("the past has days");
      return Math.floor(span.from + Math.min(Math.max(day - index, 0), 1) * span.length);
    },
  };
}

/** 1970 began on a Thursday. */
const isWorkday = (midnight: number): boolean => (midnight / dayMs + 3) % 7 < 5;

export const iso = (ms: number): string => new Date(ms).toISOString();
