/** A column: its cards in order, a place to drop one, and a line to add one. */
import type { Column } from "../../protocol/projects.ts";
import type { Task } from "../../protocol/tasks.ts";
import { dragged, hover, place, putDown } from "../drag.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import type { Board } from "./board.tsx";
import { Card, type CardState } from "./card.tsx";

interface Props {
  readonly board: Board;
  readonly column: Column;
  readonly columns: readonly Column[];
  readonly tasks: readonly Task[];
  readonly stateOf: (task: Task) => CardState;
  /** The flash of this task is over. */
  readonly flashed: (taskId: string) => void;
  readonly open: (taskId: string) => void;
}

export function ColumnView({ board, column, columns, tasks, stateOf, flashed, open }: Props) {
  const { status, name } = column;
  const landing = place.value?.status === status ? place.value : undefined;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const [taskId, to] = [dragged.value, place.value];
    putDown();
    if (taskId !== null && to !== null) watch(board.client.moveTask(taskId, to));
  };
  const leave = (event: DragEvent & { readonly currentTarget: HTMLElement }) => {
    const into = event.relatedTarget;
    if (into instanceof Node && event.currentTarget.contains(into)) return;
    if (place.value?.status === status) place.value = null;
  };
  return (
    <section
      class="column"
      aria-label={`${name}, ${texts.board.count(tasks.length)}`}
      data-status={status}
      data-landing={landing && landing.before === undefined ? "end" : undefined}
      onDragOver={(event) => hover(event, status)}
      onDragLeave={leave}
      onDrop={drop}
    >
      <h2>
        {name} <span class="count">{tasks.length}</span>
      </h2>
      <ul class="cards">
        {tasks.map((task) => (
          <Card
            key={task.id}
            board={board}
            task={task}
            columns={columns}
            flashed={flashed}
            {...stateOf(task)}
            landing={landing?.before === task.id}
            open={open}
          />
        ))}
      </ul>
      {board.mayWrite && <QuickAdd board={board} column={column} />}
    </section>
  );
}

function QuickAdd({ board, column }: Pick<Props, "board" | "column">) {
  const add = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get("title") ?? "").trim();
    if (title === "") return;
    event.currentTarget.reset();
    watch(board.client.createTask(board.store.id, { title, status: column.status }));
  };
  const label = texts.board.addTo(column.name);
  return (
    <form class="quick-add" onSubmit={add}>
      <input name="title" maxLength={500} autocomplete="off" placeholder={texts.board.add} aria-label={label} />
    </form>
  );
}
