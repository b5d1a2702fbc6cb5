/** A task's times as they are read. */
import { date, shortDate, time } from "../texts/format.ts";

/** `21 Nov, 17:00`; of a whole day the date alone, the same for everybody. */
export function momentText(iso: string, allDay: boolean): string {
  if (!allDay) return `${shortDate(iso)}, ${time(iso)}`;
  const [year = 0, month = 1, day = 1] = iso.slice(0, 10).split("-").map(Number);
  const here = new Date(year, month - 1, day);
  // The constructor reads years below 100 as of the last century.
  here.setFullYear(year);
  return year === new Date().getFullYear() ? shortDate(here) : date(here);
}
