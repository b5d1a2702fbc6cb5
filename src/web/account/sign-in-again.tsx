/** The dialog over a page whose session ended: what stands behind it stays as it was. */

import { notify } from "../notices.ts";
import { leaveLost, session, sessionLost } from "../session.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { SignInForm } from "./sign-in-form.tsx";

const words = texts.account.again;

/** Nothing while the session lives. It covers the page: what it shows is for who was signed in. */
export function SignInAgain() {
  const { value } = session;
  if (!sessionLost.value || value.state !== "signed_in") return null;
  return (
    <Modal
      class="dialog"
      size="small"
      labelledBy="sign-in-again"
      describedBy="sign-in-again-hint"
      close={() => undefined}
    >
      <div class="sign-in-again stack">
        <h2 id="sign-in-again">{words.title}</h2>
        <p id="sign-in-again-hint">{words.hint}</p>
        <SignInForm
          isNew={false}
          email={value.me.email}
          submitText={texts.account.signIn}
          done={() => notify({ text: words.done })}
        />
        <Button kind="ghost" onClick={leaveLost}>
          {words.other}
        </Button>
      </div>
    </Modal>
  );
}
