/** The people of a task's project, as the drawer names them. */
import type { User } from "../../protocol/users.ts";
import type { Board } from "../board/context.ts";
import { texts } from "../texts/index.ts";

/** Everybody who can be named or given work, by name. */
export const peopleOf = ({ members }: Board): User[] =>
  [...members.values()].map(({ user }) => user).sort((a, b) => a.name.localeCompare(b.name));

/** Somebody, also one who has left. */
export function personOf({ members }: Board, id: string): Pick<User, "id" | "name"> {
  return members.get(id)?.user ?? { id, name: texts.drawer.somebody };
}
