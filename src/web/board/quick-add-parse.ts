/** Reads a line such as `Fix login tomorrow 5pm !high @ana #web`: what of it is the title, and what says more. */
import type { Label } from "../../protocol/projects.ts";
import type { Priority } from "../../protocol/tasks.ts";

export const priorities = ["urgent", "high", "medium", "low"] as const satisfies readonly Priority[];

/** A date in a text, as a date finder sees it. */
export interface FoundDate {
  /** Where it stands in the text: from, and up to, not with, `to`. */
  readonly from: number;
  readonly to: number;
  /** Local time. */
  readonly at: Date;
  /** The text names a time of day, not only a date. */
  readonly hasTime: boolean;
}

export type DateFinder = (text: string, now: Date) => readonly FoundDate[];

export interface Due {
  /** ISO; of an all-day date midnight UTC of its date. */
  readonly at: string;
  readonly allDay: boolean;
}

interface Span {
  readonly from: number;
  readonly to: number;
  /** As it was written. */
  readonly text: string;
}
export type Part = Span &
  (
    | { readonly kind: "priority"; readonly priority: Priority }
    | { readonly kind: "person"; readonly id: string }
    | { readonly kind: "label"; readonly id: string }
    | { readonly kind: "due"; readonly due: Due }
  );

export interface Understood {
  readonly title: string;
  /** In the order of the text. */
  readonly parts: readonly Part[];
}

export interface Vocabulary {
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly labels: readonly Pick<Label, "id" | "name">[];
  /** Undefined while it is being loaded: dates stay text. */
  readonly findDates: DateFinder | undefined;
  readonly now: Date;
  /** Parts that the person wants as plain text, as they are written. */
  readonly ignored: ReadonlySet<string>;
}

export function understand(text: string, vocabulary: Vocabulary): Understood {
  const tokens = tokensOf(text, vocabulary);
  const due = dueOf(text, tokens, vocabulary);
  const parts = due ? [...tokens, due].sort((a, b) => a.from - b.from) : tokens;
  const title = without(text, parts);
  // "Tomorrow" alone is a title, and so is "#web".
  return title === "" ? { title: tidy(text), parts: [] } : { title, parts };
}

const tidy = (text: string): string => text.replace(/\s+/g, " ").trim();

function without(text: string, parts: readonly Span[]): string {
  let rest = "";
  let at = 0;
  for (const { from, to } of parts) {
    rest += `${text.slice(at, from)} `;
    at = to;
  }
  return tidy(rest + text.slice(at));
}

/** A sign at the start of a word. */
const signs = /(?<=^|\s)[!@#](?=\S)/g;

function tokensOf(text: string, vocabulary: Vocabulary): Part[] {
  const parts: Part[] = [];
  for (const { index: from } of text.matchAll(signs)) {
    const part = tokenFrom(text, from, vocabulary);
    if (part && from >= (parts.at(-1)?.to ?? 0) && !vocabulary.ignored.has(part.text)) parts.push(part);
  }
  // Of several priorities the last one counts; the others stay text.
  const last = parts.findLastIndex(({ kind }) => kind === "priority");
  return parts.filter(({ kind }, index) => kind !== "priority" || index === last);
}

function tokenFrom(text: string, from: number, { people, labels }: Vocabulary): Part | undefined {
  const rest = text.slice(from + 1).toLowerCase();
  const span = (length: number): Span => ({ from, to: from + 1 + length, text: text.slice(from, from + 1 + length) });
  const sign = text[from];
  if (sign === "!") {
    const word = /^\p{L}+/u.exec(rest)?.[0] ?? "";
    const priority = priorities.find((name) => name === word);
    return priority && endsWord(rest, word.length) ? { ...span(word.length), kind: "priority", priority } : undefined;
  }
  const found =
    sign === "@" ? longestName(rest, people.flatMap(namesOf)) : longestName(rest, labels.flatMap(labelNames));
  if (!found) return undefined;
  return { ...span(found.length), kind: sign === "@" ? "person" : "label", id: found.id };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What a person may be called: the whole name, the same without spaces, the first name. */
const namesOf = ({ id, name }: Named): Named[] =>
  [name, name.replace(/\s+/g, ""), name.split(/\s+/)[0] ?? name].map((each) => ({ id, name: each }));
const labelNames = ({ id, name }: Named): Named[] =>
  [name, name.replace(/\s+/g, "-"), name.replace(/\s+/g, "")].map((each) => ({ id, name: each }));

const endsWord = (text: string, at: number): boolean => !/^[\p{L}\p{N}_-]/u.test(text.slice(at));

/** The longest name that `text` (lower case) begins with. A name that means two people means neither. */
function longestName(
  text: string,
  names: readonly Named[],
): { readonly id: string; readonly length: number } | undefined {
  let length = 0;
  let ids = new Set<string>();
  for (const { id, name } of names) {
    const wanted = name.toLowerCase();
    if (wanted.length < Math.max(length, 1) || !text.startsWith(wanted) || !endsWord(text, wanted.length)) continue;
    if (wanted.length > length) ids = new Set();
    length = wanted.length;
    ids.add(id);
  }
  const [id] = ids;
  return ids.size === 1 && id !== undefined ? { id, length } : undefined;
}

/** Words in front of a date that only lead to it. */
const leading = /(?<=^|\s)(?:due|by|on|at|before|until|till)\s+$/i;

function dueOf(text: string, tokens: readonly Span[], { findDates, now, ignored }: Vocabulary): Part | undefined {
  if (!findDates) return undefined;
  // Signs are no dates; blanks keep every character in its place.
  let plain = text;
  for (const { from, to } of tokens) plain = plain.slice(0, from) + " ".repeat(to - from) + plain.slice(to);
  const found = findDates(plain, now)
    .map((date) => {
      const lead = leading.exec(plain.slice(0, date.from))?.[0].length ?? 0;
      return { ...date, from: date.from - lead, text: text.slice(date.from - lead, date.to) };
    })
    .filter((date) => !ignored.has(date.text))
    .at(-1);
  if (!found) return undefined;
  const { from, to, text: written, at, hasTime } = found;
  return { from, to, text: written, kind: "due", due: dueAt(at, hasTime) };
}

function dueAt(at: Date, hasTime: boolean): Due {
  if (hasTime) return { at: at.toISOString(), allDay: false };
  const midnight = Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return { at: new Date(midnight).toISOString(), allDay: true };
}

/** A sign being written at the caret, and what of its word is there. */
export interface OpenToken {
  readonly sign: "!" | "@" | "#";
  /** Where the sign stands. */
  readonly from: number;
  /** Lower case, without the sign. */
  readonly query: string;
}

/** undefined where the caret is not in such a word. */
export function openTokenAt(text: string, caret: number): OpenToken | undefined {
  const match = /(?:^|\s)([!@#])([^\s!@#]*)$/.exec(text.slice(0, caret));
  const [, sign, query] = match ?? [];
  if ((sign !== "!" && sign !== "@" && sign !== "#") || query === undefined) return undefined;
  return { sign, from: caret - query.length - 1, query: query.toLowerCase() };
}

/** Names that begin with the query, then names with a word that does; at most `most`. */
export function completionsOf<Item extends { readonly name: string }>(
  query: string,
  items: readonly Item[],
  most = 6,
): Item[] {
  const lower = (item: Item) => item.name.toLowerCase();
  const first = items.filter((item) => lower(item).startsWith(query));
  const inner = items.filter(
    (item) =>
      !first.includes(item) &&
      lower(item)
        .split(/\s+/)
        .some((word) => word.startsWith(query)),
  );
  return [...first, ...inner].slice(0, most);
}

/** The text with the open word replaced by a whole one and a space, and where the caret goes. */
export function complete(
  text: string,
  { sign, from, query }: OpenToken,
  name: string,
): { readonly text: string; readonly caret: number } {
  const written = `${sign}${name} `;
  const rest = text.slice(from + 1 + query.length).replace(/^\s/, "");
  return { text: text.slice(0, from) + written + rest, caret: from + written.length };
}
