/** At the right end of the board: another column. */
import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { announcement, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import type { Board } from "./context.ts";

const words = texts.board;

export function NewColumn({ board }: { readonly board: Board }) {
  const isOpen = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    // What had the focus went with the form.
    if (wasOpen.current && document.activeElement === document.body) button.current?.focus();
    wasOpen.current = isOpen.value;
  }, [isOpen.value]);
  if (isOpen.value) return <Form board={board} close={() => (isOpen.value = false)} />;
  return (
    <div class="new-column">
      <Button ref={button} kind="ghost" icon="plus" onClick={() => (isOpen.value = true)}>
        {words.newColumn}
      </Button>
    </div>
  );
}

function Form({ board, close }: { readonly board: Board; readonly close: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.form?.scrollIntoView({ block: "nearest", inline: "end" });
  }, []);
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const { current } = input;
    const name = current?.value.trim() ?? "";
    if (!current || name === "") return;
    watch(board.client.createColumn(board.store.id, name));
    announcement.value = words.columnAdded(name);
    // It stays open for the next one.
    current.value = "";
    requestAnimationFrame(() => current.scrollIntoView({ block: "nearest", inline: "nearest" }));
  };
  const press = (event: TargetedKeyboardEvent<HTMLFormElement>) => {
    if (event.key === "Escape") close();
  };
  return (
    <form class="new-column stack" onSubmit={add} onKeyDown={press}>
      <Field ref={input} label={words.columnName} inside maxLength={100} />
      <span class="row">
        <Button kind="primary" size="small" type="submit">
          {words.addColumn}
        </Button>
        <Button kind="ghost" size="small" onClick={close}>
          {texts.common.cancel}
        </Button>
      </span>
    </form>
  );
}
