/** Dragging with a finger: cards wherever they are held, columns by their heads. */
import { carryColumn, dropColumn, letGoColumn, pickUpColumn } from "./column-moves.ts";
import type { Board } from "./context.ts";
import { columnBehind, gapUnder } from "./geometry.ts";
import type { BoardModel } from "./model.ts";
import { carry, drop, letGo, pickUp } from "./moves.ts";
import { type Holdable, takeHolds } from "./touch-hold.ts";

/** Takes fingers on the cards and columns of `root`. Answers the end of it. */
export function takeTouches(root: HTMLElement, latest: () => Board, model: BoardModel): () => void {
  const cardUnder = (target: Element): Holdable | undefined => {
    const element = target.closest<HTMLElement>("[data-task]");
    const taskId = element?.dataset.task;
    if (!element || taskId === undefined || !latest().mayWrite || model.editing.peek() === taskId) return undefined;
    return {
      element,
      lift: () => pickUp(model, taskId, "touch"),
      carry: (x, y) => carry(model, gapUnder(root, x, y)),
      drop: () => drop(latest(), model),
      letGo: () => letGo(model),
    };
  };
  const headUnder = (target: Element): Holdable | undefined => {
    const element = target.closest<HTMLElement>(".column-head");
    const id = element?.closest<HTMLElement>("[data-column]")?.dataset.column;
    if (!element || id === undefined || !latest().mayManage || model.columns.peek().length < 2) return undefined;
    return {
      element,
      lift: () => pickUpColumn(model, id),
      carry: (x) => carryColumn(model, columnBehind(root, x)),
      drop: () => dropColumn(latest(), model),
      letGo: () => letGoColumn(model),
    };
  };
  return takeHolds(root, (target) => cardUnder(target) ?? headUnder(target));
}
