/** A password: hidden until one asks to see it, with a word about Caps Lock. */
import { useSignal } from "@preact/signals";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";

/** As the server has it (protocol/accounts.ts, which comes with the validator). */
const passwordMin = 8;
const passwordMax = 128;

interface Props {
  readonly name: string;
  readonly label: string;
  /** A new one has rules, an old one is what it is. */
  readonly isNew?: boolean;
  readonly problem?: string | undefined;
  readonly autofocus?: boolean;
}

const words = texts.account;

export function PasswordField({ name, label, isNew = false, problem, autofocus = false }: Props) {
  const shown = useSignal(false);
  const capsLock = useSignal(false);
  const length = useSignal(0);
  const missing = passwordMin - length.value;
  const hint = isNew
    ? length.value > 0 && missing > 0
      ? words.passwordShort(missing)
      : words.passwordHint
    : undefined;
  const watch = (event: KeyboardEvent) => {
    capsLock.value = event.getModifierState("CapsLock");
  };
  return (
    <div class="password-field">
      <Field
        name={name}
        label={label}
        type={shown.value ? "text" : "password"}
        autocomplete={isNew ? "new-password" : "current-password"}
        autocapitalize="off"
        spellcheck={false}
        hint={capsLock.value ? words.capsLock : hint}
        problem={problem}
        minLength={isNew ? passwordMin : undefined}
        maxLength={passwordMax}
        data-autofocus={autofocus || undefined}
        onInput={(event) => {
          length.value = event.currentTarget.value.length;
        }}
        onKeyDown={watch}
        onKeyUp={watch}
      />
      <IconButton
        icon={shown.value ? "eye_off" : "eye"}
        size="small"
        class="password-eye"
        label={shown.value ? words.hidePassword : words.showPassword}
        aria-pressed={shown.value}
        onClick={() => {
          shown.value = !shown.value;
        }}
      />
    </div>
  );
}
