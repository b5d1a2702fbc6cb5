/** Small words and numbers that say how something is. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "neutral" | "accent" | "good" | "warn" | "danger";

interface Props {
  readonly tone?: Tone;
  readonly icon?: IconName;
  /** Read out in place of the children, where those are too short to be understood. */
  readonly label?: string;
  readonly children: ComponentChildren;
}

export function Badge({ tone = "neutral", icon, label, children }: Props) {
  const named = label === undefined ? {} : { role: "img" as const, "aria-label": label, title: label };
  return (
    <span class="badge" data-tone={tone} {...named}>
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

/** How many, on the corner of a button. Nothing for none. The button's own label says it in words. */
export function CountBadge({ count, most = 99 }: { readonly count: number; readonly most?: number }) {
  if (count === 0) return null;
  return (
    <span class="count-badge" aria-hidden="true">
      {count > most ? `${most}+` : count}
    </span>
  );
}

interface LabelProps {
  readonly name: string;
  /** `#rrggbb`, chosen by people: shown as a dot, so that the name can be read whatever it is. */
  readonly color: string;
}

export function LabelBadge({ name, color }: LabelProps) {
  return (
    <span class="badge label-badge">
      <ColorDot color={color} />
      <span class="label-name">{name}</span>
    </span>
  );
}

export function ColorDot({ color }: { readonly color: string }) {
  return <span class="color-dot" style={{ background: color }} aria-hidden="true" />;
}
