/** The tasks that this one is made of. */
import { useSignal } from "@preact/signals";
import type { Task } from "../../protocol/tasks.ts";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { follow, taskPath } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Avatars } from "../ui/avatar.tsx";
import type { Opened } from "./context.ts";
import { personOf } from "./people.ts";
import { Section } from "./section.tsx";

const words = texts.drawer.subtasks;

export function Subtasks({ board, detail, task }: Opened) {
  const subtasks = useLive(detail.subtasks);
  const columns = useLive(board.store.columns);
  const isDone = ({ status }: Task) => columns.find((column) => column.status === status)?.done ?? false;
  const done = subtasks.filter(isDone).length;
  // A subtask has none of its own.
  if (task.parent_id !== null || (subtasks.length === 0 && !board.mayWrite)) return null;
  const toggle = (subtask: Task) => {
    const to = columns.find((column) => column.done !== isDone(subtask));
    if (to) watch(board.client.moveTask(subtask.id, { status: to.status }));
  };
  return (
    <Section heading={words.heading} count={subtasks.length > 0 ? words.progress(done, subtasks.length) : undefined}>
      {subtasks.length > 0 && (
        <ul class="task-rows">
          {subtasks.map((subtask) => (
            <li key={subtask.id} class="task-row" data-done={isDone(subtask) || undefined}>
              <input
                type="checkbox"
                aria-label={words.done(subtask.title)}
                checked={isDone(subtask)}
                disabled={!board.mayWrite}
                onChange={() => toggle(subtask)}
              />
              <TaskLink projectId={board.store.id} task={subtask} />
              <Avatars
                people={subtask.assignee_ids.map((id) => personOf(board, id))}
                size={20}
                most={2}
                more={texts.common.morePeople}
              />
            </li>
          ))}
        </ul>
      )}
      {board.mayWrite && (
        <AddLine
          label={words.add}
          add={(title) => watch(board.client.createTask(board.store.id, { title, parent_id: task.id }))}
        />
      )}
    </Section>
  );
}

/** Key and title; opens that task's drawer in the place of this one. */
export function TaskLink({ projectId, task }: { readonly projectId: string; readonly task: Task }) {
  const key = task.key || texts.drawer.noKey;
  return (
    <a class="task-link" href={taskPath(projectId, task.id)} onClick={follow}>
      <span class="key">{key}</span> <span class="task-link-title">{task.title}</span>
    </a>
  );
}

/** A line that adds what is written in it by Enter, and is there for the next. */
export function AddLine({ label, add }: { readonly label: string; readonly add: (text: string) => void }) {
  const text = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    const line = text.value.trim();
    if (line === "") return;
    text.value = "";
    add(line);
  };
  return (
    <form class="add-line" onSubmit={submit}>
      <input
        class="input"
        aria-label={label}
        placeholder={label}
        maxLength={500}
        autocomplete="off"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
    </form>
  );
}
