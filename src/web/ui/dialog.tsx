/** A question or a form above the page: nothing behind it can be reached until it is closed. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Button, IconButton } from "./button.tsx";
import { Modal } from "./modal.tsx";

interface Props {
  readonly title: string;
  /** Called when it was closed by Escape, its button or a press beside it: stop rendering it. */
  readonly close: () => void;
  readonly closeLabel: string;
  readonly size?: "small" | "medium" | "large";
  /** Its buttons, at the end; the last one does what the title says. */
  readonly footer?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Rendered only while it is open. */
export function Dialog({ title, close, closeLabel, size = "medium", footer, children }: Props) {
  const id = useId();
  return (
    <Modal class="dialog" size={size} labelledBy={id} close={close}>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={closeLabel} onClick={close} />
      </header>
      <div class="dialog-body">{children}</div>
      {footer && <footer class="dialog-foot">{footer}</footer>}
    </Modal>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What it means, and whether it can be undone. */
  readonly text: string;
  readonly confirmText: string;
  readonly cancelText: string;
  readonly danger?: boolean;
  readonly confirm: () => void;
  readonly cancel: () => void;
}

/** The focus stands on the button that changes nothing. */
export function ConfirmDialog({ title, text, confirmText, cancelText, danger = false, confirm, cancel }: ConfirmProps) {
  const id = useId();
  return (
    <Modal class="dialog" size="small" role="alertdialog" labelledBy={id} describedBy={`${id}-text`} close={cancel}>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
      </header>
      <p id={`${id}-text`} class="dialog-body">
        {text}
      </p>
      <footer class="dialog-foot">
        <Button onClick={cancel} data-autofocus>
          {cancelText}
        </Button>
        <Button kind={danger ? "danger" : "primary"} onClick={confirm}>
          {confirmText}
        </Button>
      </footer>
    </Modal>
  );
}
