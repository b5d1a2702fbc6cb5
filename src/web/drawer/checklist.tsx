/** The checklist of a task: ticked, renamed, put in order by mouse, finger or keys. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { announcement, watch } from "../notices.ts";
import { moved, useReorder } from "../reorder.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Opened, TaskDetail } from "./context.ts";
import { NotLoaded } from "./not-loaded.tsx";
import { Section } from "./section.tsx";
import { AddLine } from "./subtasks.tsx";

const words = texts.drawer.checklist;

type Item = NonNullable<TaskDetail["checklist"]["value"]>[number];

export function Checklist({ board, detail }: Opened) {
  const items = useLive(detail.checklist);
  const list = useRef<HTMLUListElement>(null);
  const move = (from: number, to: number) => items && moveItem(detail, items, from, to);
  const { held, handle } = useReorder(list, items?.length ?? 0, move);
  if (items !== null && items.length === 0 && !board.mayWrite) return null;
  const done = items?.filter((item) => item.done).length ?? 0;
  // While one is in the hand the others make room for it.
  const shown = held ? moved(items ?? [], held.from, held.to) : (items ?? []);
  return (
    <Section
      heading={words.heading}
      count={items?.length ? texts.drawer.subtasks.progress(done, items.length) : undefined}
    >
      {items === null && <NotLoaded board={board} lines={2} />}
      {items !== null && items.length > 0 && (
        <ul ref={list} class="task-rows" data-dragging={held !== null || undefined}>
          {shown.map((item) => (
            <Row
              key={item.id}
              board={board}
              detail={detail}
              items={items}
              index={items.indexOf(item)}
              isHeld={held !== null && items[held.from] === item}
              pickUp={handle(items.indexOf(item)).onPointerDown}
            />
          ))}
        </ul>
      )}
      {board.mayWrite && <AddLine label={words.add} add={(title) => watch(detail.addChecklistItem(title))} />}
    </Section>
  );
}

/** From one place to another, counted from 0: at once, and told to who cannot see it. */
function moveItem(detail: TaskDetail, items: readonly Item[], from: number, to: number): void {
  const [item, there] = [items[from], items[to]];
  if (!item || !there || from === to) return;
  watch(detail.moveChecklistItem(item.id, to > from ? { after: there.id } : { before: there.id }));
  announcement.value = words.moved(item.title, to + 1, items.length);
}

interface RowProps extends Pick<Opened, "board" | "detail"> {
  readonly items: readonly Item[];
  readonly index: number;
  readonly isHeld: boolean;
  /** Dragging by mouse or finger; keys have buttons. */
  readonly pickUp: (event: PointerEvent) => void;
}

function Row({ board, detail, items, index, isHeld, pickUp }: RowProps) {
  const item = items[index];
  if (!item) return null;
  return (
    <li
      class="check-item"
      data-pending={item.pending || undefined}
      data-done={item.done || undefined}
      data-held={isHeld || undefined}
    >
      {board.mayWrite && (
        <span class="check-grip" aria-hidden="true" title={words.drag(item.title)} onPointerDown={pickUp}>
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
  // Before the next key can come: what is typed at once belongs in the field.
  useLayoutEffect(() => {
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
  const [isFirst, isLast] = [index === 0, index === items.length - 1];
  return (
    <span class="row-actions">
      <IconButton
        icon="arrow_up"
        size="small"
        label={words.up(item.title)}
        aria-disabled={isFirst || undefined}
        onClick={() => moveItem(detail, items, index, index - 1)}
      />
      <IconButton
        icon="arrow_down"
        size="small"
        label={words.down(item.title)}
        aria-disabled={isLast || undefined}
        onClick={() => moveItem(detail, items, index, index + 1)}
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
