/** The columns of a board side by side, and what the mouse, fingers and keys do on all of them. */
import { useEffect, useRef } from "preact/hooks";
import { useListedKeys, useShortcut } from "../palette/shortcuts.ts";
import { texts } from "../texts/index.ts";
import { keyHelpId } from "./card.tsx";
import { readersKeys, writersKeys } from "./card-key-list.ts";
import { ColumnView } from "./column.tsx";
import { takeColumns } from "./column-drag.ts";
import type { Board } from "./context.ts";
import { takeDrags } from "./drag-mouse.ts";
import { takeTouches } from "./drag-touch.ts";
import type { BoardModel } from "./model.ts";
import { NewColumn } from "./new-column.tsx";
import { NothingShown } from "./nothing-shown.tsx";

const words = texts.board;

interface ColumnsProps {
  readonly board: Board;
  readonly model: BoardModel;
}

export function Columns({ board, model }: ColumnsProps) {
  const root = useRef<HTMLElement>(null);
  const latest = useRef(board);
  latest.current = board;
  const columns = model.columns.value;
  useEffect(() => {
    const { current } = root;
    if (!current) return;
    const ends = [takeDrags, takeTouches, takeColumns].map((take) => take(current, () => latest.current, model));
    return () => {
      for (const end of ends) end();
    };
  }, [model]);
  useBoardKeys(board, model);
  useFind(model);
  const isLandingLast = model.columnHand.value?.before === null;
  return (
    <main ref={root} id="content" tabIndex={-1} class="board" data-hand={model.hand.value?.by} aria-label={words.title}>
      <p id={keyHelpId} hidden>
        {board.mayWrite ? words.keyHelp : words.keyHelpViewer}
      </p>
      {columns.map((column, index) => (
        <ColumnView key={column.id} board={board} model={model} column={column} index={index} />
      ))}
      {board.mayManage && (
        <div class="board-end" data-landing={isLandingLast || undefined}>
          <NewColumn board={board} />
        </div>
      )}
      <NothingShown board={board} model={model} />
    </main>
  );
}

function useBoardKeys(board: Board, model: BoardModel): void {
  const group = { group: words.shortcuts };
  const begin = (next: () => void) => {
    if (board.mayWrite) next();
  };
  useShortcut(
    "c",
    words.addShortcut,
    () =>
      begin(() => {
        const at = model.listWith(model.tabStop.peek() ?? "");
        model.adding.value = at?.status ?? model.columns.peek()[0]?.status ?? null;
      }),
    group,
  );
  useListedKeys(board.mayWrite ? writersKeys : readersKeys);
  useShortcut("ArrowDown", words.focusShortcut, () => enterBoard(model), group);
  useShortcut("ArrowRight", words.focusShortcut, () => enterBoard(model), group);
}

/** An arrow pressed beside the cards goes to them. */
function enterBoard(model: BoardModel): void {
  const stop = model.tabStop.peek();
  if (stop !== null) model.focus.to(stop);
}

/** The browser's own search finds only what is rendered: every card is, from the moment it is asked for. */
function useFind(model: BoardModel): void {
  useEffect(() => {
    const listen = new AbortController();
    const press = ({ key, ctrlKey, metaKey }: KeyboardEvent) => {
      if ((key === "f" && (ctrlKey || metaKey)) || key === "F3") model.whole.value = true;
      else if (key === "Escape") model.whole.value = false;
    };
    addEventListener("keydown", press, { signal: listen.signal });
    return () => listen.abort();
  }, [model]);
}
