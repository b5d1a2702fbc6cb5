/** Dragging a column by its head. With the keyboard its menu moves it. */
import { draggable, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { moveColumn } from "./column-actions.ts";
import type { Board } from "./context.ts";
import { startedByTouch } from "./drag-mouse.ts";
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
  const move = (id: string, x: number) => {
    const before = columnBehind(root, x);
    const { value } = model.columnHand;
    if (value?.before !== before || value?.id !== id) model.columnHand.value = { id, before };
  };
  return monitorForElements({
    canMonitor: ({ source }) => idOf(source.data) !== undefined,
    onDrag: ({ source, location: { current } }) => {
      const id = idOf(source.data);
      if (id !== undefined) move(id, current.input.clientX);
    },
    onDrop: ({ source, location: { current } }) => {
      model.columnHand.value = null;
      const id = idOf(source.data);
      if (id !== undefined && current.dropTargets.length > 0)
        land(latest(), model, id, columnBehind(root, current.input.clientX));
    },
  });
}

/** The column in front of which one dropped at `x` lands; null behind all. */
function columnBehind(root: HTMLElement, x: number): string | null {
  for (const column of root.querySelectorAll<HTMLElement>("[data-column]")) {
    const { left, width } = column.getBoundingClientRect();
    if (x < left + width / 2) return column.dataset.column ?? null;
  }
  return null;
}

function land(board: Board, model: BoardModel, id: string, before: string | null): void {
  const columns = model.columns.peek();
  const index = columns.findIndex((column) => column.id === id);
  const column = columns[index];
  // In front of itself or of the next one it stands already.
  if (!column || before === id || (columns[index + 1]?.id ?? null) === before) return;
  const last = columns.at(-1);
  if (before !== null) moveColumn(board, column, { before });
  else if (last) moveColumn(board, column, { after: last.id });
}
