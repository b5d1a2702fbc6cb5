/** One card. */
import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Column } from "../../protocol/projects.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";
import { dragged, pickUp, putDown } from "../drag.ts";
import { announcement, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Avatars } from "./avatar.tsx";
import type { Board } from "./board.tsx";

/** What happens to a card, besides its task. */
export interface CardState {
  readonly flashing: boolean;
  /** It holds a change that the server has not confirmed. */
  readonly pending: boolean;
  readonly typing: readonly User[] | undefined;
  readonly viewers: readonly User[] | undefined;
}

interface Props extends CardState {
  readonly board: Board;
  readonly task: Task;
  readonly columns: readonly Column[];
  /** The dragged card would land before this one. */
  readonly landing: boolean;
  readonly flashed: (taskId: string) => void;
  readonly open: (taskId: string) => void;
}

const words = texts.board;

/** Of thousands of cards few change at once: the others keep what they rendered. */
export function Card(props: Props) {
  const { board, task, columns, landing, flashing, pending, typing, viewers, flashed, open } = props;
  const held = useComputed(() => dragged.value === task.id).value;
  return useMemo(
    () => (
      <li
        class="card"
        data-task={task.id}
        data-flash={flashing || undefined}
        data-held={held || undefined}
        data-landing={landing || undefined}
        data-pending={pending || undefined}
        draggable={board.mayWrite}
        onDragStart={(event) => pickUp(event, task)}
        onDragEnd={putDown}
        onAnimationEnd={() => flashed(task.id)}
      >
        <CardBody board={board} task={task} columns={columns} typing={typing} viewers={viewers} open={open} />
      </li>
    ),
    [board, task, columns, landing, flashing, pending, typing, viewers, flashed, open, held],
  );
}

type BodyProps = Pick<Props, "board" | "task" | "columns" | "typing" | "viewers" | "open">;

function CardBody({ board, task, columns, typing = [], viewers = [], open }: BodyProps) {
  const key = task.key || words.noKey;
  const typists = typing.filter(({ id }) => id !== board.me.id).map(({ name }) => name);
  const assignees = task.assignee_ids.map((id) => board.members.get(id)?.user).filter((user) => user !== undefined);
  return (
    <>
      <button type="button" class="card-title" aria-label={words.open(key, task.title)} onClick={() => open(task.id)}>
        {task.title}
      </button>
      <div class="card-foot">
        <span class="key">{key}</span>
        <Viewers viewers={viewers} />
        {typists.length > 0 && (
          <span class="typing" role="img" aria-label={texts.live.typing(typists)} title={texts.live.typing(typists)}>
            …
          </span>
        )}
        <span class="spring" />
        <Avatars people={assignees} most={3} />
        {board.mayWrite && <StatusSelect board={board} task={task} columns={columns} name={key} />}
      </div>
    </>
  );
}

function Viewers({ viewers }: { readonly viewers: readonly User[] }) {
  if (viewers.length === 0) return null;
  const label = words.viewedBy(viewers.map(({ name }) => name));
  return (
    <span class="viewers" role="img" aria-label={label} title={label}>
      <Avatars people={viewers} most={2} />
    </span>
  );
}

interface SelectProps extends Pick<Props, "board" | "task" | "columns"> {
  /** What screen readers call the task. */
  readonly name: string;
}

/** Moves the task to the end of another column: the way without a mouse. */
export function StatusSelect({ board, task, columns, name }: SelectProps) {
  const move = (status: string) => {
    if (status === task.status) return;
    watch(board.client.moveTask(task.id, { status }));
    const column = columns.find((each) => each.status === status)?.name ?? status;
    announcement.value = words.moved(name, column);
  };
  return (
    <select
      class="status"
      aria-label={words.columnOf(name)}
      value={task.status}
      onChange={(event) => move(event.currentTarget.value)}
    >
      {columns.map(({ status, name: label }) => (
        <option key={status} value={status}>
          {label}
        </option>
      ))}
    </select>
  );
}
