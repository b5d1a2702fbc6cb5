/** The page for who is not signed in: sign in, or make an account where that is possible. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { navigate } from "../route.ts";
import { readSignUp } from "../session.ts";
import { texts } from "../texts/index.ts";
import { BrandMark } from "../ui/brand-mark.tsx";
import { Button } from "../ui/button.tsx";
import { focusFirst } from "../ui/focus.ts";
import { Skeleton } from "../ui/skeleton.tsx";
import { SignInForm } from "./sign-in-form.tsx";

interface Props {
  /** Why the form is shown, where that needs a word. */
  readonly message: string | undefined;
  /** From the server's setup link. */
  readonly setupToken: string | undefined;
}

const words = texts.account;

/** Undefined while it is asked; `unknown`: the server did not say, and will when an account is asked for. */
type SignUp = Awaited<ReturnType<typeof readSignUp>> | "unknown" | undefined;

function useSignUp(): SignUp {
  const state = useSignal<SignUp>(undefined);
  useEffect(() => {
    const told = (given: SignUp) => {
      state.value = given;
    };
    readSignUp().then(told, () => told("unknown"));
  }, [state]);
  return state.value;
}

/** Whoever came for an address is there when it is done: the address stays. */
export function AccountView({ message, setupToken }: Props) {
  const signUp = useSignUp();
  const wanted = useSignal(setupToken !== undefined);
  const possible = signUp === "open" || signUp === "unknown" || (signUp === "setup_link" && setupToken !== undefined);
  const isNew = wanted.value && possible;
  const setup = isNew && setupToken !== undefined && signUp !== "open";
  const title = setup ? words.setupTitle : isNew ? words.signUpTitle : words.signInTitle;
  const card = useRef<HTMLDivElement>(null);
  /** What the link leads to is not known yet. */
  const waiting = setupToken !== undefined && signUp === undefined;
  useEffect(() => {
    document.title = `${title} · ${texts.common.product}`;
    if (card.current && !waiting) focusFirst(card.current);
  }, [title, waiting]);
  if (waiting) return <Waiting />;
  return (
    <main class="account-page">
      <div ref={card} class="account-card stack">
        <p class="brand">
          <BrandMark /> {texts.common.product}
        </p>
        <h1>{title}</h1>
        {setup && <p class="quiet">{words.setupHint}</p>}
        {setupToken !== undefined && !possible && signUp !== "setup_link" && <p class="note">{words.setupDone}</p>}
        <SignInForm
          key={isNew ? "up" : "in"}
          isNew={isNew}
          setupToken={isNew ? setupToken : undefined}
          message={message}
          submitText={setup ? words.setup : isNew ? words.signUp : words.signIn}
          done={() => {
            // The token has done its work and leaves the address.
            if (setupToken !== undefined) navigate(isNew ? "/setup" : "/", { replace: true });
          }}
        />
        {possible && (
          <Button
            kind="ghost"
            onClick={() => {
              wanted.value = !wanted.value;
            }}
          >
            {isNew ? words.toSignIn : words.toSignUp}
          </Button>
        )}
        <HowToGetIn signUp={signUp} possible={possible} />
      </div>
    </main>
  );
}

function Waiting() {
  return (
    <main class="account-page" aria-busy="true">
      <div class="account-card stack">
        <p class="brand">
          <BrandMark /> {texts.common.product}
        </p>
        <span class="unseen" role="status">
          {texts.common.loading}
        </span>
        <Skeleton lines={4} />
      </div>
    </main>
  );
}

/** Where nobody makes an account of their own. */
function HowToGetIn({ signUp, possible }: { readonly signUp: SignUp; readonly possible: boolean }) {
  if (possible || signUp === undefined || signUp === "open" || signUp === "unknown") return null;
  return <p class="quiet account-hint">{words.noSignUp[signUp]}</p>;
}
