/** A line at a column's foot that makes tasks: Enter adds, and the line stays for the next one. */
import { effect, useSignal } from "@preact/signals";
import type { TargetedInputEvent, TargetedKeyboardEvent } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { createId } from "../../client/ids.ts";
import type { NewTask } from "../../client/index.ts";
import type { Column } from "../../protocol/projects.ts";
import { announcement, notify, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Icon } from "../ui/icon.tsx";
import { Completions, type Suggestion, suggestionsFor } from "./completions.tsx";
import type { Board } from "./context.ts";
import { loadDateFinder } from "./dates.ts";
import type { BoardModel } from "./model.ts";
import {
  complete,
  type DateFinder,
  type OpenToken,
  openTokenAt,
  type Understood,
  understand,
} from "./quick-add-parse.ts";
import { Preview } from "./quick-add-preview.tsx";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
  readonly column: Column;
}

const words = texts.board;

export function QuickAdd({ board, model, column }: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const line = useLine(board, model);
  const token = useSignal<OpenToken | undefined>(undefined);
  const active = useSignal(0);
  // At once, and not after the next paint: what is typed behind the key that asked for the line belongs into it.
  useLayoutEffect(
    () =>
      effect(() => {
        if (model.adding.value !== column.status) return;
        model.adding.value = null;
        input.current?.focus();
      }),
    [model, column.status],
  );
  const suggestions = token.value ? suggestionsFor(token.value, board, model) : [];
  const chosen = suggestions[Math.min(active.value, suggestions.length - 1)];

  const look = (element: HTMLInputElement) => {
    const { value, selectionStart } = element;
    line.text.value = value;
    token.value = openTokenAt(value, selectionStart ?? value.length);
    active.value = 0;
  };
  const take = ({ name }: Suggestion) => {
    const { current } = input;
    if (!current || !token.value) return;
    const completed = complete(current.value, token.value, name);
    current.value = completed.text;
    current.focus();
    current.setSelectionRange(completed.caret, completed.caret);
    look(current);
  };
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    if (input.current && line.understood.title !== "") {
      addTask(board, model, column, line.understood);
      input.current.value = "";
      line.clear();
    }
  };
  const press = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (chosen && step) active.value = (active.value + step + suggestions.length) % suggestions.length;
    else if (chosen && (event.key === "Enter" || event.key === "Tab")) take(chosen);
    else if (event.key !== "Escape") return;
    else if (token.value && chosen) token.value = undefined;
    else event.currentTarget.blur();
    event.preventDefault();
    event.stopPropagation();
  };

  const isOpen = suggestions.length > 0;
  return (
    <form class="quick-add" onSubmit={add} data-writing={line.text.value !== "" || undefined}>
      <span class="quick-add-line">
        <Icon name="plus" />
        <input
          ref={input}
          name="title"
          maxLength={500}
          autocomplete="off"
          enterkeyhint="done"
          placeholder={words.add}
          role="combobox"
          aria-label={words.addTo(column.name)}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
          aria-describedby={`${id}-read`}
          onInput={(event: TargetedInputEvent<HTMLInputElement>) => look(event.currentTarget)}
          onFocus={line.prepare}
          onKeyDown={press}
          onBlur={() => (token.value = undefined)}
        />
      </span>
      <Preview id={`${id}-read`} board={board} model={model} understood={line.understood} ignore={line.ignore} />
      <Completions id={id} label={words.suggestions} suggestions={suggestions} chosen={chosen} take={take} />
    </form>
  );
}

/** The text of the line, and what it means. */
function useLine(board: Board, model: BoardModel) {
  const text = useSignal("");
  const ignored = useSignal<ReadonlySet<string>>(new Set());
  const findDates = useSignal<{ readonly find: DateFinder } | undefined>(undefined);
  const isShown = useRef(true);
  useEffect(
    () => () => {
      isShown.current = false;
    },
    [],
  );
  const understood: Understood = understand(text.value, {
    people: [...board.members.values()].map(({ user }) => user),
    labels: [...model.labels.value.values()],
    findDates: findDates.value?.find,
    now: new Date(),
    ignored: ignored.value,
  });
  return {
    text,
    understood,
    ignore: (part: string) => {
      ignored.value = new Set(ignored.value).add(part);
    },
    clear() {
      text.value = "";
      ignored.value = new Set();
    },
    /** Somebody is about to write. Where the parser cannot be loaded, dates stay text. */
    prepare() {
      if (findDates.value) return;
      loadDateFinder(navigator.language).then(
        (find) => {
          if (isShown.current) findDates.value = { find };
        },
        () => {},
      );
    },
  };
}

function addTask(board: Board, model: BoardModel, column: Column, { title, parts }: Understood): void {
  const id = createId(Date.now());
  const task: NewTask = {
    id,
    title,
    status: column.status,
    assignee_ids: parts.flatMap((part) => (part.kind === "person" ? [part.id] : [])),
    label_ids: parts.flatMap((part) => (part.kind === "label" ? [part.id] : [])),
    ...Object.assign({}, ...parts.map(fieldsOf)),
  };
  watch(board.client.createTask(board.store.id, task));
  announcement.value = words.added(title, column.name);
  if (model.listWith(id)) requestAnimationFrame(() => scrollToEnd(column.status));
  else notify({ text: words.addedHidden(title) });
}

function fieldsOf(part: Understood["parts"][number]): Partial<NewTask> {
  if (part.kind === "priority") return { priority: part.priority };
  return part.kind === "due" ? { due_at: part.due.at, all_day: part.due.allDay } : {};
}

function scrollToEnd(status: string): void {
  const list = document.querySelector(`[data-cards="${CSS.escape(status)}"]`);
  list?.scrollTo({ top: list.scrollHeight });
}
