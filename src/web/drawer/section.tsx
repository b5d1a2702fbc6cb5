/** A part of the drawer under a heading. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Props {
  readonly heading: string;
  /** Beside the heading: how much there is. */
  readonly count?: string | undefined;
  /** At the end of the heading's line. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ heading, count, actions, children }: Props) {
  const id = useId();
  return (
    <section class="task-section" aria-labelledby={id}>
      <header class="task-section-head">
        <h3 id={id}>{heading}</h3>
        {count !== undefined && <span class="quiet">{count}</span>}
        <span class="spring" />
        {actions}
      </header>
      {children}
    </section>
  );
}
