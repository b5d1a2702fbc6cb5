/** Writing a comment: kept while it is written, sent by Ctrl+Enter, back in the field where the server does not take it. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { TaskwireError } from "../../client/index.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Kbd } from "../ui/kbd.tsx";
import type { Opened } from "./context.ts";
import { Editor } from "./editor.tsx";
import { toWire } from "./mentions.ts";
import { peopleOf } from "./people.ts";
import { useTyping } from "./typing.ts";

const words = texts.drawer.talk;
/** Characters of a comment, as it goes over the wire. */
export const commentMax = 20_000;

export function CommentForm(opened: Opened) {
  const { board, detail, task, drafts } = opened;
  const slot = drafts.slot(task.id, "comment");
  const text = useSignal(slot.read()?.text ?? "");
  const shown = useRef(true);
  const typing = useTyping(opened);
  useEffect(
    () => () => {
      shown.current = false;
    },
    [],
  );
  const people = peopleOf(board);
  const edit = (value: string) => {
    text.value = value;
    if (value === "") slot.clear();
    else slot.write({ text: value });
    typing(value !== "");
  };
  /** What could not be sent stands in the field again, in front of what was written since. */
  const takeBack = (content: string, error: unknown) => {
    const since = slot.read()?.text ?? "";
    const both = since === "" ? content : `${content}\n\n${since}`;
    slot.write({ text: both });
    if (shown.current) text.value = both;
    if (error instanceof TaskwireError && error.code === "closed") return;
    notify({ text: words.failed(reasonOf(error)), tone: "problem" });
  };
  const send = () => {
    const written = text.value.trim();
    const content = toWire(written, people);
    if (written === "" || content.length > commentMax) return;
    edit("");
    detail.addComment(content).catch((error: unknown) => takeBack(written, error));
  };
  return (
    <form
      class="comment-form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Editor
        label={words.write}
        value={text.value}
        wire={toWire(text.value, people)}
        people={people}
        maxLength={commentMax}
        rows={2}
        placeholder={words.placeholder}
        onType={edit}
        onBlur={() => typing(false)}
        onFinish={send}
      />
      <div class="row">
        {text.value !== "" && <small class="quiet">{words.unsent}</small>}
        <span class="spring" />
        <Kbd keys="Mod+Enter" />
        <Button type="submit" kind="primary" size="small" disabled={text.value.trim() === ""}>
          {words.send}
        </Button>
      </div>
    </form>
  );
}
