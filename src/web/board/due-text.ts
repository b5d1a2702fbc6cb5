/** A due date in the fewest words. */
import type { Task } from "../../protocol/tasks.ts";
import { shortDate, time } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { daysUntil, dueDayOf } from "./due.ts";

const words = texts.board;

/** `Today`, `Tomorrow 17:00`, `24 Dec`; null without a date. A time of day is told for the days around now. */
export function dueText(task: Pick<Task, "due_at" | "all_day">, nowMs: number): string | null {
  const day = dueDayOf(task);
  if (day === null || task.due_at === null) return null;
  const days = daysUntil(day, nowMs);
  const near = words.days(days);
  const date = near ?? shortDate(day, new Date(nowMs));
  return task.all_day || near === undefined ? date : `${date} ${time(task.due_at)}`;
}
