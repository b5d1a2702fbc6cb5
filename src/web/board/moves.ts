/** Moving cards: what a drag, the keyboard and the menu have in common. */
import type { Place } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";
import { announcement, notify, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import type { Board } from "./context.ts";
import type { BoardModel, Hand } from "./model.ts";
import { type Direction, nextGap, ordinalOf, placeOf, presentPlace, sameGap } from "./places.ts";
import { nameOf } from "./removal.ts";

const words = texts.board;

/** The card is in the hand, over its own place. */
export function pickUp(model: BoardModel, taskId: string, by: Hand["by"]): void {
  const at = model.listWith(taskId);
  const task = model.tasks.peek().get(taskId);
  if (!at || !task) return;
  const index = at.list.findIndex(({ id }) => id === taskId);
  model.hand.value = { taskId, by, gap: { status: at.status, index } };
  const { position, count } = ordinalOf({ status: at.status, index }, at.list, taskId);
  announcement.value = words.pickedUp(nameOf(task), position, count);
}

/** The card is carried over another gap, or over none. */
export function carry(model: BoardModel, gap: Hand["gap"]): void {
  const hand = model.hand.peek();
  if (hand && !sameGap(hand.gap, gap)) model.hand.value = { ...hand, gap };
}

/** One step by keyboard, told to who cannot see it. */
export function carryOn(model: BoardModel, direction: Direction): void {
  const hand = model.hand.peek();
  if (!hand?.gap) return;
  const gap = nextGap(hand.gap, direction, model.orderedLists(), hand.taskId);
  carry(model, gap);
  const list = model.lists.peek().shown.get(gap.status) ?? [];
  const { position, count } = ordinalOf(gap, list, hand.taskId);
  announcement.value = words.carriedTo(columnName(model, gap.status), position, count);
}

/** Puts the card back where it was. */
export function letGo(model: BoardModel): void {
  const hand = model.hand.peek();
  if (!hand) return;
  model.hand.value = null;
  const task = model.tasks.peek().get(hand.taskId);
  if (task) announcement.value = words.putBack(nameOf(task));
}

/** The card lands in the gap it is over. */
export function drop(board: Board, model: BoardModel): void {
  const hand = model.hand.peek();
  const task = hand ? model.tasks.peek().get(hand.taskId) : undefined;
  if (!hand || !task) return;
  const list = hand.gap ? (model.lists.peek().shown.get(hand.gap.status) ?? []) : [];
  const place = hand.gap ? placeOf(hand.gap, list, task) : null;
  if (place === null) {
    letGo(model);
    return;
  }
  model.hand.value = null;
  moveTask(board, model, task, place);
}

/** Moves at once; the server's refusal takes it back. The notice leads back to where the card stood. */
export function moveTask(board: Board, model: BoardModel, task: Task, place: Place): void {
  const at = model.listWith(task.id);
  const before = presentPlace(task, at?.list ?? []);
  watch(board.client.moveTask(task.id, place));
  const text = words.moved(nameOf(task), columnName(model, place.status));
  const undo = () => watch(board.client.moveTask(task.id, before));
  // One way back is enough: the last one.
  lastMove();
  lastMove = notify({ text, action: { text: texts.common.undo, run: undo } });
}
let lastMove = (): void => {};

const columnName = (model: BoardModel, status: string): string =>
  model.columns.peek().find((column) => column.status === status)?.name ?? status;
