/** Something small beside what opened it: closed by Escape, by a press elsewhere, and when the focus leaves it. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type Floating, type Placement, place } from "./floating.ts";
import { focusFirst, useFocusReturn } from "./focus.ts";

interface Props {
  /** What opened it. A press on it closes nothing: that is its own business. */
  readonly anchor: Element;
  /** What screen readers call it. */
  readonly label: string;
  readonly close: () => void;
  readonly role?: "dialog" | "menu" | "listbox";
  readonly placement?: Placement;
  readonly align?: "start" | "end";
  /** The focus goes into it when it opens. */
  readonly takesFocus?: boolean;
  readonly class?: string;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly children: ComponentChildren;
}

/** Rendered only while it is open. It stands in the top layer, above open dialogs. */
export function Popover(props: Props) {
  const { anchor, label, close, role = "dialog", placement = "below", align = "start", takesFocus = true } = props;
  const element = useRef<HTMLDivElement>(null);
  useFocusReturn(element);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    current.showPopover();
    if (takesFocus) {
      place(current, anchor, { placement, align });
      focusFirst(current);
    }
  }, [anchor, placement, align, takesFocus]);
  usePlace(element, anchor, { placement, align });
  useDismiss(element, anchor, close);
  useKeys(element, (event) => {
    props.onKeyDown?.(event);
    if (event.key !== "Escape" || event.defaultPrevented) return;
    // An open dialog around it stays.
    event.preventDefault();
    event.stopPropagation();
    close();
  });
  const named = { role, "aria-label": label };
  return (
    <div
      ref={element}
      popover="manual"
      class={["popover", props.class].filter(Boolean).join(" ")}
      {...named}
      tabIndex={-1}
    >
      {props.children}
    </div>
  );
}

/** Keeps it beside its anchor, whatever scrolls or grows. */
function usePlace(element: { current: HTMLElement | null }, anchor: Element, { placement, align }: Floating): void {
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    const put = () => place(current, anchor, { placement, align });
    put();
    const listen = new AbortController();
    const { signal } = listen;
    addEventListener("scroll", put, { signal, capture: true, passive: true });
    addEventListener("resize", put, { signal });
    const sizes = new ResizeObserver(put);
    sizes.observe(current);
    return () => {
      listen.abort();
      sizes.disconnect();
    };
  }, [element, anchor, placement, align]);
}

/** Keys pressed inside of it. */
function useKeys(element: { current: HTMLElement | null }, press: (event: KeyboardEvent) => void): void {
  const latest = useRef(press);
  latest.current = press;
  useLayoutEffect(() => {
    const listen = new AbortController();
    element.current?.addEventListener("keydown", (event) => latest.current(event), { signal: listen.signal });
    return () => listen.abort();
  }, [element]);
}

function useDismiss(element: { current: HTMLElement | null }, anchor: Element, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const outside = (target: EventTarget | null): boolean =>
      target instanceof Node && !element.current?.contains(target) && !anchor.contains(target);
    const leave = (event: Event) => {
      if (outside(event.target)) latest.current();
    };
    const listen = new AbortController();
    document.addEventListener("pointerdown", leave, { signal: listen.signal, capture: true });
    document.addEventListener("focusin", leave, { signal: listen.signal });
    return () => listen.abort();
  }, [element, anchor]);
}
