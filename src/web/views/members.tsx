/** Who belongs to the project, and adding somebody. */
import { useSignal } from "@preact/signals";
import type { AddMember, Member, Role } from "../../protocol/projects.ts";
import type { Board } from "../board/context.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "./avatar.tsx";
import { Field } from "./field.tsx";
import { Panel } from "./panel.tsx";

const words = texts.settings.members;
const choices: readonly Role[] = ["member", "viewer", "admin"];
const isRole = (text: string): text is Role => Object.hasOwn(words.roles, text);

export function MembersButton({ board }: { readonly board: Board }) {
  const open = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        onClick={() => {
          open.value = true;
        }}
      >
        {words.title}
      </button>
      {open.value && (
        <MembersPanel
          board={board}
          close={() => {
            open.value = false;
          }}
        />
      )}
    </>
  );
}

function MembersPanel({ board, close }: { readonly board: Board; readonly close: () => void }) {
  const role = board.members.get(board.me.id)?.role;
  return (
    <Panel label={words.title} head={<h2>{words.title}</h2>} close={close}>
      <ul class="members">
        {[...board.members.values()].map((member) => (
          <MemberView key={member.user_id} member={member} />
        ))}
      </ul>
      {(role === "owner" || role === "admin") && <AddForm board={board} />}
    </Panel>
  );
}

function MemberView({ member }: { readonly member: Member }) {
  return (
    <li class="row">
      <Avatar person={member.user} />
      <span>{member.user.name}</span>
      <span class="spring" />
      <span class="quiet">{words.roles[member.role]}</span>
    </li>
  );
}

function AddForm({ board }: { readonly board: Board }) {
  const problem = useSignal<string | undefined>(undefined);
  const add = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const chosen = String(data.get("role"));
    const body: AddMember = { email: String(data.get("email")), role: isRole(chosen) ? chosen : "member" };
    problem.value = undefined;
    try {
      const path = `/api/projects/${board.store.id}/members`;
      const member = await board.client.rest.request<Member>("POST", path, body);
      notify({ text: words.added(member.user.name) });
      form.reset();
    } catch (error) {
      problem.value = reasonOf(error);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void add(event)}>
      <Field name="email" label={words.email} type="email" autocomplete="off" />
      <div class="row">
        <select name="role" aria-label={words.role}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {words.roles[choice]}
            </option>
          ))}
        </select>
        <button type="submit" class="primary">
          {words.add}
        </button>
      </div>
      {problem.value !== undefined && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
    </form>
  );
}
