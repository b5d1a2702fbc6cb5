/** The title of a card, edited where it stands. */
import { useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Task } from "../../protocol/tasks.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
  readonly task: Task;
}

/** Enter and leaving it save, Escape does not. */
export function TitleEdit({ board, model, task }: Props) {
  const text = useSignal(task.title);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    input.current?.select();
    board.store.setTyping(task.id, true);
    return () => board.store.setTyping(task.id, false);
  }, [board.store, task.id]);
  const end = () => {
    if (model.editing.peek() === task.id) model.editing.value = null;
  };
  const save = () => {
    const title = text.value.replace(/\s+/g, " ").trim();
    const isOpen = model.editing.peek() === task.id;
    end();
    if (isOpen && title !== "" && title !== task.title) watch(board.client.updateTask(task.id, { title }));
  };
  const press = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      save();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      end();
    }
  };
  return (
    <textarea
      ref={input}
      class="card-title-edit"
      rows={2}
      maxLength={500}
      aria-label={texts.board.titleOf(task.key || texts.board.noKey)}
      value={text.value}
      onInput={(event) => {
        text.value = event.currentTarget.value;
      }}
      onKeyDown={press}
      onBlur={save}
    />
  );
}
