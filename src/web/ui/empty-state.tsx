/** Says why there is nothing, and what can be done about it. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

interface Props {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string | undefined;
  /** What to do: a button or a link. */
  readonly children?: ComponentChildren;
}

export function EmptyState({ icon, title, text, children }: Props) {
  return (
    <div class="empty-state">
      <Icon name={icon} size={24} />
      <p class="empty-title">{title}</p>
      {text !== undefined && <p class="quiet">{text}</p>}
      {children}
    </div>
  );
}
