/** Whose task it is. */
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Picker } from "../ui/combobox.tsx";
import type { Opened } from "./context.ts";
import { FieldRow } from "./field-row.tsx";
import { peopleOf, personOf } from "./people.ts";

const words = texts.drawer.fields;

export function PeopleField({ board, task }: Opened) {
  const { assignee_ids } = task;
  const assign = (ids: readonly string[]) => watch(board.client.assignTask(task.id, ids));
  const toggle = (id: string) =>
    assign(assignee_ids.includes(id) ? assignee_ids.filter((other) => other !== id) : [...assignee_ids, id]);
  return (
    <FieldRow name={words.people}>
      <ul class="chips" aria-label={words.people}>
        {assignee_ids.map((id) => (
          <Chip key={id} person={personOf(board, id)} {...(board.mayWrite && { remove: () => toggle(id) })} />
        ))}
      </ul>
      {assignee_ids.length === 0 && !board.mayWrite && <span class="quiet">{texts.drawer.nobody}</span>}
      {board.mayWrite && (
        <Picker
          label={words.findPerson}
          options={peopleOf(board).map((person) => ({
            id: person.id,
            text: person.name,
            mark: <Avatar person={person} size={20} decorative />,
          }))}
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

interface ChipProps {
  readonly person: ReturnType<typeof personOf>;
  readonly remove?: () => void;
}

function Chip({ person, remove }: ChipProps) {
  return (
    <li class="chip">
      <Avatar person={person} size={20} decorative />
      <span class="chip-text">{person.name}</span>
      {remove && <IconButton icon="close" size="small" label={words.removePerson(person.name)} onClick={remove} />}
    </li>
  );
}
