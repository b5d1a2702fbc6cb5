/** How people are shown. */
import type { UserPresence } from "../protocol/presence.ts";
import type { Member } from "../protocol/projects.ts";
import type { User } from "../protocol/users.ts";

/** At most two letters: of the first and the last word of a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 0x3f).toUpperCase()).join("");
}

const hues = 6;

/** One of six colours (0 to 5), always the same for the same person. */
export function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 9973;
  return sum % hues;
}

/** Task id → who looks at it now, but for oneself. */
export function viewersOf(
  presence: ReadonlyMap<string, UserPresence>,
  members: ReadonlyMap<string, Member>,
  ownId: string,
): ReadonlyMap<string, readonly User[]> {
  const viewers = new Map<string, User[]>();
  for (const { user_id, task_id } of presence.values()) {
    const user = members.get(user_id)?.user;
    if (task_id === undefined || user_id === ownId || !user) continue;
    viewers.set(task_id, [...(viewers.get(task_id) ?? []), user]);
  }
  return viewers;
}
