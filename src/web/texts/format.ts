/** Numbers, dates and plurals as the reader's region writes them. */

/**
 * English words, dates and times as the region has them: its own English where the browser asks for one, else that of the
 * reader's region (`en-DE` writes 24 hours).
 */
const locale = (navigator.languages ?? []).find((tag) => tag.startsWith("en")) ?? regionalEnglish(navigator.language);

function regionalEnglish(language: string): string {
  try {
    return `en-${new Intl.Locale(language).maximize().region ?? "001"}`;
  } catch {
    // A browser may give a tag that is none ("C" in some containers).
    return "en";
  }
}

const cardinal = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);
const lists = new Intl.ListFormat(locale, { type: "conjunction" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

export const number = (value: number): string => numbers.format(value);

/** Names in a row: `Ana, Ben and Eve`. */
export const list = (items: readonly string[]): string => lists.format(items);

/** One form for each category of the language that differs; `#` stands for the number. */
export type Forms = { readonly [Category in Intl.LDMLPluralRule]?: string } & { readonly other: string };

export const plural = (count: number, forms: Forms): string =>
  (forms[cardinal.select(count)] ?? forms.other).replace("#", number(count));

type Moment = Date | number | string;

const formatter = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat(locale, options);
  return (moment: Moment): string => format.format(new Date(moment));
};

/** Of the clock, `10:42`. */
export const time = formatter({ timeStyle: "short" });
/** `21 Nov`. */
const day = formatter({ day: "numeric", month: "short" });
/** `21 Nov 2026`. */
export const date = formatter({ day: "numeric", month: "short", year: "numeric" });
/** `Saturday, 21 November 2026 at 10:42`: for titles of shorter ones. */
export const dateTime = formatter({ dateStyle: "full", timeStyle: "short" });

/** `21 Nov` in this year, with the year in others. */
export const shortDate = (moment: Moment, now = new Date()): string =>
  new Date(moment).getFullYear() === now.getFullYear() ? day(moment) : date(moment);

/** Seconds of each unit, largest first. */
const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** `3 minutes ago`, `in 2 days`, `now`. */
export function ago(moment: Moment, now = Date.now()): string {
  const seconds = (new Date(moment).getTime() - now) / 1000;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, "second");
}
