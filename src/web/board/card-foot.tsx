/** The lower edge of a card: key, priority, due date, counts, who is on it and whose it is. */
import { useComputed } from "@preact/signals";
import type { Task } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";
import { texts } from "../texts/index.ts";
import { Avatars } from "../ui/avatar.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Board } from "./context.ts";
import { dueStateOf } from "./due.ts";
import { dueText } from "./due-text.ts";
import type { BoardModel } from "./model.ts";
import { PriorityIcon } from "./priority-icon.tsx";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
  readonly task: Task;
}

const words = texts.board;

export function CardFoot({ board, model, task }: Props) {
  const assignees = task.assignee_ids.map((id) => board.members.get(id)?.user).filter((user) => user !== undefined);
  return (
    <div class="card-foot" id={`${task.id}-foot`}>
      <span class="key">{task.key || words.noKey}</span>
      {task.priority !== "none" && (
        <PriorityIcon priority={task.priority} label={words.priorityOf(words.priorities[task.priority])} />
      )}
      <Due model={model} task={task} />
      <SubtaskCount model={model} taskId={task.id} />
      <span class="spring" />
      <OnIt board={board} model={model} taskId={task.id} />
      <Avatars people={assignees} size={20} most={3} more={texts.common.morePeople} />
    </div>
  );
}

function Due({ model, task }: Omit<Props, "board">) {
  const state = useComputed(() => dueStateOf(task, model.now.value));
  const text = useComputed(() => dueText(task, model.now.value));
  if (state.value === null || text.value === null) return null;
  return (
    <span class="due" data-due={state.value} title={words.due(text.value)}>
      {state.value === "overdue" && <span class="unseen">{words.overdue} </span>}
      <time dateTime={task.due_at ?? undefined}>{text.value}</time>
    </span>
  );
}

function SubtaskCount({ model, taskId }: { readonly model: BoardModel; readonly taskId: string }) {
  const count = useComputed(() => {
    const subtasks = model.subtasks.value.get(taskId);
    return subtasks ? `${subtasks.done}/${subtasks.total}` : "";
  }).value;
  if (count === "") return null;
  return (
    <span class="tally" role="img" aria-label={words.subtasks(count)} title={words.subtasks(count)}>
      <Icon name="subtask" size={12} />
      {count}
    </span>
  );
}

const nobody: readonly User[] = [];

/** Other people who look at the card or write on it now. */
function OnIt({ board, model, taskId }: Pick<Props, "board" | "model"> & { readonly taskId: string }) {
  const viewers = useComputed(() => model.viewers.value.get(taskId) ?? nobody).value;
  const typing = useComputed(() => model.typing.value.get(taskId) ?? nobody).value;
  const typists = typing.filter(({ id }) => id !== board.me.id).map(({ name }) => name);
  const label = words.viewedBy(viewers.map(({ name }) => name));
  return (
    <>
      {typists.length > 0 && (
        <span class="typing" role="img" aria-label={texts.live.typing(typists)} title={texts.live.typing(typists)}>
          <i />
          <i />
          <i />
        </span>
      )}
      {viewers.length > 0 && (
        <span class="viewers" role="img" aria-label={label} title={label}>
          <Avatars people={viewers} size={16} most={2} more={texts.common.morePeople} />
        </span>
      )}
    </>
  );
}
