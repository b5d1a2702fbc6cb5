/** Short messages, wherever they can be seen. */
import { dismiss, notices } from "../notices.ts";
import { texts } from "../texts/index.ts";

/** Stands in the page and in each open panel, for what is behind a panel is neither seen nor read out. */
export function Notices() {
  return (
    <div class="notices" role="alert">
      {notices.value.map(({ id, text }) => (
        <p key={id} class="notice">
          {text}
          <button type="button" class="plain" aria-label={texts.common.dismiss} onClick={() => dismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
