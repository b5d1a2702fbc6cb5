/** The `dialog` element under dialogs and drawers: keeps the focus inside and brings it back, and shows notices above itself. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Notices } from "../views/notices.tsx";
import { focusFirst, useFocusReturn } from "./focus.ts";
import { openModals } from "./modals.ts";

interface Props {
  readonly class: "dialog" | "drawer" | "palette" | "sheet";
  readonly size?: "small" | "medium" | "large";
  readonly role?: "dialog" | "alertdialog";
  /** What screen readers call it: words, or the id of the element that has them. */
  readonly label?: string;
  readonly labelledBy?: string;
  readonly describedBy?: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** Rendered only while it is open. */
export function Modal({ class: name, size = "medium", role, label, labelledBy, describedBy, close, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const own = useRef(Symbol("modal")).current;
  useFocusReturn(element);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    current.showModal();
    focusFirst(current);
    openModals.value = [...openModals.peek(), own];
    return () => {
      openModals.value = openModals.peek().filter((other) => other !== own);
      current.close();
    };
  }, [own]);
  useBackdrop(element, close);
  return (
    <dialog
      ref={element}
      class={name}
      data-size={size}
      role={role === "alertdialog" ? role : undefined}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      tabIndex={-1}
      onCancel={(event) => {
        // Whoever renders it decides: they may have something to ask first.
        event.preventDefault();
        if (event.target === event.currentTarget) close();
      }}
    >
      {children}
      <Notices host={own} />
    </dialog>
  );
}

/** A press that begins and ends on the backdrop closes it; one that only ends there was a selection of text. */
function useBackdrop(element: { current: HTMLDialogElement | null }, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    let began = false;
    const isBackdrop = ({ target, clientX, clientY }: PointerEvent | MouseEvent): boolean => {
      if (target !== current) return false;
      const { left, right, top, bottom } = current.getBoundingClientRect();
      return clientX < left || clientX > right || clientY < top || clientY > bottom;
    };
    const listen = new AbortController();
    const { signal: until } = listen;
    current.addEventListener("pointerdown", (event) => (began = isBackdrop(event)), { signal: until });
    current.addEventListener("click", (event) => began && isBackdrop(event) && latest.current(), { signal: until });
    return () => listen.abort();
  }, [element]);
}
