/** A lost race: both texts, side by side, and the ways out of it. */
import { useId } from "preact/hooks";
import { announcement } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { mergeTexts } from "./merge.ts";
import type { TextEdit } from "./text-edit.ts";

const words = texts.drawer.conflict;

interface Props {
  /** What the text is called. */
  readonly field: string;
  readonly edit: TextEdit;
  /** Texts of one line are not merged: they are edited by hand. */
  readonly mergeable?: boolean;
  /** Where writing goes on. */
  readonly focusEditor: () => void;
}

/** Nothing where there is no conflict. */
export function ConflictView({ field, edit, mergeable = false, focusEditor }: Props) {
  const id = useId();
  const state = edit.state.value;
  if (state.name !== "conflict") return null;
  const mine = edit.value.value;
  const merge = () => {
    const { text, clean } = mergeTexts(state.base, mine, state.theirs.text);
    edit.merge(text);
    announcement.value = clean ? words.mergedClean : words.mergedOverlap;
    focusEditor();
  };
  return (
    <section class="conflict" role="alert" aria-labelledby={id}>
      <h3 id={id}>{words.heading(field)}</h3>
      <p class="quiet">{words.hint}</p>
      <div class="conflict-texts">
        <Version heading={words.mine} text={mine} />
        <Version heading={words.theirs} text={state.theirs.text} />
      </div>
      <div class="row">
        <Button onClick={() => choose(() => edit.keepMine(), focusEditor)}>{words.keepMine}</Button>
        <Button onClick={() => choose(() => edit.takeTheirs(), focusEditor)}>{words.takeTheirs}</Button>
        {mergeable && <Button onClick={merge}>{words.merge}</Button>}
      </div>
    </section>
  );
}

/** The buttons go with the conflict; the focus must not. */
function choose(run: () => void, focusEditor: () => void): void {
  run();
  focusEditor();
}

function Version({ heading, text }: { readonly heading: string; readonly text: string }) {
  return (
    <div class="conflict-text">
      <h4>{heading}</h4>
      <textarea class="input" readOnly rows={4} aria-label={heading} value={text === "" ? words.empty : text} />
    </div>
  );
}
