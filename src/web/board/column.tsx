/** A column: its head, its cards, and a line to add one. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Column } from "../../protocol/projects.ts";
import { texts } from "../texts/index.ts";
import { CardList } from "./card-list.tsx";
import { makeColumnDraggable } from "./column-drag.ts";
import { ColumnHead } from "./column-head.tsx";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";
import { QuickAdd } from "./quick-add.tsx";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
  readonly column: Column;
  /** Its place on the board, from 0. */
  readonly index: number;
}

/** Before it is known what is in sight, these columns are taken to be. */
const firstInSight = 8;

export function ColumnView({ board, model, column, index }: Props) {
  const { id, status, name } = column;
  const element = useRef<HTMLElement>(null);
  const near = useSignal(index < firstInSight);
  const total = useComputed(() => model.lists.value.totals.get(status) ?? 0).value;
  const isTarget = useComputed(() => model.hand.value?.gap?.status === status).value;
  const landing = useComputed(() => (model.columnHand.value?.before === id ? true : undefined)).value;
  const isHeld = useComputed(() => model.columnHand.value?.id === id).value;
  const isPending = useComputed(() => model.pending.value.has(id)).value;
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    // A column's width beyond the edge is rendered, so that scrolling finds it ready.
    const sight = new IntersectionObserver(
      (entries) => {
        near.value = entries.at(-1)?.isIntersecting ?? near.value;
      },
      { root: current.parentElement, rootMargin: "0px 400px" },
    );
    sight.observe(current);
    return () => sight.disconnect();
  }, [near]);
  useEffect(() => {
    const { current } = element;
    const head = current?.querySelector<HTMLElement>(".column-head");
    if (current && head && board.mayManage) return makeColumnDraggable(current, head, model, id);
    return undefined;
  }, [board.mayManage, model, id]);
  useLayoutEffect(() => {
    const { current } = element;
    return () => {
      // A column that goes takes the focus with it, but for a card's, which goes to another card (focus.ts).
      const { activeElement } = document;
      if (activeElement?.closest("[data-task]") || !current?.contains(activeElement)) return;
      const board = current.parentElement;
      // A dialog of the column may be open, as long as its news come before its answer: behind it nothing takes the focus.
      queueMicrotask(() => document.activeElement === document.body && board?.focus());
    };
  }, []);
  const isOver = column.wip_limit !== null && total > column.wip_limit;
  return (
    <section
      ref={element}
      class="column"
      aria-label={texts.board.column(name, total)}
      data-column={id}
      data-status={status}
      data-target={isTarget || undefined}
      data-landing={landing}
      data-held={isHeld || undefined}
      data-pending={isPending || undefined}
      data-over={isOver || undefined}
    >
      <ColumnHead board={board} model={model} column={column} total={total} />
      <CardList board={board} model={model} column={column} near={near} />
      {board.mayWrite && <QuickAdd board={board} model={model} column={column} />}
    </section>
  );
}
