/** Buttons, with words or with an icon alone. */
import type { ButtonHTMLAttributes, ComponentChildren, Ref } from "preact";
import { Icon, type IconName } from "./icon.tsx";
import { Spinner } from "./skeleton.tsx";

export type ButtonKind = "primary" | "secondary" | "ghost" | "danger";

interface Shared extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "size" | "icon" | "label" | "ref" | "children"> {
  readonly kind?: ButtonKind;
  readonly size?: "small" | "medium";
  readonly ref?: Ref<HTMLButtonElement>;
}

interface Props extends Shared {
  readonly icon?: IconName | undefined;
  /** What was asked for is under way: the button stays where it is, keeps the focus and takes no click. */
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}

/** `type` is `button` unless said otherwise: a form's own button says `submit`. */
export function Button({ kind = "secondary", size = "medium", icon, busy = false, children, ...rest }: Props) {
  const { onClick, class: extra, ...attributes } = rest;
  return (
    <button
      type="button"
      {...attributes}
      class={["button", extra].filter(Boolean).join(" ")}
      data-kind={kind}
      data-size={size}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Shared {
  readonly icon: IconName;
  /** What it does: read out, and shown when pointed at. */
  readonly label: string;
  /** Stands on the corner, such as a count. */
  readonly children?: ComponentChildren;
}

export function IconButton({ kind = "ghost", size = "medium", icon, label, children, ...rest }: IconButtonProps) {
  const { class: extra, ...attributes } = rest;
  return (
    <button
      type="button"
      title={label}
      {...attributes}
      class={["button", "icon-button", extra].filter(Boolean).join(" ")}
      data-kind={kind}
      data-size={size}
      aria-label={label}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}
