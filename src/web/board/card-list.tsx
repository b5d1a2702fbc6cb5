/** The cards of one column: those near what is seen are rendered, the rest is room. */
import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Column } from "../../protocol/projects.ts";
import type { Task } from "../../protocol/tasks.ts";
import { texts } from "../texts/index.ts";
import { Card } from "./card.tsx";
import type { Board } from "./context.ts";
import { createHeights, type Heights } from "./heights.ts";
import type { BoardModel } from "./model.ts";
import { offsetsOf, type Range, rangeAt, type Segment, segmentsOf } from "./windowing.ts";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
  readonly column: Column;
  /** The column is in sight, or nearly. */
  readonly near: ReadonlySignal<boolean>;
}

/** Between two cards, px; as in board.css. */
const gap = 8;
/** Rendered beyond what is seen, px on each side. */
const margin = 600;
/** What is seen is told in steps, px: not every pixel of scrolling renders anew. */
const step = 200;

const none: readonly Task[] = [];

export function CardList({ board, model, column, near }: Props) {
  const { status } = column;
  const element = useRef<HTMLUListElement>(null);
  const heights = useRef<Heights>(undefined);
  heights.current ??= createHeights();
  const list = useComputed(() => model.lists.value.shown.get(status) ?? none).value;
  const seen = useSeen(element);
  const landing = useComputed(() => (model.hand.value?.gap?.status === status ? model.hand.value.gap.index : -1)).value;
  const kept = useComputed(() =>
    [model.focus.card.value, model.hand.value?.taskId, model.editing.value].join(" "),
  ).value;

  const measured = heights.current;
  const offsets = offsetsOf(list.length, (index) => measured.of(list[index]?.id ?? ""), gap);
  useEffect(() => {
    // What keys carry scrolls with them, as a pointer does by going to an edge.
    const { current } = element;
    if (!current || landing < 0 || model.hand.peek()?.by !== "keys") return;
    current.parentElement?.scrollIntoView({ block: "nearest", inline: "nearest" });
    const top = offsets[landing] ?? 0;
    const isSeen = top >= current.scrollTop && top <= current.scrollTop + current.clientHeight - margin / 10;
    if (!isSeen) current.scrollTop = top - current.clientHeight / 2;
  }, [landing, model, offsets]);
  const range = rangeOf(model.whole.value, near.value, list.length, () =>
    rangeAt(offsets, seen.value.top - margin, seen.value.top + seen.value.height + margin),
  );
  const keptIds = kept.split(" ").filter((id) => id !== "");
  const segments = segmentsOf(offsets, range, list.length === 0 ? [] : indexesOf(list, keptIds), gap);
  return (
    <ul ref={element} class="cards" data-cards={status} aria-label={texts.board.tasksIn(column.name)}>
      {segments.map((segment) => (
        <Fragment key={keyOf(segment, list)}>
          {"card" in segment && landing === segment.card && <DropLine />}
          {"card" in segment ? (
            <Measured heights={measured} board={board} model={model} list={list} index={segment.card} />
          ) : (
            <Room height={segment.room} />
          )}
        </Fragment>
      ))}
      {landing >= list.length && <DropLine />}
    </ul>
  );
}

const keyOf = (segment: Segment, list: readonly Task[]): string =>
  "card" in segment ? (list[segment.card]?.id ?? "") : `room ${segment.before}`;

function rangeOf(whole: boolean, near: boolean, count: number, seen: () => Range): Range {
  if (whole) return { start: 0, end: count };
  return near ? seen() : { start: 0, end: 0 };
}

function indexesOf(list: readonly Task[], ids: readonly string[]): number[] {
  return ids.map((id) => list.findIndex((task) => task.id === id)).filter((index) => index >= 0);
}

const DropLine = () => <li class="drop-line" role="presentation" aria-hidden="true" />;

const Room = ({ height }: { readonly height: number }) => (
  <li class="room" role="presentation" aria-hidden="true" style={{ height: `${height}px` }} />
);

interface MeasuredProps {
  readonly heights: Heights;
  readonly board: Board;
  readonly model: BoardModel;
  readonly list: readonly Task[];
  readonly index: number;
}

function Measured({ heights, board, model, list, index }: MeasuredProps) {
  const task = list[index];
  if (!task) return null;
  return <Card board={board} model={model} task={task} index={index} count={list.length} measure={heights.watch} />;
}

interface Seen {
  readonly top: number;
  readonly height: number;
}

/** What of the list is scrolled into its box. */
function useSeen(element: { readonly current: HTMLElement | null }): ReadonlySignal<Seen> {
  const seen = useSignal<Seen>({ top: 0, height: 800 });
  useEffect(() => {
    const list = element.current;
    if (!list) return;
    const look = () => {
      const top = Math.floor(list.scrollTop / step) * step;
      const height = Math.ceil(list.clientHeight / step) * step + step;
      const { value } = seen;
      if (value.top !== top || value.height !== height) seen.value = { top, height };
    };
    list.addEventListener("scroll", look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(list);
    return () => {
      list.removeEventListener("scroll", look);
      sizes.disconnect();
    };
  }, [element, seen]);
  return seen;
}
