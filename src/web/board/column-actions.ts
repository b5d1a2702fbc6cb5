/** What is done to a column when somebody has been asked: the rest are verbs of the client. */
import type { Column } from "../../protocol/projects.ts";
import type { Board } from "./context.ts";

/** Its tasks, archived ones too, go to the column with the status `moveTo`. Throws TaskwireError. */
export async function deleteColumn({ client, store }: Board, column: Column, moveTo: string): Promise<void> {
  const query = new URLSearchParams({ move_to: moveTo });
  await client.rest.request("DELETE", `/api/projects/${store.id}/columns/${column.id}?${query}`);
}
