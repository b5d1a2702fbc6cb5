/**
 * Holding something with a finger, then moving it. The browser's own drag and drop begins on phones late or not at all,
 * cannot be told from scrolling and shows no place; so fingers are followed here.
 */
import { createAutoscroll } from "./autoscroll.ts";

/** So long the finger rests before it holds. */
const holdMs = 280;
/** A finger that moved so far before that scrolls, px. */
const slop = 8;

/** What a finger can hold, from the moment it does to the moment it lets go. */
export interface Holdable {
  /** A copy of it is carried under the finger. */
  readonly element: HTMLElement;
  lift(): void;
  /** The finger is there now, px of the window. */
  carry(x: number, y: number): void;
  drop(): void;
  /** As if it had not been held. */
  letGo(): void;
}

interface Hold {
  readonly touchId: number;
  readonly startX: number;
  readonly startY: number;
  readonly thing: Holdable;
  readonly timer: ReturnType<typeof setTimeout>;
  /** The copy under the finger, once it is held. */
  copy: HTMLElement | undefined;
}

/** Takes fingers on `root`; `find` tells what one under it can hold. Answers the end of it. */
export function takeHolds(root: HTMLElement, find: (target: Element) => Holdable | undefined): () => void {
  const listen = new AbortController();
  const { signal } = listen;
  let hold: Hold | undefined;
  let at = { x: 0, y: 0 };
  const autoscroll = createAutoscroll(root, () => hold?.thing.carry(at.x, at.y));

  const end = () => {
    if (!hold) return;
    clearTimeout(hold.timer);
    hold.copy?.remove();
    hold = undefined;
    autoscroll.stop();
  };
  const cancel = () => {
    if (hold?.copy) hold.thing.letGo();
    end();
  };
  const lift = () => {
    if (!hold) return;
    hold.copy = copyOf(hold.thing.element);
    moveCopy(hold, at);
    navigator.vibrate?.(10);
    hold.thing.lift();
  };
  const touchOf = ({ changedTouches }: TouchEvent): Touch | undefined =>
    [...changedTouches].find(({ identifier }) => identifier === hold?.touchId);

  const start = (event: TouchEvent) => {
    const [touch] = event.touches;
    // A second finger zooms or scrolls.
    if (event.touches.length > 1 || !touch) return cancel();
    const thing = isFree(event.target) ? find(event.target) : undefined;
    if (!thing) return;
    at = { x: touch.clientX, y: touch.clientY };
    const timer = setTimeout(lift, holdMs);
    hold = { touchId: touch.identifier, startX: at.x, startY: at.y, thing, timer, copy: undefined };
  };
  const move = (event: TouchEvent) => {
    const touch = touchOf(event);
    if (!hold || !touch) return;
    at = { x: touch.clientX, y: touch.clientY };
    if (!hold.copy) {
      if (Math.hypot(at.x - hold.startX, at.y - hold.startY) > slop) end();
      return;
    }
    // Or the browser would scroll.
    event.preventDefault();
    moveCopy(hold, at);
    autoscroll.at(at.x, at.y);
    hold.thing.carry(at.x, at.y);
  };
  const lay = (event: TouchEvent) => {
    if (!touchOf(event)) return;
    const held = hold?.copy && hold.thing;
    end();
    if (!held) return;
    // Or it would be a click on what lies there.
    event.preventDefault();
    held.drop();
  };

  root.addEventListener("touchstart", start, { signal, passive: true });
  root.addEventListener("touchmove", move, { signal, passive: false });
  root.addEventListener("touchend", lay, { signal, passive: false });
  root.addEventListener("touchcancel", cancel, { signal });
  // A long press opens no menu of the browser while it is ours.
  root.addEventListener("contextmenu", (event) => hold && event.preventDefault(), { signal });
  return () => {
    cancel();
    listen.abort();
  };
}

/** What has a use of its own under the finger is not held. */
const isFree = (target: EventTarget | null): target is Element =>
  target instanceof Element && target.closest("button:not([data-grip]), textarea, input, [popover]") === null;

function copyOf(element: HTMLElement): HTMLElement {
  const copy = document.createElement("div");
  copy.className = `${element.className} ${element.className}-copy`;
  copy.setAttribute("aria-hidden", "true");
  copy.append(...[...element.childNodes].map((node) => node.cloneNode(true)));
  for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
  const { width, left, top } = element.getBoundingClientRect();
  Object.assign(copy.style, { width: `${width}px`, left: `${left}px`, top: `${top}px` });
  document.body.append(copy);
  return copy;
}

function moveCopy({ copy, startX, startY }: Hold, at: { readonly x: number; readonly y: number }): void {
  if (copy) copy.style.transform = `translate(${at.x - startX}px, ${at.y - startY}px) rotate(2deg)`;
}
