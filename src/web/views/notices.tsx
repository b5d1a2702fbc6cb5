/** Short messages, wherever they can be seen. */
import { useRef } from "preact/hooks";
import { announcement, dismiss, hold, notices, release } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { openModals } from "../ui/modals.ts";
import { Toast } from "../ui/toast.tsx";

/**
 * Stands in the page and in each open modal, for what is behind a modal is neither seen nor read out. Only the top one shows
 * them. `host`: the modal it stands in; absent in the page.
 */
export function Notices({ host }: { readonly host?: symbol }) {
  const shown = openModals.value.at(-1) === host;
  return (
    <div class="notices">
      {shown &&
        notices.value.map(({ id, text, tone, action }) => (
          <Toast
            key={id}
            text={text}
            tone={tone}
            action={action}
            dismissLabel={texts.common.dismiss}
            dismiss={() => dismiss(id)}
            hold={() => hold(id)}
            release={() => release(id)}
          />
        ))}
      {host !== undefined && <Announced />}
    </div>
  );
}

/** What is announced while the modal is there; the page's own region (page.tsx) is not read out behind it. */
function Announced() {
  const before = useRef(announcement.peek());
  const { value } = announcement;
  if (value !== before.current) before.current = "";
  return (
    <p class="unseen" role="status">
      {value !== before.current && value}
    </p>
  );
}
