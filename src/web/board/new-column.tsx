/** At the right end of the board: another column. */
import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { createColumn } from "./column-actions.ts";
import type { Board } from "./context.ts";

const words = texts.board;

export function NewColumn({ board }: { readonly board: Board }) {
  const isOpen = useSignal(false);
  if (isOpen.value) return <Form board={board} close={() => (isOpen.value = false)} />;
  return (
    <div class="new-column">
      <Button kind="ghost" icon="plus" onClick={() => (isOpen.value = true)}>
        {words.newColumn}
      </Button>
    </div>
  );
}

function Form({ board, close }: { readonly board: Board; readonly close: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const busy = useSignal(false);
  const problem = useSignal<string | undefined>(undefined);
  useEffect(() => input.current?.focus(), []);
  const add = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    problem.value = undefined;
    try {
      await createColumn(board, input.current?.value ?? "");
      // It stays open for the next one.
      if (input.current) input.current.value = "";
      input.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
    } catch (error) {
      problem.value = reasonOf(error);
    } finally {
      busy.value = false;
    }
  };
  const press = (event: TargetedKeyboardEvent<HTMLFormElement>) => {
    if (event.key === "Escape") close();
  };
  return (
    <form class="new-column stack" onSubmit={(event) => void add(event)} onKeyDown={press}>
      <Field ref={input} label={words.columnName} inside maxLength={100} problem={problem.value} />
      <span class="row">
        <Button kind="primary" size="small" type="submit" busy={busy.value}>
          {words.addColumn}
        </Button>
        <Button kind="ghost" size="small" onClick={close}>
          {texts.common.cancel}
        </Button>
      </span>
    </form>
  );
}
