/** What a reminder says, which is true at the time it is told: also where that is later than it should have been. */
import type { Task } from "../../protocol/tasks.ts";
import { type Due, dateAt, dueDate, type ReminderKind } from "./moments.ts";

const count = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? "" : "s"}`;

/** 90 minutes, 1 hour, 23 hours, 1 day, 3 days. */
function span(minutes: number): string {
  if (minutes < 120 && minutes !== 60) return count(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return hours < 48 && hours !== 24 ? count(hours, "hour") : count(Math.round(minutes / 1_440), "day");
}

function dayWords(days: number): string {
  if (days === 0) return "is due today";
  if (Math.abs(days) === 1) return days > 0 ? "is due tomorrow" : "was due yesterday";
  return days > 0 ? `is due in ${days} days` : `was due ${-days} days ago`;
}

function dueWords(due: Due, nowMs: number, timeZone: string): string {
  if (due.allDay) return dayWords(dateAt(nowMs, timeZone).until(dueDate(due, timeZone), { largestUnit: "day" }).days);
  const minutes = Math.round((due.atMs - nowMs) / 60_000);
  if (minutes === 0) return "is due now";
  return minutes > 0 ? `is due in ${span(minutes)}` : `was due ${span(-minutes)} ago`;
}

/** `WEB-42 Fix login is due in 1 hour`. */
export function reminderText(
  { key, title }: Pick<Task, "key" | "title">,
  due: Due,
  { kind, nowMs, timeZone }: { readonly kind: ReminderKind; readonly nowMs: number; readonly timeZone: string },
): string {
  const words = dueWords(due, nowMs, timeZone);
  return `${key} ${title} ${kind === "overdue" ? `is overdue: it ${words}` : words}`;
}
