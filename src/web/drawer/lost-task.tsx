/** The task went while it was open: plain words, and everything that was typed, to be copied. */
import { useSignal } from "@preact/signals";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { copyText } from "./copy.ts";
import type { Drafts } from "./drafts.ts";
import { toEdit } from "./mentions.ts";

const words = texts.drawer.lost;

interface Props {
  readonly taskId: string;
  readonly drafts: Drafts;
  readonly reason: "deleted" | "left" | "missing";
  readonly close: () => void;
}

export function LostTask({ taskId, drafts, reason, close }: Props) {
  const version = useSignal(0);
  void version.value;
  const typed = [...drafts.ofTask(taskId)];
  const [title, hint] = {
    deleted: [words.deleted, words.deletedHint],
    left: [words.left, words.leftHint],
    missing: [texts.drawer.missing, texts.drawer.missingHint],
  }[reason];
  const forget = (field: string) => {
    drafts.slot(taskId, field).clear();
    version.value++;
  };
  return (
    <div class="lost-task" role="alert">
      <EmptyState icon="warning" title={title ?? ""} text={hint}>
        <Button onClick={close}>{words.back}</Button>
      </EmptyState>
      {typed.length > 0 && <p>{words.typed}</p>}
      {typed.map(([field, text]) => (
        <Kept key={field} name={nameOf(field)} text={toEdit(text, [])} forget={() => forget(field)} />
      ))}
    </div>
  );
}

function nameOf(field: string): string {
  const { fields } = words;
  if (field === "title" || field === "description" || field === "comment") return fields[field];
  return fields.edited;
}

interface KeptProps {
  readonly name: string;
  readonly text: string;
  readonly forget: () => void;
}

function Kept({ name, text, forget }: KeptProps) {
  const copied = useSignal(false);
  return (
    <section class="kept-text" aria-label={name}>
      <h3>{name}</h3>
      <textarea class="input" readOnly rows={5} aria-label={name} value={text} />
      <div class="row">
        <Button
          size="small"
          icon="copy"
          onClick={async () => {
            copied.value = await copyText(text);
          }}
        >
          {words.copy}
        </Button>
        <Button size="small" kind="ghost" onClick={forget}>
          {words.forget}
        </Button>
        <span role="status">{copied.value && words.copied}</span>
      </div>
    </section>
  );
}
