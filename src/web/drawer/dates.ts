/** Times of a task as people enter them. A whole day is midnight UTC of its date, everywhere the same date (H5). */

/** As `<input type="date">` and `<input type="time">` have them. */
export interface Moment {
  /** `2026-11-21`. */
  readonly date: string;
  /** `17:00`, in the zone of this browser; empty for a whole day. */
  readonly time: string;
}

const two = (value: number): string => String(value).padStart(2, "0");

export function momentOf(iso: string, allDay: boolean): Moment {
  if (allDay) return { date: iso.slice(0, 10), time: "" };
  const at = new Date(iso);
  const year = String(at.getFullYear()).padStart(4, "0");
  return {
    date: `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}`,
  };
}

/** RFC 3339 in UTC; null for a date that is none. Without a time `fallback` stands in, such as `17:00`. */
export function isoOf({ date, time }: Moment, allDay: boolean, fallback: string): string | null {
  const at = new Date(allDay ? `${date}T00:00:00Z` : `${date}T${time === "" ? fallback : time}`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** When the working day begins and ends, where a time is needed and none was given. */
export const defaultTimes = { start_at: "09:00", due_at: "17:00" } as const;
export type DateField = keyof typeof defaultTimes;

interface Dates {
  readonly start_at: string | null;
  readonly due_at: string | null;
  readonly all_day: boolean;
}

/** The changes that make both times whole days, or give them a time. */
export function turnAllDay(dates: Dates, allDay: boolean): Partial<Dates> {
  const turned = (field: DateField): string | null => {
    const iso = dates[field];
    if (iso === null) return null;
    const { date } = momentOf(iso, dates.all_day);
    return isoOf({ date, time: "" }, allDay, defaultTimes[field]);
  };
  return {
    all_day: allDay,
    ...(dates.start_at !== null && { start_at: turned("start_at") }),
    ...(dates.due_at !== null && { due_at: turned("due_at") }),
  };
}

/** The changes for a date that was picked: the first one of a task is a whole day, until a time is given. */
export function setDate(dates: Dates, field: DateField, date: string): Partial<Dates> {
  if (date === "") return { [field]: null };
  const allDay = dates.all_day || (dates.start_at === null && dates.due_at === null);
  const before = dates[field];
  const time = before === null || dates.all_day ? "" : momentOf(before, false).time;
  const iso = isoOf({ date, time }, allDay, defaultTimes[field]);
  if (iso === null) return {};
  return { [field]: iso, ...(allDay !== dates.all_day && { all_day: allDay }) };
}

/** Is it due and past? A whole day is past when its date is, here. */
export function isPast(iso: string, allDay: boolean, nowMs: number): boolean {
  if (!allDay) return new Date(iso).getTime() < nowMs;
  return iso.slice(0, 10) < momentOf(new Date(nowMs).toISOString(), false).date;
}
