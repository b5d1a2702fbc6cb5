/** The description: read as Markdown, written as text, saved as it is typed. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { texts } from "../texts/index.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { ConflictView } from "./conflict-view.tsx";
import type { Opened } from "./context.ts";
import { Editor } from "./editor.tsx";
import { Markdown } from "./markdown-view.tsx";
import { toEdit, toWire } from "./mentions.ts";
import { peopleOf } from "./people.ts";
import { SaveState } from "./save-state.tsx";
import type { TextEdit } from "./text-edit.ts";

const words = texts.drawer;

interface Props extends Pick<Opened, "board" | "task"> {
  readonly edit: TextEdit;
}

export function Description({ board, task, edit }: Props) {
  const editing = useSignal(edit.unsaved() !== null && board.mayWrite);
  const opener = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !editing.value) opener.current?.focus();
    wasEditing.current = editing.value;
  }, [editing.value]);
  const text = edit.value.value;
  const begin = () => {
    editing.value = true;
  };
  const conflict = <ConflictView field={words.description} edit={edit} mergeable focusEditor={begin} />;
  if (editing.value && board.mayWrite) {
    const done = () => {
      edit.flush();
      editing.value = false;
    };
    return (
      <section class="description" aria-label={words.description}>
        <Writing board={board} task={task} edit={edit} done={done} />
        {conflict}
      </section>
    );
  }
  return (
    <section class="description" aria-label={words.description}>
      {text.trim() === "" ? (
        !board.mayWrite && <p class="quiet">{words.text.noDescription}</p>
      ) : (
        <Markdown text={text} />
      )}
      {!board.mayWrite && edit.state.value.name !== "clean" && <SaveState client={board.client} edit={edit} />}
      {board.mayWrite && (
        <div class="row">
          {text.trim() === "" ? (
            <Button ref={opener} kind="ghost" size="small" icon="edit" onClick={begin}>
              {words.text.addDescription}
            </Button>
          ) : (
            <IconButton
              ref={opener}
              class="description-edit"
              icon="edit"
              size="small"
              label={words.text.edit}
              onClick={begin}
            />
          )}
          <SaveState client={board.client} edit={edit} />
        </div>
      )}
      {conflict}
    </section>
  );
}

interface WritingProps extends Props {
  readonly done: () => void;
}

function Writing({ board, task, edit, done }: WritingProps) {
  const people = peopleOf(board);
  const text = edit.value.value;
  return (
    <>
      <Editor
        label={words.description}
        value={toEdit(text, people)}
        wire={text}
        people={people}
        maxLength={50_000}
        rows={6}
        focus
        onType={(value) => {
          edit.type(toWire(value, people));
          board.store.setTyping(task.id, true);
        }}
        onBlur={() => {
          edit.flush();
          board.store.setTyping(task.id, false);
        }}
        onFinish={done}
        onCancel={done}
      />
      <div class="row editor-foot">
        <small class="quiet editor-hint">{words.text.hint}</small>
        <SaveState client={board.client} edit={edit} />
        <Button size="small" onClick={done}>
          {words.text.done}
        </Button>
      </div>
    </>
  );
}
