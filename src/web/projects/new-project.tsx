/** The dialog that makes a project; the list, the side bar and the palette open it. */
import { signal, useSignal } from "@preact/signals";
import type { Taskwire } from "../../client/index.ts";
import type { CreateProject } from "../../protocol/projects.ts";
import { useAction } from "../action.ts";
import { boardPath, navigate } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Problem, TextArea } from "../ui/field.tsx";
import { createProject } from "./list.ts";

const words = texts.projects;

/** Set to true by whoever wants it open. */
export const newProjectOpen = signal(false);

/** Stands once in the page. */
export function NewProject({ client }: { readonly client: Taskwire }) {
  return newProjectOpen.value ? <Form client={client} /> : null;
}

const close = () => {
  newProjectOpen.value = false;
};

const bodyOf = (data: FormData): CreateProject => {
  const [key, description] = [String(data.get("key")).trim(), String(data.get("description")).trim()];
  return { name: String(data.get("name")), ...(key !== "" && { key }), ...(description !== "" && { description }) };
};

function Form({ client }: { readonly client: Taskwire }) {
  const action = useAction({ fields: ["name", "key", "description"] });
  const key = useSignal("");
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const body = bodyOf(new FormData(event.currentTarget));
    await action.run(async () => {
      const project = await createProject(client, body);
      close();
      navigate(boardPath(project.id));
    });
  };
  return (
    <Dialog title={words.create} close={close} closeLabel={texts.common.close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <Field
          name="name"
          label={words.name}
          maxLength={200}
          autocomplete="off"
          problem={action.problemOf("name")}
          data-autofocus
        />
        <Field
          name="key"
          label={words.key}
          required={false}
          autocomplete="off"
          placeholder={words.keyAuto}
          pattern="[A-Z][A-Z0-9]{1,9}"
          title={words.keyHint}
          hint={words.keyHint}
          problem={action.problemOf("key")}
          value={key.value}
          onInput={(event) => {
            key.value = event.currentTarget.value.toUpperCase();
          }}
        />
        <TextArea
          name="description"
          label={words.description}
          maxLength={20_000}
          problem={action.problemOf("description")}
        />
        <Problem text={action.problem} />
        <div class="form-foot">
          <Button onClick={close}>{texts.common.cancel}</Button>
          <Button type="submit" kind="primary" busy={action.busy}>
            {words.make}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
