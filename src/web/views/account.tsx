/** Sign in, or make an account. */
import { useSignal } from "@preact/signals";
import { reasonOf } from "../notices.ts";
import { navigate } from "../route.ts";
import { signIn, signUp } from "../session.ts";
import { texts } from "../texts/index.ts";
import { Field } from "./field.tsx";

interface Props {
  /** Why the form is shown, where that needs a word. */
  readonly message: string | undefined;
  /** From the server's setup link. */
  readonly setupToken: string | undefined;
}

const words = texts.account;

export function AccountView({ message, setupToken }: Props) {
  const isNew = useSignal(setupToken !== undefined);
  const busy = useSignal(false);
  const problem = useSignal<string | undefined>(message);
  const setup = setupToken !== undefined && isNew.value;
  const title = setup ? words.setup : isNew.value ? words.signUp : words.signIn;

  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const field = (name: string) => String(data.get(name) ?? "");
    const [email, password] = [field("email"), field("password")];
    busy.value = true;
    problem.value = undefined;
    try {
      const token = setupToken === undefined ? {} : { setup_token: setupToken };
      await (isNew.value ? signUp({ name: field("name"), email, password, ...token }) : signIn(email, password));
      // The token has done its work and leaves the address.
      if (setupToken !== undefined) navigate("/", { replace: true });
    } catch (error) {
      problem.value = reasonOf(error);
    } finally {
      busy.value = false;
    }
  };

  return (
    <main class="center">
      <form class="account stack" onSubmit={(event) => void submit(event)}>
        <h1>
          <span class="brand">{texts.common.product}</span> {title}
        </h1>
        {setup && <p class="quiet">{words.setupHint}</p>}
        {isNew.value && <Field name="name" label={words.name} autocomplete="name" maxLength={200} />}
        <Field name="email" label={words.email} type="email" autocomplete="username" />
        <Field
          name="password"
          label={words.password}
          type="password"
          autocomplete={isNew.value ? "new-password" : "current-password"}
          hint={isNew.value ? words.passwordHint : undefined}
          minLength={isNew.value ? 8 : undefined}
        />
        {problem.value !== undefined && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy.value}>
          {title}
        </button>
        <button type="button" class="plain" onClick={() => (isNew.value = !isNew.value)}>
          {isNew.value ? words.toSignIn : words.toSignUp}
        </button>
      </form>
    </main>
  );
}
