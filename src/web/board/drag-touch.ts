/**
 * Dragging with a finger: hold a card, then move it. The browser's own drag and drop begins on phones late or not at all,
 * cannot be told from scrolling and shows no place; so fingers are followed here.
 */
import { createAutoscroll } from "./autoscroll.ts";
import type { Board } from "./context.ts";
import { gapUnder } from "./geometry.ts";
import type { BoardModel } from "./model.ts";
import { carry, drop, letGo, pickUp } from "./moves.ts";

/** So long the finger rests before it holds the card. */
const holdMs = 280;
/** A finger that moved so far before that scrolls, px. */
const slop = 8;

interface Hold {
  readonly touchId: number;
  readonly startX: number;
  readonly startY: number;
  readonly card: HTMLElement;
  readonly taskId: string;
  readonly timer: ReturnType<typeof setTimeout>;
  /** The copy under the finger, once the card is held. */
  copy: HTMLElement | undefined;
}

/** Takes fingers on the cards of `root`. Answers the end of it. */
export function takeTouches(root: HTMLElement, latest: () => Board, model: BoardModel): () => void {
  const listen = new AbortController();
  const { signal } = listen;
  let hold: Hold | undefined;
  let at = { x: 0, y: 0 };
  const follow = () => carry(model, gapUnder(root, at.x, at.y));
  const autoscroll = createAutoscroll(root, follow);

  const end = () => {
    if (!hold) return;
    clearTimeout(hold.timer);
    hold.copy?.remove();
    hold = undefined;
    autoscroll.stop();
  };
  const lift = () => {
    if (!hold) return;
    hold.copy = copyOf(hold.card);
    moveCopy(hold, at);
    navigator.vibrate?.(10);
    pickUp(model, hold.taskId, "touch");
  };
  const touchOf = ({ changedTouches }: TouchEvent): Touch | undefined =>
    [...changedTouches].find(({ identifier }) => identifier === hold?.touchId);

  const start = (event: TouchEvent) => {
    const [touch] = event.touches;
    // A second finger zooms or scrolls.
    if (event.touches.length > 1 || !touch) {
      if (hold?.copy) letGo(model);
      return end();
    }
    const card = cardUnder(event.target);
    const taskId = card?.dataset.task;
    if (!card || taskId === undefined || !latest().mayWrite || model.editing.peek() === taskId) return;
    at = { x: touch.clientX, y: touch.clientY };
    const timer = setTimeout(lift, holdMs);
    hold = { touchId: touch.identifier, startX: at.x, startY: at.y, card, taskId, timer, copy: undefined };
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
    follow();
  };
  const lay = (event: TouchEvent) => {
    if (!touchOf(event)) return;
    const isHeld = hold?.copy !== undefined;
    end();
    if (!isHeld) return;
    // Or it would be a click on what lies there.
    event.preventDefault();
    drop(latest(), model);
  };
  const cancel = () => {
    if (hold?.copy) letGo(model);
    end();
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
function cardUnder(target: EventTarget | null): HTMLElement | null {
  if (!(target instanceof Element) || target.closest("button, textarea, input, [popover]")) return null;
  return target.closest<HTMLElement>("[data-task]");
}

function copyOf(card: HTMLElement): HTMLElement {
  const copy = document.createElement("div");
  copy.className = "card card-copy";
  copy.setAttribute("aria-hidden", "true");
  copy.append(...[...card.childNodes].map((node) => node.cloneNode(true)));
  for (const element of copy.querySelectorAll("[id]")) element.removeAttribute("id");
  const { width, left, top } = card.getBoundingClientRect();
  Object.assign(copy.style, { width: `${width}px`, left: `${left}px`, top: `${top}px` });
  document.body.append(copy);
  return copy;
}

function moveCopy({ copy, startX, startY }: Hold, at: { readonly x: number; readonly y: number }): void {
  if (copy) copy.style.transform = `translate(${at.x - startX}px, ${at.y - startY}px) rotate(2deg)`;
}
