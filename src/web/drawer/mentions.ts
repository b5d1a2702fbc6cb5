/**
 * People named in a text. On the wire it is `@[Ana Kovač](id)`; people read and write `@Ana Kovač`. Where the name alone
 * does not say who is meant (two of the same name, somebody who left), the form of the wire stays visible.
 */
import { mentionPattern } from "../../protocol/mentions.ts";
import type { User } from "../../protocol/users.ts";

type Person = Pick<User, "id" | "name">;

/** The name as the wire's form takes it. */
const nameOnWire = (name: string): string => name.replace(/[\]\n[]/g, " ").slice(0, 200);
const onWire = ({ id, name }: Person): string => `@[${nameOnWire(name)}](${id})`;

/** People whom their name alone tells apart, by name. */
function byName(people: readonly Person[]): ReadonlyMap<string, Person> {
  const named = new Map<string, Person | undefined>();
  for (const person of people) named.set(person.name, named.has(person.name) ? undefined : person);
  return new Map([...named].flatMap(([name, person]) => (person ? [[name, person] as const] : [])));
}

/** What is written for a person in a text field. */
const written = (person: Person, people: readonly Person[]): string =>
  byName(people).get(person.name)?.id === person.id ? `@${person.name}` : onWire(person);

/** A text of the wire as it is edited. */
export function toEdit(text: string, people: readonly Person[]): string {
  return text.replace(mentionPattern, (whole, _name: string, id: string) => {
    const person = people.find((each) => each.id === id.toLowerCase());
    return person ? written(person, people) : whole;
  });
}

/** A letter or digit before the @ makes it an address, one behind the name another word. */
const wordCharacter = /[\p{L}\p{N}_]/u;

/** An edited text as it goes over the wire: every `@Name` of a member becomes a mention. */
export function toWire(text: string, people: readonly Person[]): string {
  const named = byName(people);
  const longestFirst = [...named.keys()].sort((a, b) => b.length - a.length);
  let wire = "";
  for (let at = 0; at < text.length; ) {
    const name = startsMention(text, at) ? longestFirst.find((each) => isNameAt(text, at + 1, each)) : undefined;
    const person = name === undefined ? undefined : named.get(name);
    if (person && name !== undefined) {
      wire += onWire(person);
      at += 1 + name.length;
    } else wire += text.charAt(at++);
  }
  return wire;
}

const startsMention = (text: string, at: number): boolean =>
  text.charAt(at) === "@" && (at === 0 || !wordCharacter.test(text.charAt(at - 1)));

const isNameAt = (text: string, at: number, name: string): boolean =>
  text.startsWith(name, at) && !wordCharacter.test(text.charAt(at + name.length));

export interface Asked {
  /** Where the @ stands. */
  readonly start: number;
  /** What is typed behind it. */
  readonly query: string;
}

/** The mention that is being typed at the caret; undefined where there is none. A query has at most two spaces. */
export function askedAt(text: string, caret: number): Asked | undefined {
  const start = text.lastIndexOf("@", caret - 1);
  if (start < 0 || caret <= start || !startsMention(text, start)) return undefined;
  const query = text.slice(start + 1, caret);
  if (/[\n[\]()@]/.test(query) || query.startsWith(" ") || query.split(" ").length > 3) return undefined;
  return { start, query };
}

const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Members whose name (any word of it) starts with the query, accents and case aside; at most `most`. */
export function suggest<P extends Person>(query: string, people: readonly P[], most = 6): P[] {
  const wanted = folded(query);
  const rank = ({ name }: Person): number => {
    const own = folded(name);
    if (own.startsWith(wanted)) return 0;
    return own.split(/\s+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  return people
    .filter((person) => rank(person) < 2)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .slice(0, most);
}

/** The text with the person in the place of what was asked for, a space behind, and where the caret stands then. */
export function complete(
  text: string,
  { start, query }: Asked,
  person: Person,
  people: readonly Person[],
): { readonly text: string; readonly caret: number } {
  const after = text.slice(start + 1 + query.length);
  const insert = `${written(person, people)}${/^\s/.test(after) ? "" : " "}`;
  const caret = start + insert.length + (/^\s/.test(after) ? 1 : 0);
  return { text: text.slice(0, start) + insert + after, caret };
}
