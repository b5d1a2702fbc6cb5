/** While a card is carried along an edge, what lies beyond it comes into sight. */

/** How near to an edge it begins, px. */
const zone = 56;
/** At the edge itself, px a frame. */
const fastest = 18;

export interface Autoscroll {
  /** The pointer is there now. */
  at(x: number, y: number): void;
  stop(): void;
}

/** Scrolls the board sideways and the list under the pointer up and down; `moved` is called after each step. */
export function createAutoscroll(root: HTMLElement, moved: () => void): Autoscroll {
  let pointer: { x: number; y: number } | null = null;
  let frame = 0;
  const step = () => {
    frame = 0;
    if (!pointer) return;
    const { x, y } = pointer;
    const list = listAt(root, x);
    const sideways = scroll(root, { left: paceAt(x, root.getBoundingClientRect(), "left", "right") });
    const along = list && scroll(list, { top: paceAt(y, list.getBoundingClientRect(), "top", "bottom") });
    if (sideways || along) moved();
    frame = requestAnimationFrame(step);
  };
  return {
    at(x, y) {
      pointer = { x, y };
      if (frame === 0) frame = requestAnimationFrame(step);
    },
    stop() {
      pointer = null;
      cancelAnimationFrame(frame);
      frame = 0;
    },
  };
}

function listAt(root: HTMLElement, x: number): HTMLElement | undefined {
  return [...root.querySelectorAll<HTMLElement>("[data-cards]")].find((list) => {
    const { left, right } = list.getBoundingClientRect();
    return x >= left && x < right;
  });
}

/** Did it move? */
function scroll(element: HTMLElement, by: { readonly left?: number; readonly top?: number }): boolean {
  const { scrollLeft, scrollTop } = element;
  if (by.left) element.scrollLeft += by.left;
  if (by.top) element.scrollTop += by.top;
  return element.scrollLeft !== scrollLeft || element.scrollTop !== scrollTop;
}

/** px a frame, faster towards the edge; 0 in the middle. */
function paceAt(at: number, box: DOMRect, low: "left" | "top", high: "right" | "bottom"): number {
  // A box smaller than two zones would have no middle.
  const width = Math.min(zone, (box[high] - box[low]) / 4);
  const before = box[low] + width - at;
  const behind = at - (box[high] - width);
  if (before > 0) return -Math.ceil(Math.min(1, before / width) * fastest);
  return behind > 0 ? Math.ceil(Math.min(1, behind / width) * fastest) : 0;
}
