/** What a task waits for, and what waits for it. */
import { useSignal } from "@preact/signals";
import { TaskwireError } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";
import { useLive } from "../live.ts";
import { reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Picker } from "../ui/combobox.tsx";
import { Problem } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Opened } from "./context.ts";
import { Section } from "./section.tsx";
import { TaskLink } from "./subtasks.tsx";
import { circleOf, searchTasks } from "./task-search.ts";

const words = texts.drawer.dependencies;

export function Dependencies(opened: Opened) {
  const { board, detail, task } = opened;
  const blockers = useLive(detail.blockers);
  const blocking = useLive(detail.blocking);
  const problem = useSignal<string | undefined>(undefined);
  if (blockers.length + blocking.length === 0 && !board.mayWrite) return null;
  const write = (run: () => Promise<unknown>) => {
    problem.value = undefined;
    run().catch((error: unknown) => {
      if (error instanceof TaskwireError && error.code === "closed") return;
      problem.value = texts.common.refused(reasonOf(error));
    });
  };
  /** `waiting` is to wait for `other`. */
  const add = (waiting: string, other: string, run: () => Promise<unknown>) => {
    const circle = circleOf(board.store.tasks.value, waiting, other);
    if (circle) problem.value = circle.length < 2 ? words.self : words.circle(circle.map(({ key }) => key));
    else write(run);
  };
  return (
    <Section heading={words.heading}>
      <TaskList
        {...opened}
        heading={words.blockedBy}
        addLabel={words.addBlocker}
        tasks={blockers}
        add={(id) => add(task.id, id, () => detail.block(id))}
        remove={(id) => write(() => detail.unblock(id))}
      />
      <TaskList
        {...opened}
        heading={words.blocks}
        addLabel={words.addBlocked}
        tasks={blocking}
        add={(id) => add(id, task.id, () => detail.blockTask(id))}
        remove={(id) => write(() => detail.unblockTask(id))}
      />
      <Problem text={problem.value} />
    </Section>
  );
}

interface ListProps extends Opened {
  readonly heading: string;
  readonly addLabel: string;
  readonly tasks: readonly Task[];
  readonly add: (id: string) => void;
  readonly remove: (id: string) => void;
}

function TaskList({ board, task, heading, addLabel, tasks, add, remove }: ListProps) {
  const query = useSignal("");
  const all = useLive(board.store.tasks);
  const columns = useLive(board.store.columns);
  const isDone = ({ status }: Task) => columns.find((column) => column.status === status)?.done ?? false;
  const taken = new Set([task.id, ...tasks.map(({ id }) => id)]);
  const found = searchTasks(
    [...all.values()].filter(({ id }) => !taken.has(id)),
    query.value,
  );
  if (tasks.length === 0 && !board.mayWrite) return null;
  return (
    <div class="dependency-list">
      <div class="row">
        <h4>{heading}</h4>
        {board.mayWrite && (
          <Picker
            label={words.find}
            options={found.map(({ id, key, title }) => ({ id, text: title, hint: key }))}
            selected={[]}
            onSelect={add}
            onType={(typed) => {
              query.value = typed;
            }}
            emptyText={words.none}
            trigger={(props) => (
              <IconButton
                {...props}
                icon="plus"
                size="small"
                label={addLabel}
                onClick={() => {
                  query.value = "";
                  props.onClick();
                }}
              />
            )}
          />
        )}
      </div>
      <ul class="task-rows" aria-label={heading}>
        {tasks.map((other) => (
          <li key={other.id} class="task-row" data-done={isDone(other) || undefined}>
            <Icon name={isDone(other) ? "check" : "blocked"} />
            <TaskLink projectId={board.store.id} task={other} />
            {isDone(other) && <span class="quiet">{words.done}</span>}
            {board.mayWrite && (
              <IconButton
                icon="close"
                size="small"
                label={words.remove(other.key || texts.drawer.noKey)}
                onClick={() => remove(other.id)}
              />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
