/** What a task is besides its text: status, people, labels, priority, dates, estimate. */
import type { ComponentChildren } from "preact";
import type { Priority } from "../../protocol/tasks.ts";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Picker } from "../ui/combobox.tsx";
import { Icon } from "../ui/icon.tsx";
import { Menu } from "../ui/menu.tsx";
import type { Opened } from "./context.ts";
import { DateFields } from "./date-fields.tsx";
import { EstimateField } from "./estimate-field.tsx";
import { LabelsField } from "./labels-field.tsx";
import { peopleOf, personOf } from "./people.ts";

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

/** A name and what stands under it. `group`: the value is more than one control. */
export function FieldRow({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <fieldset class="task-field">
      <legend>{name}</legend>
      <div class="task-field-value">{children}</div>
    </fieldset>
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
  const mark = (priority: Priority) => (
    <span class="priority-mark" data-priority={priority}>
      <Icon name="flag" />
    </span>
  );
  return (
    <FieldRow name={words.priority}>
      {board.mayWrite ? (
        <Menu
          label={words.priority}
          groups={[
            {
              items: priorities.map((priority) => ({
                text: words.priorities[priority],
                mark: mark(priority),
                checked: priority === task.priority,
                run: () => watch(board.client.updateTask(task.id, { priority })),
              })),
            },
          ]}
          trigger={(props) => (
            <Button {...props} kind="ghost" size="small" aria-label={`${words.priority}: ${name}`}>
              {mark(task.priority)}
              {name}
            </Button>
          )}
        />
      ) : (
        <span class="task-field-text">
          {mark(task.priority)}
          {name}
        </span>
      )}
    </FieldRow>
  );
}

function PeopleField({ board, task }: Opened) {
  const { assignee_ids } = task;
  const assign = (ids: readonly string[]) => watch(board.client.assignTask(task.id, ids));
  const toggle = (id: string) =>
    assign(assignee_ids.includes(id) ? assignee_ids.filter((other) => other !== id) : [...assignee_ids, id]);
  const options = peopleOf(board).map((person) => ({
    id: person.id,
    text: person.name,
    mark: <Avatar person={person} size={20} decorative />,
  }));
  return (
    <FieldRow name={words.people}>
      <ul class="chips" aria-label={words.people}>
        {assignee_ids.map((id) => {
          const person = personOf(board, id);
          return (
            <li key={id} class="chip">
              <Avatar person={person} size={20} decorative />
              <span class="chip-text">{person.name}</span>
              {board.mayWrite && (
                <IconButton
                  icon="close"
                  size="small"
                  label={words.removePerson(person.name)}
                  onClick={() => toggle(id)}
                />
              )}
            </li>
          );
        })}
      </ul>
      {assignee_ids.length === 0 && !board.mayWrite && <span class="quiet">{texts.drawer.nobody}</span>}
      {board.mayWrite && (
        <Picker
          label={words.findPerson}
          options={options}
          selected={assignee_ids}
          onSelect={toggle}
          multiple
          emptyText={texts.common.noMatch}
          trigger={(props) => <IconButton {...props} icon="plus" size="small" label={words.addPerson} />}
        />
      )}
      {board.mayWrite && assignee_ids.length === 0 && (
        <Button kind="ghost" size="small" onClick={() => toggle(board.me.id)}>
          {words.me}
        </Button>
      )}
    </FieldRow>
  );
}
