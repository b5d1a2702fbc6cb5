/** The board's columns: their order, names, limits, and which of them mean done. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { UpdateColumn } from "../../protocol/columns.ts";
import type { Column } from "../../protocol/projects.ts";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { announcement } from "../notices.ts";
import { moved, useReorder } from "../reorder.ts";
import { texts } from "../texts/index.ts";
import { AddByName } from "./add-by-name.tsx";
import { ColumnRow } from "./column-row.tsx";
import { changeColumn, createColumn } from "./column-writes.ts";

const words = texts.settings.columns;

/** An order that was made here, and the columns as they were then: it counts until the event brings others. */
interface Pending {
  readonly order: readonly Column[];
  readonly basis: readonly Column[];
}

export function ColumnsTab({ board }: { readonly board: Board }) {
  const columns = useLive(board.store.columns);
  const counts = useCounts(board);
  const pending = useSignal<Pending | null>(null);
  const shown = pending.value?.basis === columns ? pending.value.order : columns;
  const list = useRef<HTMLUListElement>(null);
  const move = (from: number, to: number) => {
    const order = moved(shown, from, to);
    const column = order[to];
    if (!column) return;
    pending.value = { order, basis: columns };
    announcement.value = words.moved(column.name, to + 1, order.length);
    const [after, before] = [order[to - 1], order[to + 1]];
    const place: UpdateColumn = after ? { after: after.id } : { ...(before && { before: before.id }) };
    changeColumn(board, column, place, () => {
      pending.value = null;
    });
  };
  const reorder = useReorder(list, shown.length, move);
  const { held } = reorder;
  // While a row is in the hand the others make room for it.
  const order = held ? moved(shown, held.from, held.to) : shown;
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
            held={held !== null && shown[held.from] === column}
            handle={reorder.handle(shown.indexOf(column))}
          />
        ))}
      </ul>
      {board.mayManage && (
        <AddByName
          label={words.new}
          addText={words.add}
          max={100}
          taken={words.taken}
          add={(name) => createColumn(board, name)}
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
