/** What a task is besides its text: status, people, labels, priority, dates, estimate. */
import type { Priority } from "../../protocol/tasks.ts";
import { PriorityIcon } from "../board/priority-icon.tsx";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Menu } from "../ui/menu.tsx";
import type { Opened } from "./context.ts";
import { DateFields } from "./date-fields.tsx";
import { EstimateField } from "./estimate-field.tsx";
import { FieldRow } from "./field-row.tsx";
import { LabelsField } from "./labels-field.tsx";
import { PeopleField } from "./people-field.tsx";

const words = texts.drawer.fields;

export function Fields(opened: Opened) {
  return (
    <section class="task-fields" aria-label={words.heading}>
      <StatusField {...opened} />
      <PeopleField {...opened} />
      <PriorityField {...opened} />
      <LabelsField {...opened} />
      <DateFields {...opened} />
      <EstimateField {...opened} />
    </section>
  );
}

function StatusField({ board, task }: Opened) {
  const columns = useLive(board.store.columns);
  const column = columns.find(({ status }) => status === task.status);
  const name = column?.name ?? task.status;
  const mark = (done: boolean) => <span class="status-mark" data-done={done || undefined} aria-hidden="true" />;
  return (
    <FieldRow name={words.status}>
      {board.mayWrite ? (
        <Menu
          label={words.status}
          groups={[
            {
              items: columns.map(({ status, name: text, done }) => ({
                text,
                mark: mark(done),
                checked: status === task.status,
                run() {
                  if (status !== task.status) watch(board.client.moveTask(task.id, { status }));
                },
              })),
            },
          ]}
          trigger={(props) => (
            <Button {...props} kind="ghost" size="small" aria-label={`${words.status}: ${name}`}>
              {mark(column?.done ?? false)}
              {name}
            </Button>
          )}
        />
      ) : (
        <span class="task-field-text">
          {mark(column?.done ?? false)}
          {name}
        </span>
      )}
    </FieldRow>
  );
}

const priorities: readonly Priority[] = ["urgent", "high", "medium", "low", "none"];

function PriorityField({ board, task }: Opened) {
  const name = words.priorities[task.priority];
  return (
    <FieldRow name={words.priority}>
      {board.mayWrite ? (
        <Menu
          label={words.priority}
          groups={[
            {
              items: priorities.map((priority) => ({
                text: words.priorities[priority],
                mark: <PriorityIcon priority={priority} />,
                checked: priority === task.priority,
                run: () => watch(board.client.updateTask(task.id, { priority })),
              })),
            },
          ]}
          trigger={(props) => (
            <Button {...props} kind="ghost" size="small" aria-label={`${words.priority}: ${name}`}>
              <PriorityIcon priority={task.priority} />
              {name}
            </Button>
          )}
        />
      ) : (
        <span class="task-field-text">
          <PriorityIcon priority={task.priority} />
          {name}
        </span>
      )}
    </FieldRow>
  );
}
