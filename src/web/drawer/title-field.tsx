/** The title, edited where it stands. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { texts } from "../texts/index.ts";
import { ConflictView } from "./conflict-view.tsx";
import type { Opened } from "./context.ts";
import { SaveState } from "./save-state.tsx";
import type { TextEdit } from "./text-edit.ts";

const words = texts.drawer;

export function TitleField({ board, edit }: Pick<Opened, "board"> & { readonly edit: TextEdit }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const text = edit.value.value;
  useGrowing(area);
  if (!board.mayWrite) {
    return (
      <div class="task-title-field">
        <h2 class="task-title">{text}</h2>
        {/* The right to write may have gone while something was typed. */}
        {edit.state.value.name !== "clean" && <SaveState client={board.client} edit={edit} />}
      </div>
    );
  }
  const press = (event: KeyboardEvent) => {
    if (event.isComposing || event.key !== "Enter") return;
    event.preventDefault();
    edit.flush();
  };
  return (
    <div class="task-title-field">
      <textarea
        ref={area}
        class="task-title"
        aria-label={words.title}
        rows={1}
        maxLength={500}
        required
        value={text}
        // A title is one line: what is pasted in becomes one.
        onInput={(event) => edit.type(event.currentTarget.value.replace(/\s*\n\s*/g, " "))}
        onKeyDown={press}
        onBlur={() => edit.flush()}
      />
      <SaveState client={board.client} edit={edit} emptyText={words.save_state.empty} />
      <ConflictView field={words.title} edit={edit} focusEditor={() => area.current?.focus()} />
    </div>
  );
}

/** As high as its text, in browsers without `field-sizing` too. Measured at every rendering: any may bring another text. */
export function useGrowing(area: { readonly current: HTMLTextAreaElement | null }): void {
  useLayoutEffect(() => {
    const { current } = area;
    if (!current || CSS.supports("field-sizing", "content")) return;
    current.style.height = "auto";
    current.style.height = `${current.scrollHeight}px`;
  });
}
