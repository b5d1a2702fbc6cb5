/** The checklist of a task: ticked, renamed, put in order by mouse or by keys. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { announcement, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import type { Opened, TaskDetail } from "./context.ts";
import { Section } from "./section.tsx";
import { AddLine } from "./subtasks.tsx";

const words = texts.drawer.checklist;

type Item = NonNullable<TaskDetail["checklist"]["value"]>[number];

export function Checklist({ board, detail }: Opened) {
  const items = useLive(detail.checklist);
  /** The item that is dragged, and the one it would land before (`end` behind all). */
  const dragged = useSignal<string | null>(null);
  const over = useSignal<string | null>(null);
  if (items === null) return <Section heading={words.heading}>{<Skeleton lines={2} />}</Section>;
  if (items.length === 0 && !board.mayWrite) return null;
  const done = items.filter((item) => item.done).length;
  const drop = () => {
    const [id, target] = [dragged.value, over.value];
    dragged.value = null;
    over.value = null;
    if (id !== null && target !== null && id !== target) watch(detail.moveChecklistItem(id, { before: target }));
  };
  return (
    <Section
      heading={words.heading}
      count={items.length > 0 ? texts.drawer.subtasks.progress(done, items.length) : undefined}
    >
      {items.length > 0 && (
        <ul class="task-rows">
          {items.map((item, index) => (
            <li
              key={item.id}
              class="check-item"
              data-pending={item.pending || undefined}
              data-done={item.done || undefined}
              data-landing={(over.value === item.id && dragged.value !== item.id) || undefined}
              draggable={dragged.value === item.id}
              onDragOver={(event) => {
                if (dragged.value === null) return;
                event.preventDefault();
                over.value = item.id;
              }}
              onDrop={(event) => {
                event.preventDefault();
                drop();
              }}
              onDragEnd={() => {
                dragged.value = null;
                over.value = null;
              }}
            >
              {board.mayWrite && (
                <span
                  class="check-grip"
                  aria-hidden="true"
                  title={words.drag(item.title)}
                  onPointerDown={() => {
                    dragged.value = item.id;
                  }}
                  onPointerUp={() => {
                    dragged.value = null;
                  }}
                >
                  ⠿
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
          ))}
        </ul>
      )}
      {board.mayWrite && <AddLine label={words.add} add={(title) => watch(detail.addChecklistItem(title))} />}
    </Section>
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
