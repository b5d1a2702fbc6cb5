/** Changes of columns. The room's event shows them, here and to everybody. */
import type { CreateColumn, UpdateColumn } from "../../protocol/columns.ts";
import type { Column } from "../../protocol/projects.ts";
import { announcement, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import type { Board } from "./context.ts";

const pathOf = ({ store }: Board, column?: Column): string =>
  `/api/projects/${store.id}/columns${column ? `/${column.id}` : ""}`;

const change = (board: Board, column: Column, body: UpdateColumn): Promise<Column> =>
  board.client.rest.request<Column>("PATCH", pathOf(board, column), body);

export const renameColumn = (board: Board, column: Column, name: string): void =>
  watch(change(board, column, { name }));

/** In front of one column, or behind another (by id). */
export function moveColumn(board: Board, column: Column, place: { readonly before?: string; readonly after?: string }) {
  const moved = change(board, column, place).then(() => {
    announcement.value = texts.board.columnMoved(column.name);
  });
  watch(moved);
}

/** null: as many as there are. Throws TaskwireError. */
export const setLimit = (board: Board, column: Column, limit: number | null): Promise<Column> =>
  change(board, column, { wip_limit: limit });

/** At the end. Throws TaskwireError. */
export function createColumn(board: Board, name: string): Promise<Column> {
  const body: CreateColumn = { name };
  return board.client.rest.request<Column>("POST", pathOf(board), body);
}

/** Its tasks, archived ones too, go to the column with the status `moveTo`. Throws TaskwireError. */
export async function deleteColumn(board: Board, column: Column, moveTo: string): Promise<void> {
  const query = new URLSearchParams({ move_to: moveTo });
  await board.client.rest.request("DELETE", `${pathOf(board, column)}?${query}`);
}
