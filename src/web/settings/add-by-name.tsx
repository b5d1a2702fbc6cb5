/** A row that makes something new of a name: a column, a label. */
import type { ComponentChildren } from "preact";
import type { TaskwireError } from "../../client/index.ts";
import { useAction } from "../action.ts";
import { Button } from "../ui/button.tsx";
import { Field, Problem } from "../ui/field.tsx";

interface Props {
  readonly label: string;
  readonly addText: string;
  /** Characters of a name. */
  readonly max: number;
  /** Said where the name is in use. */
  readonly taken: string;
  readonly add: (name: string) => Promise<unknown>;
  /** In front of the name. */
  readonly children?: ComponentChildren;
}

export function AddByName({ label, addText, max, taken, add, children }: Props) {
  const words = ({ code, extras }: TaskwireError) => (code === "conflict" && extras.current ? taken : undefined);
  const action = useAction({ fields: ["name"], words });
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get("name")).trim();
    if (name !== "" && (await action.run(() => add(name)))) form.reset();
  };
  return (
    <form class="add-row" onSubmit={(event) => void submit(event)}>
      {children}
      <Field name="name" label={label} inside maxLength={max} autocomplete="off" problem={action.problemOf("name")} />
      <Button type="submit" icon="plus" busy={action.busy}>
        {addText}
      </Button>
      <Problem text={action.problem} />
    </form>
  );
}
