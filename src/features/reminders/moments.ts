/**
 * When a person is reminded of a task. Of a task with a time, offsets are minutes that pass, whatever clocks do meanwhile.
 * A date is no moment: it is read in the person's zone, and its reminders come in the morning, at 09:00. What is overdue
 * is told of on the morning after the day it was due on. Mornings are local: on a day the clocks change too, it is 09:00.
 */
import type { EventData } from "../../protocol/catalogue.ts";

export type ReminderKind = EventData<"due_date_reminder">["kind"];

/** What a task is due at: a moment, or (`allDay`) the date on which this moment falls in UTC. */
export interface Due {
  readonly atMs: number;
  readonly allDay: boolean;
}

/** One reminder of one task for one person. */
export interface Occurrence {
  readonly kind: ReminderKind;
  /** Before the task is due; 0 for `due` and `overdue`. */
  readonly offsetMinutes: number;
  /** Milliseconds since 1970. */
  readonly remindAtMs: number;
}

const morning = "09:00";
const dayMinutes = 1_440;

/** Zones were checked when they were chosen; one that has since left the world's list must not hold up everybody else. */
function zoneOr(timeZone: string, fallback = "UTC"): string {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    return timeZone;
  } catch {
    return fallback;
  }
}

/** The day it is due on, as the person's calendar has it. */
export const dueDate = ({ atMs, allDay }: Due, timeZone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(atMs)
    .toZonedDateTimeISO(allDay ? "UTC" : zoneOr(timeZone))
    .toPlainDate();

/** The day it is now. */
export const dateAt = (atMs: number, timeZone: string): Temporal.PlainDate =>
  dueDate({ atMs, allDay: false }, timeZone);

const localMs = (local: Temporal.PlainDateTime, timeZone: string): number =>
  local.toZonedDateTime(zoneOr(timeZone)).epochMilliseconds;

/** The reminder `offsetMinutes` before; of a date, before 09:00 of that day on the wall clock. */
export function reminderBefore(due: Due, timeZone: string, offsetMinutes: number): Occurrence {
  const remindAtMs = due.allDay
    ? localMs(dueDate(due, timeZone).toPlainDateTime(morning).subtract({ minutes: offsetMinutes }), timeZone)
    : due.atMs - offsetMinutes * 60_000;
  return { kind: offsetMinutes === 0 ? "due" : "upcoming", offsetMinutes, remindAtMs };
}

/**
 * The reminders of a person's preferences. Of a date, what is less than a day before is that morning's: an hour before a
 * whole day is no time of its own, and one morning needs no two reminders.
 */
export function remindersBefore(due: Due, timeZone: string, offsetsMinutes: readonly number[]): Occurrence[] {
  const offsets = due.allDay ? offsetsMinutes.map((minutes) => minutes - (minutes % dayMinutes)) : offsetsMinutes;
  return [...new Set(offsets)].map((minutes) => reminderBefore(due, timeZone, minutes));
}

/** The one of the morning after. */
export const overdueReminder = (due: Due, timeZone: string): Occurrence => ({
  kind: "overdue",
  offsetMinutes: 0,
  remindAtMs: localMs(dueDate(due, timeZone).add({ days: 1 }).toPlainDateTime(morning), timeZone),
});
