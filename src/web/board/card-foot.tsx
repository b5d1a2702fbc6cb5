/** The lower edge of a card: key, priority, due date, counts, who is on it and whose it is. */
import { useComputed } from "@preact/signals";
import type { Task } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";
import { number } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Avatars } from "../ui/avatar.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
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
      <div class="card-facts">
        <span class="key">{task.key || words.noKey}</span>
        {task.priority !== "none" && (
          <PriorityIcon priority={task.priority} label={words.priorityOf(words.priorities[task.priority])} />
        )}
        <Due model={model} task={task} />
        <Parent model={model} task={task} />
        <SubtaskCount model={model} taskId={task.id} />
        <Counts model={model} taskId={task.id} />
      </div>
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

/** Whose subtask it is. */
function Parent({ model, task: { parent_id } }: Omit<Props, "board">) {
  const key = useComputed(() => (parent_id === null ? "" : (model.tasks.value.get(parent_id)?.key ?? ""))).value;
  if (key === "") return null;
  return (
    <Tally icon="arrow_up" label={words.subtaskOf(key)}>
      {key}
    </Tally>
  );
}

function SubtaskCount({ model, taskId }: { readonly model: BoardModel; readonly taskId: string }) {
  const count = useComputed(() => {
    const subtasks = model.subtasks.value.get(taskId);
    return subtasks ? `${subtasks.done}/${subtasks.total}` : "";
  }).value;
  if (count === "") return null;
  return (
    <Tally icon="subtask" label={words.subtasks(count)}>
      {count}
    </Tally>
  );
}

/** Comments and checklist. Whoever has none shows none. */
function Counts({ model, taskId }: { readonly model: BoardModel; readonly taskId: string }) {
  // The same object for as long as nothing was counted.
  const counts = useComputed(() => model.counts.value.get(taskId)).value;
  if (!counts) return null;
  const { comments, checklist_done, checklist_total } = counts;
  return (
    <>
      {checklist_total > 0 && (
        <Tally icon="checklist" label={words.checklist(checklist_done, checklist_total)}>
          {`${checklist_done}/${checklist_total}`}
        </Tally>
      )}
      {comments > 0 && (
        <Tally icon="comment" label={words.comments(comments)}>
          {number(comments)}
        </Tally>
      )}
    </>
  );
}

interface TallyProps {
  readonly icon: IconName;
  /** Read out in place of the number. */
  readonly label: string;
  readonly children: string;
}

const Tally = ({ icon, label, children }: TallyProps) => (
  <span class="tally" role="img" aria-label={label} title={label}>
    <Icon name={icon} size={12} />
    {children}
  </span>
);

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
