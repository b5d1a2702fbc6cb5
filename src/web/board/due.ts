/** How near a due date is, in the days of this browser's time zone. */
import type { Task } from "../../protocol/tasks.ts";

type Dated = Pick<Task, "due_at" | "all_day" | "completed_at">;

/** `soon`: today or tomorrow. `done`: it does not matter any more. */
export type DueState = "done" | "overdue" | "soon" | "later";

const dayMs = 86_400_000;

/** Midnight at the start of the day, local time, ms. */
function dayOf(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** Local midnight of the due date. Of an all-day task the date is the one it has in UTC, wherever one is. */
export function dueDayOf({ due_at, all_day }: Pick<Task, "due_at" | "all_day">): number | null {
  if (due_at === null) return null;
  const at = new Date(due_at);
  return all_day ? new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()).getTime() : dayOf(at.getTime());
}

/** Whole days from today to a local midnight; negative in the past. Days with a change of the clock count as one. */
export const daysUntil = (dayStartMs: number, nowMs: number): number => Math.round((dayStartMs - dayOf(nowMs)) / dayMs);

/** null without a due date. All day: overdue only when the day is over. */
export function dueStateOf(task: Dated, nowMs: number): DueState | null {
  const day = dueDayOf(task);
  if (day === null || task.due_at === null) return null;
  if (task.completed_at !== null) return "done";
  const days = daysUntil(day, nowMs);
  if (task.all_day ? days < 0 : Date.parse(task.due_at) < nowMs) return "overdue";
  return days <= 1 ? "soon" : "later";
}

/** Is it due today (1) or in the next `days` days, today included? */
export function isDueWithin(task: Dated, days: number, nowMs: number): boolean {
  const day = dueDayOf(task);
  if (day === null) return false;
  const until = daysUntil(day, nowMs);
  return until >= 0 && until < days;
}
