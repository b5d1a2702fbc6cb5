/** Whether what was typed is on the server: a few words, and a way on where it is not. */
import type { Taskwire } from "../../client/index.ts";
import { useLive } from "../live.ts";
import { reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import type { EditState, TextEdit } from "./text-edit.ts";

const words = texts.drawer.save_state;

interface Props {
  readonly client: Taskwire;
  readonly edit: TextEdit;
  /** Said where nothing is left of a text that may not be empty. */
  readonly emptyText?: string;
}

export function SaveState({ client, edit, emptyText }: Props) {
  const state = edit.state.value;
  const connection = useLive(client.connection.state);
  const isEmpty = state.name === "dirty" && emptyText !== undefined && edit.value.value.trim() === "";
  const text = isEmpty ? emptyText : wordsFor(state, connection === "live" || connection === "catching_up");
  return (
    <div class="save-state" data-state={state.name}>
      <span role="status">
        {state.name === "saved" && <Icon name="check" size={12} />}
        {text}
      </span>
      {state.name === "refused" && (
        <>
          <Button size="small" onClick={() => edit.flush()}>
            {words.retry}
          </Button>
          <Button size="small" kind="ghost" onClick={() => edit.discard()}>
            {words.discard}
          </Button>
        </>
      )}
    </div>
  );
}

function wordsFor(state: EditState, connected: boolean): string {
  switch (state.name) {
    case "clean":
      return "";
    case "dirty":
      return connected ? words.dirty : words.waiting;
    case "saving":
      return connected ? words.saving : words.waiting;
    case "saved":
      return words.saved;
    case "refused":
      return words.refused(reasonOf(state.reason));
    case "conflict":
      return words.conflict;
  }
}
