/** Who of the seed's people belongs to which of its projects. */
import type { Role } from "../../protocol/projects.ts";
import type { User } from "../../protocol/users.ts";
import { personId } from "./people.ts";

export interface TeamMember {
  readonly id: string;
  readonly role: Role;
}

/** The first are everywhere; of the others each project has a tenth. */
const everywhere = 20;
const belongs = (person: number, project: number): boolean => person < everywhere || person % 10 === project % 10;

const roleOf = (person: number): Role =>
  person === 0 ? "owner" : person === 1 ? "admin" : person % 7 === 6 ? "viewer" : "member";

/** Of the people from `from` to below `to`. */
export const teamOf = (seed: number, project: number, from: number, to: number): TeamMember[] =>
  Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i)
    .filter((person) => belongs(person, project))
    .map((person) => ({ id: personId(seed, person), role: roleOf(person) }));

/** The team with this person as an owner, whether one of it already or not. */
export function withOwner(team: readonly TeamMember[], ownerId: string | null): TeamMember[] {
  if (ownerId === null) return [...team];
  const owner: TeamMember = { id: ownerId, role: "owner" };
  const known = team.some(({ id }) => id === ownerId);
  return known ? team.map((member) => (member.id === ownerId ? owner : member)) : [...team, owner];
}

/** Those who may write. */
export const writersOf = (team: readonly TeamMember[], users: ReadonlyMap<string, User>): User[] =>
  team.flatMap(({ id, role }) => (role === "viewer" ? [] : (users.get(id) ?? [])));
