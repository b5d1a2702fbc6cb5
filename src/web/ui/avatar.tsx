/** People as small discs. */
import { hueOf, initialsOf } from "../people.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** In px. */
export type AvatarSize = 16 | 20 | 24 | 32;

interface Props {
  readonly person: Person;
  readonly size?: AvatarSize;
  /** How they are here, as a dot; `label` says it in words. */
  readonly status?: "active" | "away" | "idle" | undefined;
  /** What screen readers say; the name, if absent. */
  readonly label?: string;
  /** The name stands beside it: nothing is read out twice. */
  readonly decorative?: boolean;
}

export function Avatar({ person, size = 24, status, label = person.name, decorative = false }: Props) {
  const named = decorative ? { "aria-hidden": true } : { role: "img" as const, "aria-label": label, title: label };
  return (
    <span class="avatar" data-hue={hueOf(person.id)} data-size={size} data-status={status} {...named}>
      {initialsOf(person.name)}
    </span>
  );
}

interface AvatarsProps {
  readonly people: readonly Person[];
  readonly size?: AvatarSize;
  readonly most?: number;
  /** Words for those that are not shown: `+3`. */
  readonly more: (count: number) => string;
}

/** The first few, and how many more there are. */
export function Avatars({ people, size = 24, most = 4, more }: AvatarsProps) {
  if (people.length === 0) return null;
  return (
    <span class="avatars">
      {people.slice(0, most).map((person) => (
        <Avatar key={person.id} person={person} size={size} />
      ))}
      {people.length > most && <span class="avatars-more">{more(people.length - most)}</span>}
    </span>
  );
}
