/** A sheet over the right edge of the page, the whole page on a phone. */
import type { ComponentChildren } from "preact";
import { IconButton } from "./button.tsx";
import { Modal } from "./modal.tsx";

interface Props {
  /** What screen readers call it. */
  readonly label: string;
  /** Left of the button that closes it. */
  readonly head: ComponentChildren;
  /** Right of `head`, before that button. */
  readonly actions?: ComponentChildren;
  readonly close: () => void;
  readonly closeLabel: string;
  readonly children: ComponentChildren;
}

/** Rendered only while it is open. The head stays, what is below it scrolls. */
export function DrawerShell({ label, head, actions, close, closeLabel, children }: Props) {
  return (
    <Modal class="drawer" label={label} close={close}>
      <header class="drawer-head">
        {head}
        <span class="spring" />
        {actions}
        <IconButton icon="close" label={closeLabel} onClick={close} />
      </header>
      <div class="drawer-body">{children}</div>
    </Modal>
  );
}
