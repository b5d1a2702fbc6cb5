/** Who may do what to whom in a project, as the server decides it: offered is only what will not be refused. */
import type { Member, Role } from "../../protocol/projects.ts";

type Members = ReadonlyMap<string, Member>;

/** Nobody else owns the project: this person cannot leave, nor become less. */
export function isLastOwner(members: Members, userId: string): boolean {
  const owners = [...members.values()].filter(({ role }) => role === "owner");
  return owners.length === 1 && owners[0]?.user_id === userId;
}

/** An owner rules everybody, an admin those below owner. */
export const rules = (own: Role, other: Role): boolean => own === "owner" || (own === "admin" && other !== "owner");

const all: readonly Role[] = ["owner", "admin", "member", "viewer"];

/** The roles that somebody with this one may give. */
export const givable = (own: Role): readonly Role[] => all.filter((role) => rules(own, role));
