/** What can be done with a card, for who has neither a mouse nor the keys in mind. */
import { useComputed } from "@preact/signals";
import type { Task } from "../../protocol/tasks.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Menu, type MenuGroup } from "../ui/menu.tsx";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";
import { moveTask } from "./moves.ts";
import { placeOf } from "./places.ts";
import { archiveTask, nameOf, removeTask } from "./removal.ts";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
  readonly task: Task;
}

const words = texts.board.menu;

export function CardMenu({ board, model, task }: Props) {
  const isTabStop = useComputed(() => model.tabStop.value === task.id).value;
  const label = words.title(nameOf(task));
  return (
    <span class="card-menu">
      <Menu
        label={label}
        align="end"
        groups={() => groupsOf(board, model, task)}
        trigger={(props) => (
          <IconButton {...props} icon="more" size="small" label={label} tabIndex={isTabStop ? 0 : -1} />
        )}
      />
    </span>
  );
}

function groupsOf(board: Board, model: BoardModel, task: Task): MenuGroup[] {
  const { id } = task;
  return [
    {
      items: [
        { text: words.rename, icon: "edit", keys: "e", run: () => (model.editing.value = id) },
        assignment(board, task),
      ],
    },
    { title: words.moveTo, items: moves(board, model, task) },
    {
      items: [
        { text: words.archive, icon: "archive", run: () => archiveTask(board, task) },
        { text: texts.common.delete, icon: "trash", keys: "Delete", danger: true, run: () => removeTask(board, task) },
      ],
    },
  ];
}

function assignment({ client, me }: Board, { id, assignee_ids }: Task): MenuGroup["items"][number] {
  const isMine = assignee_ids.includes(me.id);
  const others = assignee_ids.filter((other) => other !== me.id);
  return {
    text: isMine ? words.unassign : words.assign,
    icon: "person",
    run: () => watch(client.assignTask(id, isMine ? others : [...others, me.id])),
  };
}

/** To the end of each column, and a step up or down in its own. */
function moves(board: Board, model: BoardModel, task: Task): MenuGroup["items"] {
  const list = model.lists.value.shown.get(task.status) ?? [];
  const index = list.findIndex(({ id }) => id === task.id);
  const step = (to: number) => () => {
    const place = placeOf({ status: task.status, index: to }, list, task);
    if (place) moveTask(board, model, task, place);
  };
  const columns = model.columns.value.map(({ status, name, done }) => ({
    text: name,
    mark: <span class="status-mark" data-done={done || undefined} aria-hidden="true" />,
    checked: status === task.status,
    run: () => {
      if (status !== task.status) moveTask(board, model, task, { status });
    },
  }));
  return [
    ...columns,
    { text: words.up, icon: "arrow_up", disabled: index <= 0, run: step(index - 1) },
    { text: words.down, icon: "arrow_down", disabled: index >= list.length - 1, run: step(index + 2) },
  ];
}
