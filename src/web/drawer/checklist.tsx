/** The checklist of a task: ticked, renamed, put in order by mouse or by keys. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { announcement, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import type { Opened, TaskDetail } from "./context.ts";
import { Section } from "./section.tsx";
import { AddLine } from "./subtasks.tsx";

const words = texts.drawer.checklist;

type Item = NonNullable<TaskDetail["checklist"]["value"]>[number];

export function Checklist({ board, detail }: Opened) {
  const items = useLive(detail.checklist);
  const drag = useDrag((id, before) => watch(detail.moveChecklistItem(id, { before })));
  if (items !== null && items.length === 0 && !board.mayWrite) return null;
  const done = items?.filter((item) => item.done).length ?? 0;
  return (
    <Section
      heading={words.heading}
      count={items?.length ? texts.drawer.subtasks.progress(done, items.length) : undefined}
    >
      {items === null && <Skeleton lines={2} />}
      {items !== null && items.length > 0 && (
        <ul class="task-rows">
          {items.map((item, index) => (
            <Row key={item.id} board={board} detail={detail} items={items} index={index} drag={drag} />
          ))}
        </ul>
      )}
      {board.mayWrite && <AddLine label={words.add} add={(title) => watch(detail.addChecklistItem(title))} />}
    </Section>
  );
}

/** Dragging by the mouse; keys have buttons. `drop` hears the item and the one it was dropped on. */
function useDrag(drop: (id: string, before: string) => void) {
  const held = useSignal<string | null>(null);
  const over = useSignal<string | null>(null);
  const end = () => {
    held.value = null;
    over.value = null;
  };
  return {
    held: held.value,
    over: over.value,
    end,
    grab(id: string) {
      held.value = id;
    },
    pass(event: DragEvent, id: string) {
      if (held.value === null) return;
      event.preventDefault();
      over.value = id;
    },
    drop(event: DragEvent) {
      event.preventDefault();
      const [id, before] = [held.value, over.value];
      end();
      if (id !== null && before !== null && id !== before) drop(id, before);
    },
  };
}

interface RowProps extends Pick<Opened, "board" | "detail"> {
  readonly items: readonly Item[];
  readonly index: number;
  readonly drag: ReturnType<typeof useDrag>;
}

function Row({ board, detail, items, index, drag }: RowProps) {
  const item = items[index];
  if (!item) return null;
  return (
    <li
      class="check-item"
      data-pending={item.pending || undefined}
      data-done={item.done || undefined}
      data-landing={(drag.over === item.id && drag.held !== item.id) || undefined}
      draggable={drag.held === item.id}
      onDragOver={(event) => drag.pass(event, item.id)}
      onDrop={drag.drop}
      onDragEnd={drag.end}
    >
      {board.mayWrite && (
        <span
          class="check-grip"
          aria-hidden="true"
          title={words.drag(item.title)}
          onPointerDown={() => drag.grab(item.id)}
          onPointerUp={drag.end}
        >
          <Icon name="grip" />
        </span>
      )}
      <input
        type="checkbox"
        aria-label={item.title}
        checked={item.done}
        disabled={!board.mayWrite}
        onChange={(event) => watch(detail.toggleChecklistItem(item.id, event.currentTarget.checked))}
      />
      <ItemTitle item={item} mayWrite={board.mayWrite} detail={detail} />
      {board.mayWrite && <ItemActions items={items} index={index} detail={detail} />}
    </li>
  );
}

interface TitleProps extends Pick<Opened, "detail"> {
  readonly item: Item;
  readonly mayWrite: boolean;
}

function ItemTitle({ item, mayWrite, detail }: TitleProps) {
  /** What is typed in place of the title; null: nobody edits it. */
  const typed = useSignal<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const editing = typed.value !== null;
  const wasEditing = useRef(false);
  useEffect(() => {
    if (editing) input.current?.select();
    else if (wasEditing.current && document.activeElement === document.body) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  if (!mayWrite) return <span class="check-title">{item.title}</span>;
  if (typed.value === null) {
    return (
      <button
        ref={button}
        type="button"
        class="check-title"
        aria-label={words.rename(item.title)}
        onClick={() => {
          typed.value = item.title;
        }}
      >
        {item.title}
      </button>
    );
  }
  const finish = () => {
    const title = typed.value?.trim() ?? "";
    typed.value = null;
    if (title !== "" && title !== item.title) watch(detail.renameChecklistItem(item.id, title));
  };
  return (
    <input
      ref={input}
      class="input"
      aria-label={words.rename(item.title)}
      maxLength={500}
      value={typed.value}
      onInput={(event) => {
        typed.value = event.currentTarget.value;
      }}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Escape") typed.value = null;
        else finish();
      }}
    />
  );
}

interface ActionsProps extends Pick<Opened, "detail"> {
  readonly items: readonly Item[];
  readonly index: number;
}

function ItemActions({ items, index, detail }: ActionsProps) {
  const item = items[index];
  if (!item) return null;
  const [previous, next] = [items[index - 1], items[index + 1]];
  const move = (place: { before?: string; after?: string }, to: number) => {
    watch(detail.moveChecklistItem(item.id, place));
    announcement.value = words.moved(item.title, to + 1, items.length);
  };
  return (
    <span class="row-actions">
      <IconButton
        icon="arrow_up"
        size="small"
        label={words.up(item.title)}
        aria-disabled={!previous || undefined}
        onClick={() => previous && move({ before: previous.id }, index - 1)}
      />
      <IconButton
        icon="arrow_down"
        size="small"
        label={words.down(item.title)}
        aria-disabled={!next || undefined}
        onClick={() => next && move({ after: next.id }, index + 1)}
      />
      <IconButton
        icon="trash"
        size="small"
        label={words.remove(item.title)}
        onClick={(event) => {
          // The row goes, and the button with it: the focus goes to the next one, or the last.
          const row = event.currentTarget.closest("li");
          const neighbour =
            row?.nextElementSibling ?? row?.previousElementSibling ?? row?.parentElement?.nextElementSibling;
          neighbour?.querySelector<HTMLElement>("input")?.focus();
          watch(detail.deleteChecklistItem(item.id));
        }}
      />
    </span>
  );
}
