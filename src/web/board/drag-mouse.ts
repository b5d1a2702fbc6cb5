/** Dragging with a mouse: the browser's own drag and drop, so that a card can also be dropped into another window as a link. */
import {
  draggable,
  dropTargetForElements,
  type ElementEventBasePayload,
  monitorForElements,
} from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { taskPath } from "../route.ts";
import { createAutoscroll } from "./autoscroll.ts";
import type { Board } from "./context.ts";
import { gapUnder } from "./geometry.ts";
import type { BoardModel } from "./model.ts";
import { carry, drop, letGo, pickUp } from "./moves.ts";

type DragLocation = ElementEventBasePayload["location"]["current"];

const cardKey = "taskId";

/** Fingers have a way of their own (drag-touch.ts): a drag that one began is none of the browser's business. */
let lastPointer = "mouse";
document.addEventListener("pointerdown", ({ pointerType }) => (lastPointer = pointerType), { capture: true });
export const startedByTouch = (): boolean => lastPointer === "touch";

/** Answers the end of it. */
export function makeDraggable(element: HTMLElement, model: BoardModel, taskId: string): () => void {
  return draggable({
    element,
    canDrag: () => !startedByTouch() && model.editing.peek() !== taskId,
    getInitialData: () => ({ [cardKey]: taskId }),
    getInitialDataForExternal: () => ({
      "text/uri-list": new URL(taskPath(model.store.id, taskId), location.href).href,
      "text/plain": model.tasks.peek().get(taskId)?.title ?? "",
    }),
  });
}

/** Takes what is dragged over `root`. Answers the end of it. */
export function takeDrags(root: HTMLElement, latest: () => Board, model: BoardModel): () => void {
  let at = { clientX: 0, clientY: 0 };
  const follow = () => carry(model, gapUnder(root, at.clientX, at.clientY));
  const autoscroll = createAutoscroll(root, follow);
  const isCard = (data: Record<string | symbol, unknown>): boolean => typeof data[cardKey] === "string";
  // Cards and columns, which have a monitor of their own.
  const stopTarget = dropTargetForElements({ element: root });
  const over = ({ input, dropTargets }: DragLocation) => {
    at = input;
    if (dropTargets.length > 0) {
      autoscroll.at(at.clientX, at.clientY);
      follow();
    } else {
      autoscroll.stop();
      carry(model, null);
    }
  };
  const stopMonitor = monitorForElements({
    canMonitor: ({ source }) => isCard(source.data),
    onDragStart: ({ source }) => {
      const taskId = source.data[cardKey];
      if (typeof taskId === "string") pickUp(model, taskId, "mouse");
    },
    onDrag: ({ location }) => over(location.current),
    onDropTargetChange: ({ location }) => over(location.current),
    onDrop: ({ location: { current } }) => {
      autoscroll.stop();
      // Outside of the board, or given up with Escape.
      if (current.dropTargets.length === 0) return letGo(model);
      carry(model, gapUnder(root, current.input.clientX, current.input.clientY));
      drop(latest(), model);
    },
  });
  return () => {
    stopTarget();
    stopMonitor();
    autoscroll.stop();
  };
}
