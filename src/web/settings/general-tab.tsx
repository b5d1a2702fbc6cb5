/** Name, key and purpose of a project; leaving and deleting it. */
import { useSignal } from "@preact/signals";
import type { UpdateProject } from "../../protocol/projects.ts";
import { useAction } from "../action.ts";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { notify } from "../notices.ts";
import { DeleteProject } from "../projects/delete-project.tsx";
import { updateProject } from "../projects/list.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Field, Problem, TextArea } from "../ui/field.tsx";
import { LeaveProject } from "./leave-project.tsx";
import { isLastOwner } from "./rights.ts";

const words = texts.settings.general;

interface Props {
  readonly board: Board;
}

export function GeneralTab({ board }: Props) {
  return (
    <>
      <Identity board={board} />
      <Danger board={board} />
    </>
  );
}

type Draft = { readonly [Name in "name" | "key" | "description"]?: string };

/** What is not being edited follows the project; what is, stays as it was typed until it is saved. */
function Identity({ board }: Props) {
  const project = useLive(board.store.project);
  const draft = useSignal<Draft>({});
  const action = useAction({ fields: ["name", "key", "description"] });
  const edit = (name: keyof Draft, text: string) => {
    draft.value = { ...draft.value, [name]: text };
  };
  const changes: UpdateProject = Object.fromEntries(
    Object.entries(draft.value).filter(([name, text]) => text !== project[name as keyof Draft]),
  );
  const changed = Object.keys(changes).length > 0;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!changed || !(await action.run(() => updateProject(board.client, project.id, changes)))) return;
    draft.value = {};
    notify({ text: texts.settings.saved });
  };
  const shown = { ...project, ...draft.value };
  const readOnly = !board.mayManage;
  return (
    <form class="section stack" onSubmit={(event) => void submit(event)}>
      <Field
        name="name"
        label={words.name}
        value={shown.name}
        maxLength={200}
        readOnly={readOnly}
        problem={action.problemOf("name")}
        onInput={(event) => edit("name", event.currentTarget.value)}
      />
      <Field
        name="key"
        label={words.key}
        value={shown.key}
        pattern="[A-Z][A-Z0-9]{1,9}"
        title={texts.projects.keyHint}
        hint={words.keyHint}
        readOnly={readOnly}
        problem={action.problemOf("key")}
        onInput={(event) => edit("key", event.currentTarget.value.toUpperCase())}
      />
      <TextArea
        name="description"
        label={words.description}
        value={shown.description}
        maxLength={20_000}
        readOnly={readOnly}
        problem={action.problemOf("description")}
        onInput={(event) => edit("description", event.currentTarget.value)}
      />
      <Problem text={action.problem} />
      {!readOnly && (
        <div class="form-foot">
          {changed && (
            <Button
              onClick={() => {
                draft.value = {};
              }}
            >
              {texts.settings.cancel}
            </Button>
          )}
          <Button type="submit" kind="primary" busy={action.busy} disabled={!changed}>
            {texts.settings.save}
          </Button>
        </div>
      )}
    </form>
  );
}

function Danger({ board }: Props) {
  const asked = useSignal<"leave" | "delete" | null>(null);
  const project = useLive(board.store.project);
  const last = isLastOwner(board.members, board.me.id);
  const close = () => {
    asked.value = null;
  };
  return (
    <section class="section danger-zone">
      <h2>{words.danger}</h2>
      <div class="setting-row">
        <div>
          <strong>{words.leave}</strong>
          <p class="quiet">{last ? words.lastOwner : words.leaveHint}</p>
        </div>
        <Button
          disabled={last}
          onClick={() => {
            asked.value = "leave";
          }}
        >
          {words.leave}
        </Button>
      </div>
      <div class="setting-row">
        <div>
          <strong>{words.delete}</strong>
          <p class="quiet">{board.role === "owner" ? words.deleteHint : words.onlyOwner}</p>
        </div>
        <Button
          kind="danger"
          disabled={board.role !== "owner"}
          onClick={() => {
            asked.value = "delete";
          }}
        >
          {words.delete}
        </Button>
      </div>
      {asked.value === "leave" && <LeaveProject board={board} close={close} />}
      {asked.value === "delete" && <DeleteProject client={board.client} project={project} close={close} />}
    </section>
  );
}
