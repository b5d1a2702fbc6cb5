/** The labels of a task, and the making of new ones for those who may. */
import { createId } from "../../client/ids.ts";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { hueOf } from "../people.ts";
import { texts } from "../texts/index.ts";
import { ColorDot, LabelBadge } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { Picker } from "../ui/combobox.tsx";
import type { Opened } from "./context.ts";
import { FieldRow } from "./field-row.tsx";

const words = texts.drawer.fields;

/** A new label gets one of these by its name; the project's settings change it. */
const colors = ["#3b6fe0", "#8e44ad", "#d35400", "#1e8e5a", "#b7791f", "#c2376a"] as const;

export function LabelsField({ board, task }: Opened) {
  const labels = useLive(board.store.labels);
  const { label_ids } = task;
  const set = (ids: readonly string[]) => watch(board.client.updateTask(task.id, { label_ids: [...ids] }));
  const toggle = (id: string) =>
    set(label_ids.includes(id) ? label_ids.filter((other) => other !== id) : [...label_ids, id]);
  const carried = labels.filter(({ id }) => label_ids.includes(id));
  return (
    <FieldRow name={words.labels}>
      <ul class="chips" aria-label={words.labels}>
        {carried.map((label) => (
          <li key={label.id} class="chip">
            <LabelBadge name={label.name} color={label.color} />
            {board.mayWrite && (
              <IconButton
                icon="close"
                size="small"
                label={words.removeLabel(label.name)}
                onClick={() => toggle(label.id)}
              />
            )}
          </li>
        ))}
      </ul>
      {carried.length === 0 && !board.mayWrite && <span class="quiet">{words.none}</span>}
      {board.mayWrite && (
        <Picker
          label={words.findLabel}
          options={labels.map(({ id, name, color }) => ({ id, text: name, mark: <ColorDot color={color} /> }))}
          selected={label_ids}
          onSelect={toggle}
          multiple
          emptyText={texts.common.noMatch}
          {...(board.mayManage && {
            create: { text: words.createLabel, run: (name: string) => createLabel({ board, task }, name) },
          })}
          trigger={(props) => <IconButton {...props} icon="plus" size="small" label={words.addLabel} />}
        />
      )}
    </FieldRow>
  );
}

/** The label and the task that carries it: two writes, one after the other, also where they wait for a connection. */
function createLabel({ board, task }: Pick<Opened, "board" | "task">, name: string): void {
  const { client, store } = board;
  const id = createId(Date.now());
  watch(client.createLabel(store.id, { id, name, color: colors[hueOf(name)] ?? colors[0] }));
  watch(client.updateTask(task.id, { label_ids: [...task.label_ids, id] }));
}
