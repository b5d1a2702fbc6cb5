/** Moving columns: what a drag, a finger, the keyboard and the menu have in common. */
import type { Column } from "../../protocol/projects.ts";
import { announcement, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";

const words = texts.board;

/** The column is in the hand, over its own place. */
export function pickUpColumn(model: BoardModel, id: string): void {
  const columns = model.columns.peek();
  const index = columns.findIndex((column) => column.id === id);
  model.columnHand.value = { id, before: columns[index + 1]?.id ?? null };
}

/** It is carried to in front of another one; null: behind all. */
export function carryColumn(model: BoardModel, before: string | null): void {
  const { value } = model.columnHand;
  if (value && value.before !== before) model.columnHand.value = { ...value, before };
}

export function letGoColumn(model: BoardModel): void {
  model.columnHand.value = null;
}

/** It lands where it is. */
export function dropColumn(board: Board, model: BoardModel): void {
  const hand = model.columnHand.peek();
  letGoColumn(model);
  if (!hand) return;
  const columns = model.columns.peek();
  const from = columns.findIndex(({ id }) => id === hand.id);
  const before = hand.before === null ? columns.length : columns.findIndex(({ id }) => id === hand.before);
  if (from >= 0 && before >= 0) moveColumn(board, model, from, before > from ? before - 1 : before);
}

/** From one place on the board to another, counted from 0: at once, and told to who cannot see it. */
export function moveColumn(board: Board, model: BoardModel, from: number, to: number): void {
  const columns = model.columns.peek();
  const column = columns[from];
  const place = placeAt(columns, from, to);
  if (!column || !place) return;
  watch(board.client.updateColumn(board.store.id, column.id, place));
  announcement.value = words.columnMoved(column.name, to + 1, columns.length);
}

/** Undefined where it stands there already, or nothing stands there. */
function placeAt(columns: readonly Column[], from: number, to: number) {
  const there = columns[to];
  if (!there || from === to) return undefined;
  return to > from ? { after: there.id } : { before: there.id };
}
