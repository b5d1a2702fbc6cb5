/** A panel over the right edge: a modal dialog, closed by its button or Escape; the focus goes back where it was. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { texts } from "../texts/index.ts";
import { Notices } from "./notices.tsx";

interface Props {
  /** What screen readers call it. */
  readonly label: string;
  /** Left of the button that closes it. */
  readonly head: ComponentChildren;
  /** Called when it was closed: stop rendering it. */
  readonly close: () => void;
  readonly children: ComponentChildren;
}

export function Panel({ label, head, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="panel" aria-label={label} onClose={close}>
      <div class="panel-head">
        {head}
        <span class="spring" />
        <button type="button" class="plain" aria-label={texts.common.close} onClick={() => dialog.current?.close()}>
          ×
        </button>
      </div>
      {children}
      <Notices />
    </dialog>
  );
}
