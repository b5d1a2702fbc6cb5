/** The board's columns: their order, names, limits, and which of them mean done. */
import { useRef } from "preact/hooks";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { announcement, watch } from "../notices.ts";
import { moved, useReorder } from "../reorder.ts";
import { texts } from "../texts/index.ts";
import { AddByName } from "./add-by-name.tsx";
import { ColumnRow } from "./column-row.tsx";
import { changeColumn } from "./column-writes.ts";

const words = texts.settings.columns;

export function ColumnsTab({ board }: { readonly board: Board }) {
  const columns = useLive(board.store.columns);
  const counts = useCounts(board);
  const list = useRef<HTMLUListElement>(null);
  const move = (from: number, to: number) => {
    const [column, there] = [columns[from], columns[to]];
    if (!column || !there) return;
    announcement.value = words.moved(column.name, to + 1, columns.length);
    changeColumn(board, column, to > from ? { after: there.id } : { before: there.id });
  };
  const reorder = useReorder(list, columns.length, move);
  const { held } = reorder;
  // While a row is in the hand the others make room for it.
  const order = held ? moved(columns, held.from, held.to) : columns;
  return (
    <section class="section" aria-labelledby="columns-title">
      <div class="section-head">
        <h2 id="columns-title">{words.title}</h2>
        <p class="quiet">{words.hint}</p>
      </div>
      <ul ref={list} class="rows" aria-labelledby="columns-title" data-dragging={held !== null || undefined}>
        {order.map((column) => (
          <ColumnRow
            key={column.id}
            board={board}
            column={column}
            columns={columns}
            count={counts.get(column.status) ?? 0}
            held={held !== null && columns[held.from] === column}
            handle={reorder.handle(columns.indexOf(column))}
          />
        ))}
      </ul>
      {board.mayManage && (
        <AddByName
          label={words.new}
          addText={words.add}
          max={100}
          taken={words.taken}
          add={async (name) => watch(board.client.createColumn(board.store.id, name))}
        />
      )}
      <p class="quiet">{words.limitHint}</p>
    </section>
  );
}

/** Status → tasks on the board. */
function useCounts({ store }: Board): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of useLive(store.tasks).values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}
