/** A board without cards says why, and what can be done about it. */
import { useComputed } from "@preact/signals";
import { query, setQuery } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import type { Board } from "./context.ts";
import { noFilter, queryWith } from "./filter.ts";
import type { BoardModel } from "./model.ts";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
}

const words = texts.board;

export function NothingShown({ board, model }: Props) {
  const state = useComputed(() => {
    const { shown, hidden } = model.lists.value;
    if ([...shown.values()].some((list) => list.length > 0)) return "cards";
    return hidden > 0 ? "filtered" : "empty";
  }).value;
  if (state === "cards") return null;
  if (state === "filtered") {
    return (
      <div class="nothing-shown">
        <EmptyState icon="filter" title={words.noMatch.title}>
          <Button onClick={() => setQuery(queryWith(noFilter, query.peek()))}>{words.noMatch.clear}</Button>
        </EmptyState>
      </div>
    );
  }
  return (
    <div class="nothing-shown">
      <EmptyState icon="board" title={words.empty.title} text={board.mayWrite ? words.empty.hint : words.empty.viewer}>
        {board.mayWrite && (
          <Button kind="primary" icon="plus" onClick={() => (model.adding.value = firstColumn(model))}>
            {words.empty.add}
          </Button>
        )}
      </EmptyState>
    </div>
  );
}

const firstColumn = (model: BoardModel): string | null => model.columns.peek()[0]?.status ?? null;
