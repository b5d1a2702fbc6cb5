/** A task opened: what it says, where it stands, whose it is, and what is said about it. */
import type { Task } from "../../protocol/tasks.ts";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Comments } from "./comments.tsx";
import { Panel } from "./panel.tsx";
import { TaskForm } from "./task-form.tsx";

interface Props {
  readonly board: Board;
  readonly taskId: string;
  readonly close: () => void;
}

const words = texts.drawer;

export function CardPanel({ board, taskId, close }: Props) {
  const task = useLive(board.store.tasks).get(taskId);
  return (
    <Panel
      label={task?.title ?? words.gone}
      head={<span class="key">{task?.key || texts.board.noKey}</span>}
      close={close}
    >
      {task ? <OpenTask board={board} task={task} /> : <p class="quiet">{words.gone}</p>}
    </Panel>
  );
}

function OpenTask({ board, task }: { readonly board: Board; readonly task: Task }) {
  return (
    <div class="stack">
      <TaskForm board={board} task={task} />
      <Assignees board={board} task={task} />
      <Comments board={board} taskId={task.id} />
      {board.mayWrite && (
        <button type="button" class="plain danger" onClick={() => remove(board, task)}>
          {words.delete}
        </button>
      )}
    </div>
  );
}

function remove({ client }: Board, { id, title }: Task): void {
  if (confirm(words.confirmDelete(title))) watch(client.deleteTask(id));
}

function Assignees({ board, task }: { readonly board: Board; readonly task: Task }) {
  const toggle = (userId: string, on: boolean) => {
    const others = task.assignee_ids.filter((id) => id !== userId);
    watch(board.client.assignTask(task.id, on ? [...others, userId] : others));
  };
  return (
    <fieldset class="assignees" disabled={!board.mayWrite}>
      <legend>{words.assignees}</legend>
      {[...board.members.values()].map(({ user_id, user }) => (
        <label key={user_id}>
          <input
            type="checkbox"
            checked={task.assignee_ids.includes(user_id)}
            onChange={(event) => toggle(user_id, event.currentTarget.checked)}
          />
          {user.name}
        </label>
      ))}
    </fieldset>
  );
}
