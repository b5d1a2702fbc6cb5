/** The form of signing in, making an account and making the first one; it stands in a page or in a dialog. */
import { useSignal } from "@preact/signals";
import type { TaskwireError } from "../../client/index.ts";
import { useAction } from "../action.ts";
import { signIn, signUp } from "../session.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { keepEmail, keptEmail } from "./kept-email.ts";
import { PasswordField } from "./password-field.tsx";

const words = texts.account;

interface Props {
  readonly isNew: boolean;
  /** From the server's setup link. */
  readonly setupToken?: string | undefined;
  /** Whose session ended; absent: whoever it was the last time. */
  readonly email?: string | undefined;
  /** Said before anything was tried. */
  readonly message?: string | undefined;
  readonly submitText: string;
  readonly done: () => void;
}

const fieldOf = (data: FormData, name: string): string => String(data.get(name) ?? "");

/** The server's own words tell why no account can be made; these say the rest. */
const wordsOf = ({ code, extras }: TaskwireError): string | undefined => {
  if (code === "unauthenticated") return words.wrong;
  if (code === "rate_limited") return words.tooMany(Math.ceil((extras.retryAfterMs ?? 60_000) / 1000));
  return undefined;
};

export function SignInForm({ isNew, setupToken, email, message, submitText, done }: Props) {
  const action = useAction({ fields: ["email", "name", "password"], words: wordsOf });
  const kept = useSignal(email ?? keptEmail()).value;
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [address, password] = [fieldOf(data, "email").trim(), fieldOf(data, "password")];
    const token = setupToken === undefined ? {} : { setup_token: setupToken };
    const account = { name: fieldOf(data, "name"), email: address, password, ...token };
    const ok = await action.run(() => (isNew ? signUp(account) : signIn(address, password)));
    if (!ok) return;
    keepEmail(address);
    done();
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      {isNew && (
        <Field
          name="name"
          label={words.name}
          autocomplete="name"
          maxLength={200}
          problem={action.problemOf("name")}
          data-autofocus
        />
      )}
      <Field
        name="email"
        label={words.email}
        type="email"
        autocomplete="username"
        defaultValue={isNew ? "" : kept}
        problem={action.problemOf("email")}
      />
      <PasswordField
        key={isNew ? "new" : "known"}
        name="password"
        label={words.password}
        isNew={isNew}
        problem={action.problemOf("password")}
        autofocus={!isNew && kept !== ""}
      />
      <Problem text={action.problem ?? (action.busy ? undefined : message)} />
      <Button type="submit" kind="primary" busy={action.busy}>
        {submitText}
      </Button>
    </form>
  );
}
