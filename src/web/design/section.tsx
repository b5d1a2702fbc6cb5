/** One part of the page that documents the others. */
import type { ComponentChildren } from "preact";

interface Props {
  readonly title: string;
  readonly text?: string;
  readonly children: ComponentChildren;
}

export function Section({ title, text, children }: Props) {
  return (
    <section class="design-section">
      <h2>{title}</h2>
      {text !== undefined && <p class="quiet">{text}</p>}
      {children}
    </section>
  );
}

/** One state, with its name. */
export function Sample({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <figure class="design-sample">
      <div class="design-stage">{children}</div>
      <figcaption class="quiet">{name}</figcaption>
    </figure>
  );
}
