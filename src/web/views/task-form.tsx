/** Title and description of a task. */
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { Task } from "../../protocol/tasks.ts";
import type { Board } from "../board/context.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";

const words = texts.drawer;

/**
 * What others write appears while nobody writes here; what is being written here stays until it is saved. Only the fields
 * that were changed are sent, so two people who edit different fields do not overwrite each other.
 */
export function TaskForm({ board, task }: { readonly board: Board; readonly task: Task }) {
  const title = useDraft(task.title);
  const description = useDraft(task.description);
  const id = useId();
  const dirty = title.dirty || description.dirty;
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (title.value.trim() === "" || !dirty) return;
    const changes = {
      ...(title.dirty && { title: title.value.trim() }),
      ...(description.dirty && { description: description.value }),
    };
    watch(board.client.updateTask(task.id, changes));
    title.saved();
    description.saved();
  };
  return (
    <form class="stack" onSubmit={save}>
      <div class="field">
        <label for={`${id}-title`}>{words.title}</label>
        <input
          id={`${id}-title`}
          required
          maxLength={500}
          readOnly={!board.mayWrite}
          value={title.value}
          onInput={(event) => title.edit(event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for={`${id}-text`}>{words.description}</label>
        <textarea
          id={`${id}-text`}
          rows={4}
          maxLength={50_000}
          readOnly={!board.mayWrite}
          value={description.value}
          onInput={(event) => description.edit(event.currentTarget.value)}
        />
      </div>
      {dirty && (
        <button type="submit" class="primary">
          {words.save}
        </button>
      )}
    </form>
  );
}

/** A text that follows `current` until it is edited. */
function useDraft(current: string) {
  const edited = useSignal<string | null>(null);
  // Written back to what it is: nothing is being edited any more.
  useEffect(() => {
    if (edited.value === current) edited.value = null;
  }, [current, edited.value, edited]);
  return {
    value: edited.value ?? current,
    dirty: edited.value !== null && edited.value !== current,
    edit(text: string) {
      edited.value = text;
    },
    saved() {
      edited.value = null;
    },
  };
}
