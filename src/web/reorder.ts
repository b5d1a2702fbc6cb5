/** Dragging the rows of a list by a handle, with mouse, pen or finger; by keyboard the handle takes the arrow keys. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

export interface Reorder {
  /** The row in the hand and the place it would take, counted from 0. */
  readonly held: { readonly from: number; readonly to: number } | null;
  /** For the handle of the row at this place. */
  readonly handle: (index: number) => {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

const keys: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

/** `list`: its rows are the children. `move` is told once, when the row is put down elsewhere. */
export function useReorder(
  list: { readonly current: HTMLElement | null },
  count: number,
  move: (from: number, to: number) => void,
): Reorder {
  const held = useSignal<Reorder["held"]>(null);
  const latest = useRef(move);
  latest.current = move;

  const pickUp = (from: number, event: PointerEvent) => {
    if (event.button !== 0) return;
    held.value = { from, to: from };
    const listen = new AbortController();
    const { signal } = listen;
    const end = (putDown: boolean) => {
      listen.abort();
      const at = held.peek();
      held.value = null;
      if (putDown && at && at.to !== from) latest.current(from, at.to);
    };
    const follow = ({ clientY }: PointerEvent) => {
      const now = held.peek()?.to ?? from;
      const to = placeAt(list.current, now, clientY);
      if (now !== to) held.value = { from, to };
    };
    // Of the document: the row moves in it while it is held, and an element that is moved loses the pointer.
    document.addEventListener("pointermove", follow, { signal });
    document.addEventListener("pointerup", () => end(true), { signal });
    document.addEventListener("pointercancel", () => end(false), { signal });
    document.addEventListener("keydown", ({ key }) => key === "Escape" && end(false), { signal });
  };

  return {
    held: held.value,
    handle: (index) => ({
      onPointerDown: (event) => pickUp(index, event),
      onKeyDown: (event) => {
        const to = index + (keys[event.key] ?? 0);
        if (to === index || to < 0 || to >= count) return;
        event.preventDefault();
        const { currentTarget } = event;
        latest.current(index, to);
        // A row that is moved in the document loses the focus.
        requestAnimationFrame(() => currentTarget instanceof HTMLElement && currentTarget.focus());
      },
    }),
  };
}

/** How many of the rows have their middle above the pointer, but for the held one, which stands at `now`. */
function placeAt(list: HTMLElement | null, now: number, clientY: number): number {
  const rows = [...(list?.children ?? [])].filter((_, index) => index !== now);
  return rows.filter((row) => {
    const { top, height } = row.getBoundingClientRect();
    return clientY > top + height / 2;
  }).length;
}

/** The list with the item at `from` standing at `to`. */
export function moved<Item>(items: readonly Item[], from: number, to: number): readonly Item[] {
  const rest = items.filter((_, index) => index !== from);
  const item = items[from];
  return item === undefined ? items : [...rest.slice(0, to), item, ...rest.slice(to)];
}
