/** Words for what is pointed at or holds the focus; the element itself has a name without it. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { place } from "./floating.ts";
import { Kbd } from "./kbd.tsx";

interface Props {
  readonly text: string;
  readonly keys?: string;
  /** One element. */
  readonly children: ComponentChildren;
}

/** Pointing that goes over quickly shows nothing. */
const delayMs = 500;

export function Tooltip({ text, keys, children }: Props) {
  const around = useRef<HTMLSpanElement>(null);
  const shown = usePointedAt(around);
  const anchor = around.current?.firstElementChild;
  return (
    <span ref={around} class="tooltip-around">
      {children}
      {shown && anchor && <Bubble anchor={anchor} text={text} keys={keys} />}
    </span>
  );
}

/** Is it pointed at for a while, or focused by keyboard? */
function usePointedAt(around: { readonly current: HTMLElement | null }): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const { current } = around;
    let clock: ReturnType<typeof setTimeout> | undefined;
    const listen = new AbortController();
    const on = (
      name: "pointerenter" | "pointerleave" | "pointerdown" | "focusin" | "focusout",
      run: (event: Event) => void,
    ) => current?.addEventListener(name, run, { signal: listen.signal });
    const hide = () => {
      clearTimeout(clock);
      setShown(false);
    };
    on("pointerenter", () => {
      clock = setTimeout(() => setShown(true), delayMs);
    });
    for (const name of ["pointerleave", "pointerdown", "focusout"] as const) on(name, hide);
    on("focusin", ({ target }) => {
      if (target instanceof Element && target.matches(":focus-visible")) setShown(true);
    });
    document.addEventListener("keydown", ({ key }) => key === "Escape" && hide(), { signal: listen.signal });
    return () => {
      listen.abort();
      clearTimeout(clock);
    };
  }, [around]);
  return shown;
}

interface BubbleProps {
  readonly anchor: Element;
  readonly text: string;
  readonly keys: string | undefined;
}

function Bubble({ anchor, text, keys }: BubbleProps) {
  const element = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    current.showPopover();
    place(current, anchor, { placement: "below", align: "start" });
  }, [anchor]);
  return (
    <span ref={element} class="tooltip" role="tooltip" popover="manual">
      {text}
      {keys !== undefined && <Kbd keys={keys} />}
    </span>
  );
}
