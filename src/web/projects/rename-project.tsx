/** Another name for a project. */
import type { Taskwire } from "../../client/index.ts";
import type { Project } from "../../protocol/projects.ts";
import { useAction } from "../action.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { updateProject } from "./list.ts";

interface Props {
  readonly client: Taskwire;
  readonly project: Project;
  readonly close: () => void;
}

export function RenameProject({ client, project, close }: Props) {
  const action = useAction({ fields: ["name"] });
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    if (await action.run(() => updateProject(client, project.id, { name }))) close();
  };
  return (
    <Dialog title={texts.projects.rename} size="small" close={close} closeLabel={texts.common.close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <Field
          name="name"
          label={texts.projects.name}
          defaultValue={project.name}
          maxLength={200}
          problem={action.problemOf("name")}
          data-autofocus
        />
        <Problem text={action.problem} />
        <div class="form-foot">
          <Button onClick={close}>{texts.common.cancel}</Button>
          <Button type="submit" kind="primary" busy={action.busy}>
            {texts.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
