/** Times to which an entry may be hidden, as somebody would say them. */
import { texts } from "../texts/index.ts";

interface Choice {
  readonly text: string;
  readonly until: Date;
}

const words = texts.inbox.snoozeFor;
const [morning, evening] = [8, 18];

/** Days from `now`, at an hour of the person's own clock. */
const at = (now: Date, days: number, hour: number): Date =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);

/** Only those that are yet to come; the evening only while it is an hour away at least. */
export function snoozeChoices(now: Date): readonly Choice[] {
  const hour = new Date(now.getTime() + 3_600_000);
  const tonight = at(now, 0, evening);
  const daysToMonday = (8 - now.getDay()) % 7 || 7;
  return [
    { text: words.hour, until: hour },
    ...(tonight > hour ? [{ text: words.evening, until: tonight }] : []),
    { text: words.tomorrow, until: at(now, 1, morning) },
    { text: words.week, until: at(now, daysToMonday, morning) },
  ];
}
