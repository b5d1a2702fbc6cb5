/** Changes of columns: shown at once, here and on the board; only a refusal is told. */
import type { Taskwire } from "../../client/index.ts";
import type { Column } from "../../protocol/projects.ts";
import { sentence } from "../action.ts";
import type { Board } from "../board/context.ts";
import { notify, reasonOf } from "../notices.ts";

export function changeColumn(board: Board, column: Column, changes: Parameters<Taskwire["updateColumn"]>[2]): void {
  const { client, store } = board;
  client.updateColumn(store.id, column.id, changes).catch((error: unknown) => {
    notify({ text: sentence(reasonOf(error)), tone: "problem" });
  });
}
