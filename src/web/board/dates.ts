/** Dates in plain words. The parser is large, so it comes when somebody begins to write a task. */
import type { DateFinder } from "./quick-add-parse.ts";

/** Text in which a date is worth taking: it holds a digit, or a word that can mean nothing else. */
const unmistakable =
  /\d|\b(?:to(?:day|morrow|night)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:next|this) (?:week|month|year|weekend|mon|tue|wed|thu|fri|sat|sun))\b/i;
/** But a number alone is one of many things: a version, a price, a count. */
const bareNumber = /^[\d.,:/-]+$/;
/** `5 min` is how long something takes; `in 5 min` is when. */
const duration = /^\d+\s*\p{L}+$/u;
const hour = /^\d+\s*(?:am|pm|h)$/i;
const clock = /^\d{1,2}:\d{2}$/;
const calendarDate = /^\d{4}-\d{2}-\d{2}$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$/;

/** English, the day before the month in `1/2/2027` unless `language` is American. Rejects where it cannot be loaded. */
export async function loadDateFinder(language: string): Promise<DateFinder> {
  const { casual, GB } = await import("chrono-node/en");
  const parser = /^en-US/i.test(language) ? casual : GB;
  return (text, now) =>
    parser
      .parse(text, now, { forwardDate: true })
      .filter((result) => isDate(result.text))
      .map(({ index, text: written, start }) => ({
        from: index,
        to: index + written.length,
        at: start.date(),
        hasTime: start.isCertain("hour"),
      }));
}

function isDate(text: string): boolean {
  if (bareNumber.test(text)) return clock.test(text) || calendarDate.test(text);
  if (duration.test(text) && !hour.test(text)) return false;
  return unmistakable.test(text);
}
