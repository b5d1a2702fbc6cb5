/** A Markdown text being written, and what it will look like. */
import { useSignal } from "@preact/signals";
import type { User } from "../../protocol/users.ts";
import { texts } from "../texts/index.ts";
import { Tabs } from "../ui/tabs.tsx";
import { Markdown } from "./markdown-view.tsx";
import { MentionArea } from "./mention-area.tsx";

const words = texts.drawer.text;

interface Props {
  readonly label: string;
  /** As it is edited: see mentions.ts. */
  readonly value: string;
  /** The same as it goes over the wire. */
  readonly wire: string;
  readonly people: readonly User[];
  readonly maxLength: number;
  readonly rows: number;
  readonly placeholder?: string;
  /** It takes the focus when it appears. */
  readonly focus?: boolean;
  readonly onType: (value: string) => void;
  readonly onBlur?: () => void;
  /** Ctrl+Enter. */
  readonly onFinish: () => void;
  /** Escape; absent: it closes what is around, as everywhere. */
  readonly onCancel?: () => void;
}

export function Editor({ label, value, wire, onFinish, onCancel, ...area }: Props) {
  const pane = useSignal<"write" | "preview">("write");
  const press = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onFinish();
    else if (event.key === "Escape" && onCancel) onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <fieldset class="editor" aria-label={label} onKeyDown={press}>
      <Tabs
        label={label}
        tabs={[
          { id: "write", text: words.write },
          { id: "preview", text: words.preview },
        ]}
        selected={pane.value}
        onSelect={(next) => {
          pane.value = next;
        }}
      >
        {pane.value === "write" ? <MentionArea label={label} value={value} {...area} /> : <Preview text={wire} />}
      </Tabs>
    </fieldset>
  );
}

function Preview({ text }: { readonly text: string }) {
  if (text.trim() === "") return <p class="quiet preview">{words.nothing}</p>;
  return (
    <div class="preview">
      <Markdown text={text} />
    </div>
  );
}
