/** People as small discs. */
import { hueOf, initialsOf } from "../people.ts";

interface Person {
  readonly id: string;
  readonly name: string;
}

export function Avatar({ person, status }: { readonly person: Person; readonly status?: string }) {
  const label = status === undefined ? person.name : `${person.name} (${status})`;
  return (
    <span class="avatar" data-hue={hueOf(person.id)} data-status={status} role="img" aria-label={label} title={label}>
      {initialsOf(person.name)}
    </span>
  );
}

/** The first few, and how many more there are. */
export function Avatars({ people, most = 4 }: { readonly people: readonly Person[]; readonly most?: number }) {
  if (people.length === 0) return null;
  return (
    <span class="avatars">
      {people.slice(0, most).map((person) => (
        <Avatar key={person.id} person={person} />
      ))}
      {people.length > most && <span class="more">+{people.length - most}</span>}
    </span>
  );
}
