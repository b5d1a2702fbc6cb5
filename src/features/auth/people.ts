/** People as rows: who they are to the verbs, and their making, each with the room that hears what is theirs. */
import type { Actor, Transaction } from "../../db/context.ts";
import { rooms } from "../../db/schema.ts";

/** The columns of `users` that make an actor, under the alias `u`. */
export const actorColumns = `u.id, u.name, u.role, u.email, u.image, u.time_zone, u.locale,
  u.disabled_at is not null as disabled`;

export interface ActorRow {
  readonly id: string;
  readonly name: string;
  readonly role: Actor["role"];
  readonly email: string;
  readonly image: string | null;
  readonly time_zone: string;
  readonly locale: string;
  readonly disabled: boolean;
}

/** Everybody on a server has one of a few zones and languages; each connection would hold its own copy of the text. */
const texts = new Map<string, string>();
const textsMax = 1_000;
function shared(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size < textsMax) texts.set(text, text);
  return text;
}

export const toActor = (row: ActorRow, sessionId: string | null): Actor => ({
  id: row.id,
  name: row.name,
  kind: "user",
  role: row.role,
  email: publicEmail(row.email),
  avatarUrl: row.image,
  timeZone: shared(row.time_zone),
  locale: shared(row.locale),
  sessionId,
});

const madeUpDomain = "@external.invalid";

/** Addresses are unique and required; people of a host application get one that no mail and no sign-up can reach. */
export const madeUpEmail = (id: string): string => `${id}${madeUpDomain}`;

/** The address as others may see it: null where it is made up. */
export const publicEmail = (email: string): string | null => (email.endsWith(madeUpDomain) ? null : email);

/** Every person has a room of the same id; made in the transaction that makes the person. */
export async function makeRoom(orm: Transaction, userId: string): Promise<void> {
  await orm.insert(rooms).values({ id: userId, kind: "user", epoch: crypto.randomUUID().slice(0, 8) });
}
