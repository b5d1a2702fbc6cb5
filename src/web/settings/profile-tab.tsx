/** Name, region, time zone and password. */
import { useSignal } from "@preact/signals";
import type { Me, UpdateMe } from "../../protocol/users.ts";
import { PasswordField } from "../account/password-field.tsx";
import { useAction } from "../action.ts";
import { notify } from "../notices.ts";
import { changeMe, changePassword } from "../session.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Problem, SelectField } from "../ui/field.tsx";
import type { TabProps } from "./my-settings.tsx";
import { localeOptions, ownTimeZone, timeZoneOptions } from "./regions.ts";

const words = texts.settings.profile;

export function ProfileTab({ client, me }: TabProps) {
  return (
    <>
      <Identity client={client} me={me} />
      <Password />
    </>
  );
}

type Draft = { readonly [Name in "name" | "locale" | "time_zone"]?: string };

function Identity({ client, me }: TabProps) {
  const draft = useSignal<Draft>({});
  const action = useAction({ fields: ["name", "locale", "time_zone"] });
  const shown = { ...me, ...draft.value };
  const edit = (change: Draft) => {
    draft.value = { ...draft.value, ...change };
  };
  const changed = shown.name !== me.name || shown.locale !== me.locale || shown.time_zone !== me.time_zone;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const body: UpdateMe = draft.value;
    const saved = await action.run(async () => changeMe(await client.rest.request<Me>("PATCH", "/api/me", body)));
    if (!saved) return;
    draft.value = {};
    notify({ text: texts.settings.saved });
  };
  const here = ownTimeZone();
  return (
    <form class="section stack" onSubmit={(event) => void submit(event)}>
      <div class="profile-avatar">
        <Avatar person={{ id: me.id, name: shown.name.trim() === "" ? me.name : shown.name }} size={32} decorative />
        <p class="quiet">{words.avatar}</p>
      </div>
      <Field
        label={words.name}
        value={shown.name}
        maxLength={200}
        autocomplete="name"
        problem={action.problemOf("name")}
        onInput={(event) => edit({ name: event.currentTarget.value })}
      />
      <Field label={words.email} type="email" value={me.email ?? ""} readOnly hint={words.emailHint} />
      <SelectField
        label={words.locale}
        hint={words.localeHint}
        value={shown.locale}
        options={localeOptions(me.locale)}
        problem={action.problemOf("locale")}
        onChange={(event) => edit({ locale: event.currentTarget.value })}
      />
      <SelectField
        label={words.timeZone}
        hint={words.timeZoneHint}
        value={shown.time_zone}
        options={timeZoneOptions(me.time_zone)}
        problem={action.problemOf("time_zone")}
        onChange={(event) => edit({ time_zone: event.currentTarget.value })}
      />
      {here !== shown.time_zone && (
        <div>
          <Button size="small" icon="clock" onClick={() => edit({ time_zone: here })}>
            {words.here(here)}
          </Button>
        </div>
      )}
      <Problem text={action.problem} />
      <div class="form-foot">
        <Button type="submit" kind="primary" busy={action.busy} disabled={!changed}>
          {texts.settings.save}
        </Button>
      </div>
    </form>
  );
}

function Password() {
  const action = useAction({ fields: ["currentPassword", "newPassword"] });
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const [current, next] = [String(data.get("current")), String(data.get("next"))];
    if (!(await action.run(() => changePassword(current, next)))) return;
    form.reset();
    notify({ text: words.changed });
  };
  const wrong = action.problemOf("currentPassword") === undefined ? undefined : words.wrong;
  return (
    <form class="section stack" onSubmit={(event) => void submit(event)}>
      <h2>{words.password}</h2>
      <PasswordField name="current" label={words.current} problem={wrong} />
      <PasswordField name="next" label={words.next} isNew problem={action.problemOf("newPassword")} />
      <Problem text={action.problem} />
      <div class="form-foot">
        <span class="quiet">{words.changeHint}</span>
        <Button type="submit" busy={action.busy}>
          {words.change}
        </Button>
      </div>
    </form>
  );
}
