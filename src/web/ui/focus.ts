/** Where the focus goes when something opens, and where it comes back to. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

const focusable = [
  "a[href]",
  "button:not(:disabled)",
  "input:not(:disabled)",
  "select:not(:disabled)",
  "textarea:not(:disabled)",
  "[tabindex]",
].join(",");

/** What Tab reaches inside of `root`, in order. */
function focusableIn(root: Element): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(focusable)].filter(
    (element) => element.tabIndex >= 0 && element.checkVisibility(),
  );
}

/** `[data-autofocus]`, else the first that takes it, else `root` itself (with `tabindex="-1"`). */
export function focusFirst(root: HTMLElement): void {
  const wanted = root.querySelector<HTMLElement>("[data-autofocus]") ?? focusableIn(root)[0] ?? root;
  // What takes it by script only is a region: it is read from where it begins.
  wanted.focus({ preventScroll: wanted.tabIndex < 0 });
}

/** When the component goes, the focus returns to where it was when it came, if what holds it goes with it. */
export function useFocusReturn(inside: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const before = document.activeElement;
    const root = inside.current;
    return () => {
      const now = document.activeElement;
      const lost = now === null || now === document.body || root?.contains(now) === true;
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [inside]);
}
