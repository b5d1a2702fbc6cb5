/** What keys do on a card. */
import type { TargetedKeyboardEvent } from "preact";
import type { Task } from "../../protocol/tasks.ts";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";
import { carryOn, drop, letGo, pickUp } from "./moves.ts";
import { type Direction, neighbourOf } from "./places.ts";
import { removeTask } from "./removal.ts";

const arrows: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

/** Handles the key, or leaves it to the browser and the page's shortcuts. */
export function pressOnCard(
  event: TargetedKeyboardEvent<HTMLElement>,
  board: Board,
  model: BoardModel,
  task: Task,
): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isCarrying = model.hand.peek()?.by === "keys";
  const handled = (isCarrying && pressWhileCarrying(event.key, board, model)) || press(event.key, board, model, task);
  if (!handled) return;
  event.preventDefault();
  event.stopPropagation();
}

function pressWhileCarrying(key: string, board: Board, model: BoardModel): boolean {
  const direction = arrows[key];
  if (direction) carryOn(model, direction);
  else if (key === " " || key === "Enter") drop(board, model);
  else if (key === "Escape" || key === "Tab") letGo(model);
  // Tab goes on to where it leads.
  return key !== "Tab" && (direction !== undefined || [" ", "Enter", "Escape"].includes(key));
}

function press(key: string, board: Board, model: BoardModel, task: Task): boolean {
  const direction = arrows[key];
  if (direction) {
    const next = neighbourOf(task.id, direction, model.orderedLists());
    if (next) model.focus.to(next.id);
    return true;
  }
  if (key === "Home" || key === "End") {
    const end = model.listWith(task.id)?.list.at(key === "Home" ? 0 : -1);
    if (end) model.focus.to(end.id);
    return true;
  }
  return board.mayWrite && pressToChange(key, board, model, task);
}

function pressToChange(key: string, board: Board, model: BoardModel, task: Task): boolean {
  if (key === " ") pickUp(model, task.id, "keys");
  else if (key === "e" || key === "F2") model.editing.value = task.id;
  else if (key === "Delete" || key === "Backspace") removeTask(board, task);
  else return false;
  return true;
}
