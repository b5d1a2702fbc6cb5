/** Dragging a column by its head with a mouse. */
import { draggable, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { carryColumn, dropColumn, letGoColumn, pickUpColumn } from "./column-moves.ts";
import type { Board } from "./context.ts";
import { startedByTouch } from "./drag-mouse.ts";
import { columnBehind } from "./geometry.ts";
import type { BoardModel } from "./model.ts";

const columnKey = "columnId";

/** Answers the end of it. */
export function makeColumnDraggable(element: HTMLElement, head: HTMLElement, model: BoardModel, id: string) {
  return draggable({
    element,
    dragHandle: head,
    canDrag: () =>
      !startedByTouch() && model.columns.peek().length > 1 && !head.contains(document.querySelector("input:focus")),
    getInitialData: () => ({ [columnKey]: id }),
  });
}

/** Takes columns dragged over `root`. Answers the end of it. */
export function takeColumns(root: HTMLElement, latest: () => Board, model: BoardModel): () => void {
  const idOf = (data: Record<string | symbol, unknown>): string | undefined => {
    const id = data[columnKey];
    return typeof id === "string" ? id : undefined;
  };
  return monitorForElements({
    canMonitor: ({ source }) => idOf(source.data) !== undefined,
    onDragStart: ({ source }) => pickUpColumn(model, idOf(source.data) ?? ""),
    onDrag: ({ location: { current } }) => carryColumn(model, columnBehind(root, current.input.clientX)),
    onDrop: ({ location: { current } }) => {
      // Outside of the board, or given up with Escape.
      if (current.dropTargets.length === 0) return letGoColumn(model);
      carryColumn(model, columnBehind(root, current.input.clientX));
      dropColumn(latest(), model);
    },
  });
}
