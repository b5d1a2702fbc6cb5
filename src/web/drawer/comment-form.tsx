/** Writing a comment: kept while it is written, sent by Ctrl+Enter, back in the field where the server does not take it. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { TaskwireError } from "../../client/index.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { useTyping } from "./comments.tsx";
import type { Opened } from "./context.ts";
import { Markdown } from "./markdown-view.tsx";
import { MentionArea } from "./mention-area.tsx";
import { toWire } from "./mentions.ts";
import { peopleOf } from "./people.ts";

const words = texts.drawer.talk;
const most = 20_000;

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
    if (written === "" || content.length > most) return;
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
      <Written
        label={words.write}
        value={text.value}
        onType={edit}
        people={people}
        send={send}
        onBlur={() => typing(false)}
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

interface WrittenProps {
  readonly label: string;
  readonly value: string;
  readonly people: ReturnType<typeof peopleOf>;
  readonly onType: (value: string) => void;
  readonly send: () => void;
  readonly onBlur?: () => void;
  readonly cancel?: () => void;
  readonly focus?: boolean;
}

/** A comment being written, and what it will look like. */
export function Written({ label, value, people, onType, send, onBlur, cancel, focus = false }: WrittenProps) {
  const pane = useSignal<"write" | "preview">("write");
  const press = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    else if (event.key === "Escape" && cancel) cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <fieldset class="editor" aria-label={label} onKeyDown={press}>
      <Tabs
        label={label}
        tabs={[
          { id: "write", text: texts.drawer.text.write },
          { id: "preview", text: texts.drawer.text.preview },
        ]}
        selected={pane.value}
        onSelect={(next) => {
          pane.value = next;
        }}
      >
        {pane.value === "write" ? (
          <MentionArea
            label={label}
            value={value}
            people={people}
            placeholder={words.placeholder}
            maxLength={most}
            rows={2}
            focus={focus}
            onType={onType}
            {...(onBlur && { onBlur })}
          />
        ) : value.trim() === "" ? (
          <p class="quiet preview">{texts.drawer.text.nothing}</p>
        ) : (
          <div class="preview">
            <Markdown text={toWire(value, people)} />
          </div>
        )}
      </Tabs>
    </fieldset>
  );
}
