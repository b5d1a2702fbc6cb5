/** Deleting a project for everybody: its name must be typed first. */
import { useSignal } from "@preact/signals";
import type { Taskwire } from "../../client/index.ts";
import type { Project } from "../../protocol/projects.ts";
import { useAction } from "../action.ts";
import { navigate } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { deleteProject } from "./list.ts";

const words = texts.settings.general;

interface Props {
  readonly client: Taskwire;
  readonly project: Project;
  readonly close: () => void;
}

export function DeleteProject({ client, project, close }: Props) {
  const action = useAction();
  const typed = useSignal("");
  const confirmed = typed.value.trim() === project.name.trim();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!confirmed) return;
    if (!(await action.run(() => deleteProject(client, project.id)))) return;
    close();
    navigate("/");
  };
  return (
    <Dialog title={words.deleteTitle(project.name)} size="small" close={close} closeLabel={texts.common.close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p>{words.deleteHint}</p>
        <Field
          label={words.typeName(project.name)}
          value={typed.value}
          autocomplete="off"
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
          data-autofocus
        />
        <Problem text={action.problem} />
        <div class="form-foot">
          <Button onClick={close}>{texts.common.cancel}</Button>
          <Button type="submit" kind="danger" disabled={!confirmed} busy={action.busy}>
            {words.deleteNow}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
