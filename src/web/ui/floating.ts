/** Where what floats beside something stands: inside of the window, on the wanted side where there is room. */

export type Placement = "below" | "above" | "right" | "left";

/** Between the two, and to the window's edge; px. */
const gap = 4;
const edge = 8;

export interface Floating {
  readonly placement: Placement;
  /** Which edges stand in line, for `below` and `above`. */
  readonly align: "start" | "end";
}

/** Sets `left` and `top` of `element`, which is `position: fixed`, beside `anchor`. */
export function place(element: HTMLElement, anchor: Element, { placement, align }: Floating): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const [spaceWidth, spaceHeight] = [document.documentElement.clientWidth, document.documentElement.clientHeight];
  let left = align === "start" ? at.left : at.right - width;
  let top = at.bottom + gap;
  if (placement === "above" || (placement === "below" && top + height > spaceHeight - edge && at.top > height + edge)) {
    top = at.top - gap - height;
  }
  if (placement === "right" || placement === "left") {
    top = at.top;
    const right = at.right + gap;
    left = placement === "right" && right + width <= spaceWidth - edge ? right : at.left - gap - width;
  }
  element.style.left = `${clamp(left, edge, spaceWidth - width - edge)}px`;
  element.style.top = `${clamp(top, edge, spaceHeight - height - edge)}px`;
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(value, most));
