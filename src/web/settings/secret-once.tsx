/** A new key's secret, which nobody sees again: to be copied now. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { NewApiKey } from "../../protocol/api-keys.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";

const words = texts.settings.keys;

export function SecretOnce({ secret, close }: { readonly secret: NewApiKey; readonly close: () => void }) {
  const copied = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    input.current?.select();
    // Without https the page may not use the clipboard: what is selected can be copied by hand.
    if (!isSecureContext) return;
    copied.value = await navigator.clipboard.writeText(secret.key).then(
      () => true,
      () => false,
    );
  };
  const footer = (
    <Button kind="primary" onClick={close}>
      {texts.settings.done}
    </Button>
  );
  return (
    <Dialog title={secret.name} close={close} closeLabel={texts.common.close} footer={footer}>
      <div class="stack">
        <p class="note" data-tone="warn">
          <Icon name="warning" /> {words.once}
        </p>
        <div class="secret">
          <input
            ref={input}
            class="input"
            aria-label={words.key}
            value={secret.key}
            readOnly
            onFocus={(event) => event.currentTarget.select()}
          />
          <Button icon={copied.value ? "check" : "copy"} onClick={() => void copy()} data-autofocus>
            {copied.value ? texts.settings.copied : texts.settings.copy}
          </Button>
        </div>
        <span class="unseen" role="status">
          {copied.value ? texts.settings.copied : ""}
        </span>
      </div>
    </Dialog>
  );
}
