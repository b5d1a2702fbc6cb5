/** The line at the top of a view: where one is, and what concerns all of it. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { texts } from "../texts/index.ts";

interface Props {
  readonly title: string;
  /** In front of the title: a way back. */
  readonly before?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** Names the window too. */
export function PageHead({ title, before, children }: Props) {
  useEffect(() => {
    document.title = title === texts.common.product ? title : `${title} · ${texts.common.product}`;
  }, [title]);
  return (
    <header class="page-head">
      {before}
      <h1>{title}</h1>
      {children}
    </header>
  );
}
