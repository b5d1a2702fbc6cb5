/** Changes of columns. The room's event shows them, here and to everybody. */
import type { CreateColumn, UpdateColumn } from "../../protocol/columns.ts";
import type { Column } from "../../protocol/projects.ts";
import { sentence } from "../action.ts";
import type { Board } from "../board/context.ts";
import { notify, reasonOf } from "../notices.ts";

const pathOf = ({ store }: Board): string => `/api/projects/${store.id}/columns`;

/** At the end. Throws TaskwireError. */
export function createColumn(board: Board, name: string): Promise<Column> {
  const body: CreateColumn = { name };
  return board.client.rest.request<Column>("POST", pathOf(board), body);
}

/** Its tasks, archived ones too, go to the column with the status `moveTo`. Throws TaskwireError. */
export async function deleteColumn(board: Board, column: Column, moveTo: string): Promise<void> {
  const query = new URLSearchParams({ move_to: moveTo });
  await board.client.rest.request("DELETE", `${pathOf(board)}/${column.id}?${query}`);
}

/** Only a refusal is told. */
export function changeColumn(board: Board, column: Column, body: UpdateColumn, failed?: () => void): void {
  board.client.rest.request<Column>("PATCH", `${pathOf(board)}/${column.id}`, body).catch((error: unknown) => {
    failed?.();
    notify({ text: sentence(reasonOf(error)), tone: "problem" });
  });
}
