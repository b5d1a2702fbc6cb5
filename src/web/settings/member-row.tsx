/** One member: role, and removing them. */
import { useSignal } from "@preact/signals";
import { TaskwireError } from "../../client/index.ts";
import type { Member, Role, UpdateMember } from "../../protocol/projects.ts";
import { sentence } from "../action.ts";
import type { Board } from "../board/context.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Badge } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { givable, isLastOwner, rules } from "./rights.ts";

const words = texts.settings.members;

interface Props {
  readonly board: Board;
  readonly member: Member;
}

/** The last owner rule, should two windows meet, in plain words; else the server's. */
const wordsOf = (error: unknown): string =>
  error instanceof TaskwireError && error.code === "conflict" ? words.lastOwner : sentence(reasonOf(error));

export function MemberRow({ board, member }: Props) {
  const { user, user_id, role } = member;
  const { client, store, me } = board;
  const asked = useSignal(false);
  const path = `/api/projects/${store.id}/members/${user_id}`;
  const last = isLastOwner(board.members, user_id);
  const mayChange = board.mayManage && rules(board.role, role);
  const write = async (work: Promise<unknown>, done: string) => {
    try {
      await work;
      notify({ text: done });
    } catch (error) {
      notify({ text: wordsOf(error), tone: "problem" });
    }
  };
  const change = (to: Role) => {
    const body: UpdateMember = { role: to };
    void write(client.rest.request("PATCH", path, body), words.changed(user.name, words.roles[to]));
  };
  const remove = () => {
    asked.value = false;
    void write(client.rest.request("DELETE", path), words.removed(user.name));
  };
  return (
    <li class="row-item">
      <Avatar person={user} size={32} decorative />
      <div class="row-words">
        <strong>
          {user.name} {user_id === me.id && <Badge>{words.you}</Badge>}
        </strong>
        {user.email !== undefined && <span class="quiet">{user.email}</span>}
        {last && board.mayManage && <span class="quiet">{words.lastOwner}</span>}
      </div>
      {mayChange ? (
        <RoleSelect own={board.role} name={user.name} role={role} disabled={last} change={change} />
      ) : (
        <Badge>{words.roles[role]}</Badge>
      )}
      {mayChange && user_id !== me.id && (
        <IconButton
          icon="close"
          label={words.remove(user.name)}
          onClick={() => {
            asked.value = true;
          }}
        />
      )}
      {asked.value && (
        <ConfirmDialog
          title={words.removeTitle(user.name)}
          text={words.removeHint}
          confirmText={texts.settings.remove}
          cancelText={texts.common.cancel}
          danger
          confirm={remove}
          cancel={() => {
            asked.value = false;
          }}
        />
      )}
    </li>
  );
}

interface RoleProps {
  readonly own: Role;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly change: (role: Role) => void;
}

/** Shows the role of the store: a choice that is refused stands as it was. */
function RoleSelect({ own, name, role, disabled, change }: RoleProps) {
  const roles = givable(own);
  return (
    <select
      class="input role-select"
      aria-label={words.roleOf(name)}
      value={role}
      disabled={disabled}
      onChange={(event) => {
        const chosen = roles.find((known) => known === event.currentTarget.value);
        event.currentTarget.value = role;
        if (chosen !== undefined && chosen !== role) change(chosen);
      }}
    >
      {roles.map((known) => (
        <option key={known} value={known} title={words.rights[known]}>
          {words.roles[known]}
        </option>
      ))}
    </select>
  );
}
