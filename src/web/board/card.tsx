/** One card. It is rendered again when something it shows changes, and else never. */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { TargetedKeyboardEvent, TargetedMouseEvent } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Task } from "../../protocol/tasks.ts";
import { follow, query, taskPath } from "../route.ts";
import { texts } from "../texts/index.ts";
import { CardFoot } from "./card-foot.tsx";
import { pressOnCard } from "./card-keys.ts";
import { Labels } from "./card-labels.tsx";
import { CardMenu } from "./card-menu.tsx";
import { TitleEdit } from "./card-title.tsx";
import type { Board } from "./context.ts";
import { makeDraggable } from "./drag-mouse.ts";
import type { BoardModel } from "./model.ts";

export interface CardProps {
  readonly board: Board;
  readonly model: BoardModel;
  readonly task: Task;
  /** Its place in the column as it is shown, from 0, of `count`. */
  readonly index: number;
  readonly count: number;
  readonly measure: (taskId: string, element: HTMLElement) => () => void;
}

const words = texts.board;
/** Describes every card to screen readers; it stands once on the board. */
export const keyHelpId = "board-keys";

export function Card({ board, model, task, index, count, measure }: CardProps) {
  const { id } = task;
  const element = useRef<HTMLLIElement>(null);
  const isFlashing = useComputed(() => model.flashes.tasks.value.has(id));
  const isPending = useComputed(() => model.pending.value.has(id));
  const isHeld = useComputed(() => model.hand.value?.taskId === id);
  const isEditing = useComputed(() => model.editing.value === id);
  useEffect(() => (element.current ? measure(id, element.current) : undefined), [measure, id]);
  useEffect(() => {
    if (element.current && board.mayWrite) return makeDraggable(element.current, model, id);
    return undefined;
  }, [board.mayWrite, model, id]);
  return (
    <li
      ref={element}
      class="card"
      data-task={id}
      data-index={index}
      data-flash={isFlashing.value || undefined}
      data-held={isHeld.value || undefined}
      data-pending={isPending.value || undefined}
      aria-setsize={count}
      aria-posinset={index + 1}
      onAnimationEnd={() => model.flashes.done(id)}
    >
      {isEditing.value ? (
        <TitleEdit board={board} model={model} task={task} />
      ) : (
        <Title board={board} model={model} task={task} />
      )}
      <Labels model={model} ids={task.label_ids} />
      <CardFoot board={board} model={model} task={task} />
      {board.mayWrite && <CardMenu board={board} model={model} task={task} />}
    </li>
  );
}

/** The link that opens the task; it covers the card. */
function Title({ board, model, task }: Pick<CardProps, "board" | "model" | "task">) {
  const { id } = task;
  const link = useRef<HTMLAnchorElement>(null);
  const isTabStop = useComputed(() => model.tabStop.value === id);
  const path = usePath(task);
  useLayoutEffect(() => (link.current ? model.focus.appeared(id, link.current) : undefined), [model, id]);
  const press = (event: TargetedKeyboardEvent<HTMLAnchorElement>) => pressOnCard(event, board, model, task);
  const open = (event: TargetedMouseEvent<HTMLAnchorElement>) => {
    // What was dragged was not clicked.
    if (model.hand.peek()) event.preventDefault();
    else follow(event);
  };
  return (
    <a
      ref={link}
      class="card-title"
      href={path.value}
      draggable={false}
      tabIndex={isTabStop.value ? 0 : -1}
      aria-label={words.card(task.key || words.noKey, task.title)}
      aria-describedby={`${id}-foot ${keyHelpId}`}
      onClick={open}
      onKeyDown={press}
      onFocus={() => model.focus.came(id)}
      onBlur={(event) => model.focus.went(id, event.currentTarget)}
    >
      {task.title}
    </a>
  );
}

/** The drawer opens over the board as it is filtered now. */
function usePath({ project_id, id }: Task): ReadonlySignal<string> {
  return useComputed(() => {
    const { value } = query;
    return value.size > 0 ? `${taskPath(project_id, id)}?${value}` : taskPath(project_id, id);
  });
}
