/** What every view of one project is handed: the board, the drawer over it, the project's settings. */
import type { ProjectStore, Taskwire } from "../../client/index.ts";
import type { Member, Role } from "../../protocol/projects.ts";
import type { Me } from "../../protocol/users.ts";

/**
 * The same object for as long as nothing in it changes, so that views can compare it. Tasks, columns and labels are not in
 * it: views take them from the store by `useLive`, and render again for those they show.
 */
export interface Board {
  readonly client: Taskwire;
  readonly store: ProjectStore;
  readonly me: Me;
  /** By user id. */
  readonly members: ReadonlyMap<string, Member>;
  /** One's own role; a viewer where the store knows none. */
  readonly role: Role;
  /** May this person change tasks? Members, admins and owners, while the project is live. */
  readonly mayWrite: boolean;
  /** May this person change columns, labels and members? Admins and owners, while the project is live. */
  readonly mayManage: boolean;
}

/** The board as of these members. `live`: the store is not closed. */
export function boardOf(parts: Pick<Board, "client" | "store" | "me" | "members"> & { readonly live: boolean }): Board {
  const { live, ...shared } = parts;
  const role = shared.members.get(shared.me.id)?.role ?? "viewer";
  const mayManage = live && (role === "owner" || role === "admin");
  return { ...shared, role, mayWrite: live && (mayManage || role === "member"), mayManage };
}
