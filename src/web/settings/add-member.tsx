/** Adding somebody: found among people one works with, or by the address of their account. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { TaskwireError } from "../../client/index.ts";
import type { AddMember as Body, Member, Role } from "../../protocol/projects.ts";
import type { User } from "../../protocol/users.ts";
import { sentence } from "../action.ts";
import type { Board } from "../board/context.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Picker } from "../ui/combobox.tsx";
import { givable } from "./rights.ts";

const words = texts.settings.members;
/** A pause in typing that is worth a request. */
const pauseMs = 200;

export function AddMember({ board }: { readonly board: Board }) {
  const role = useSignal<Role>("member");
  const typed = useSignal("");
  const people = usePeople(board, typed.value);
  const email = typed.value.trim();
  const add = (who: Pick<Body, "user_id"> | Pick<Body, "email">) => void addMember(board, { ...who, role: role.value });
  return (
    <div class="add-member">
      <select
        class="input role-select"
        aria-label={words.role}
        value={role.value}
        onChange={(event) => {
          role.value = givable(board.role).find((known) => known === event.currentTarget.value) ?? "member";
        }}
      >
        {givable(board.role).map((known) => (
          <option key={known} value={known}>
            {words.roles[known]}
          </option>
        ))}
      </select>
      <Picker
        label={words.find}
        align="end"
        options={people.map((user) => ({
          id: user.id,
          text: user.name,
          ...(user.email !== undefined && { hint: user.email }),
          mark: <Avatar person={user} size={20} decorative />,
        }))}
        selected={[]}
        emptyText={words.give}
        onType={(text) => {
          typed.value = text;
        }}
        onSelect={(id) => add({ user_id: id })}
        {...(isAddress(email) && { create: { text: words.addEmail, run: () => add({ email }) } })}
        trigger={(trigger) => (
          <Button {...trigger} kind="primary" icon="plus">
            {words.add}
          </Button>
        )}
      />
    </div>
  );
}

/** Worth asking the server about. */
const isAddress = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text);

/** Those whom the caller may know, members left out; asked for when the typing pauses. */
function usePeople({ client, members }: Board, typed: string): readonly User[] {
  const found = useSignal<readonly User[]>([]);
  useEffect(() => {
    const q = typed.trim();
    let wanted = true;
    const ask = async () => {
      const search = new URLSearchParams({ limit: "30", ...(q !== "" && { q: q.slice(0, 200) }) });
      const { items } = await client.rest.request<{ items: readonly User[] }>("GET", `/api/users?${search}`);
      if (wanted) found.value = items;
    };
    const timer = setTimeout(() => void ask().catch(ignoreRefusal), q === "" ? 0 : pauseMs);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, typed, found]);
  return found.value.filter(({ id }) => !members.has(id));
}

/** Without the list an address can still be typed. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof TaskwireError)) throw error;
}

async function addMember({ client, store }: Board, body: Body): Promise<void> {
  try {
    const { user } = await client.rest.request<Member>("POST", `/api/projects/${store.id}/members`, body);
    notify({ text: words.added(user.name) });
  } catch (error) {
    notify({ text: wordsOf(error, body.email ?? ""), tone: "problem" });
  }
}

function wordsOf(error: unknown, email: string): string {
  if (error instanceof TaskwireError && error.code === "not_found") return words.unknown(email);
  if (error instanceof TaskwireError && error.code === "conflict") return words.already;
  return sentence(reasonOf(error));
}
