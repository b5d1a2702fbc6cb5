/** The page for who is not signed in: sign in, or make an account. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { navigate } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { focusFirst } from "../ui/focus.ts";
import { SignInForm } from "./sign-in-form.tsx";

interface Props {
  /** Why the form is shown, where that needs a word. */
  readonly message: string | undefined;
  /** From the server's setup link. */
  readonly setupToken: string | undefined;
}

const words = texts.account;

/** Whoever came for an address is there when it is done: the address stays. */
export function AccountView({ message, setupToken }: Props) {
  const isNew = useSignal(setupToken !== undefined);
  const setup = setupToken !== undefined && isNew.value;
  const title = setup ? words.setupTitle : isNew.value ? words.signUpTitle : words.signInTitle;
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${title} · ${texts.common.product}`;
    if (card.current) focusFirst(card.current);
  }, [title]);
  return (
    <main class="account-page">
      <div ref={card} class="account-card stack">
        <p class="brand">{texts.common.product}</p>
        <h1>{title}</h1>
        {setup && <p class="quiet">{words.setupHint}</p>}
        <SignInForm
          key={isNew.value ? "up" : "in"}
          isNew={isNew.value}
          setupToken={isNew.value ? setupToken : undefined}
          message={message}
          submitText={setup ? words.setup : isNew.value ? words.signUp : words.signIn}
          done={() => {
            // The token has done its work and leaves the address.
            if (setupToken !== undefined) navigate(isNew.peek() ? "/setup" : "/", { replace: true });
          }}
        />
        <Button
          kind="ghost"
          onClick={() => {
            isNew.value = !isNew.value;
          }}
        >
          {isNew.value ? words.toSignIn : words.toSignUp}
        </Button>
      </div>
    </main>
  );
}
