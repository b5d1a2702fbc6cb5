/** A text as its author meant it. Until the formatter is loaded, and where it cannot be, the text as it was typed. */
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { withoutMentions } from "../../protocol/mentions.ts";

type Formatter = (text: string) => DocumentFragment;

const formatter = signal<Formatter | null>(null);
let loading = false;

function load(): void {
  if (loading) return;
  loading = true;
  import("./sanitise.ts").then(
    ({ markdownNodes }) => {
      formatter.value = markdownNodes;
    },
    () => {
      // Offline before it was ever needed: the next text tries again.
      loading = false;
    },
  );
}

export function Markdown({ text }: { readonly text: string }) {
  const place = useRef<HTMLDivElement>(null);
  const format = formatter.value;
  useLayoutEffect(() => {
    if (format) place.current?.replaceChildren(format(text));
    else load();
  }, [format, text]);
  // Two elements, so that Preact never touches the children that the effect has put there.
  if (format) return <div key="formatted" ref={place} class="markdown" />;
  return (
    <div key="plain" class="markdown plain-text">
      {withoutMentions(text)}
    </div>
  );
}
