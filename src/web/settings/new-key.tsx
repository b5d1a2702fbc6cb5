/** Making an API key: what it may, where, and for how long. */
import { useSignal } from "@preact/signals";
import type { Taskwire } from "../../client/index.ts";
import type { CreateApiKey, NewApiKey } from "../../protocol/api-keys.ts";
import type { Scope } from "../../protocol/endpoint.ts";
import type { Me } from "../../protocol/users.ts";
import { useAction } from "../action.ts";
import { projects } from "../projects/list.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Checkbox, Field, Problem, SelectField } from "../ui/field.tsx";

const words = texts.settings.keys;
const scopes: readonly Scope[] = ["read", "write", "events:publish", "notifications:send"];
/** Days until it ends; 0: never. */
const lifetimes = [30, 90, 365, 0] as const;
const dayMs = 86_400_000;

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly close: () => void;
  readonly made: (key: NewApiKey) => void;
}

const toggled = <Item,>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> => {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
};

export function NewKey({ client, me, close, made }: Props) {
  const action = useAction({ fields: ["name", "scopes"] });
  const name = useSignal("");
  const days = useSignal<number>(90);
  const chosen = useSignal<ReadonlySet<Scope>>(new Set(["read"]));
  const within = useSignal<ReadonlySet<string>>(new Set());
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const body: CreateApiKey = {
      name: name.value,
      scopes: [...chosen.value],
      project_ids: within.value.size === 0 ? null : [...within.value],
      expires_at: days.value === 0 ? null : new Date(Date.now() + days.value * dayMs).toISOString(),
    };
    await action.run(async () => {
      made(await client.rest.request<NewApiKey>("POST", "/api/api-keys", body));
      close();
    });
  };
  return (
    <Dialog title={words.new} close={close} closeLabel={texts.common.close}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <Field
          label={words.name}
          value={name.value}
          maxLength={200}
          autocomplete="off"
          problem={action.problemOf("name")}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
          data-autofocus
        />
        <fieldset class="choices">
          <legend>{words.scopes}</legend>
          {scopes
            .filter((scope) => scope !== "notifications:send" || me.role === "admin")
            .map((scope) => (
              <Checkbox
                key={scope}
                label={words.scope[scope]}
                checked={chosen.value.has(scope)}
                onChange={() => {
                  chosen.value = toggled(chosen.value, scope);
                }}
              />
            ))}
        </fieldset>
        <ProjectChoices
          chosen={within.value}
          toggle={(id) => {
            within.value = toggled(within.value, id);
          }}
        />
        <SelectField
          label={words.expires}
          value={String(days.value)}
          options={lifetimes.map((value) => ({
            value: String(value),
            text: value === 0 ? words.never : words.inDays(value),
          }))}
          onChange={(event) => {
            days.value = Number(event.currentTarget.value);
          }}
        />
        <Problem text={action.problem ?? action.problemOf("scopes")} />
        <div class="form-foot">
          <Button onClick={close}>{texts.common.cancel}</Button>
          <Button type="submit" kind="primary" busy={action.busy} disabled={chosen.value.size === 0}>
            {words.make}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function ProjectChoices({
  chosen,
  toggle,
}: {
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}) {
  const list = projects.value ?? [];
  if (list.length === 0) return null;
  return (
    <fieldset class="choices">
      <legend>{words.onlyProjects}</legend>
      <div class="choices-scroll">
        {list.map(({ id, name }) => (
          <Checkbox key={id} label={name} checked={chosen.has(id)} onChange={() => toggle(id)} />
        ))}
      </div>
    </fieldset>
  );
}
