/** Dragging cards with a mouse (HTML drag and drop). Everything it does can also be done by keyboard. */
import { signal } from "@preact/signals";
import type { Place } from "../client/index.ts";
import type { Task } from "../protocol/tasks.ts";

/** The task in the hand, and the place under it. */
export const dragged = signal<string | null>(null);
export const place = signal<Place | null>(null);

export function pickUp(event: DragEvent, task: Task): void {
  dragged.value = task.id;
  event.dataTransfer?.setData("text/plain", task.key);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
}

export function putDown(): void {
  dragged.value = null;
  place.value = null;
}

/** Notes where the card would land: before the first card whose middle is below the pointer, else at the end. */
export function hover(event: DragEvent & { readonly currentTarget: HTMLElement }, status: string): void {
  if (dragged.value === null) return;
  event.preventDefault();
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-task]")];
  const others = cards.filter((card) => card.dataset.task !== dragged.value);
  const next = others.find((card) => {
    const { top, height } = card.getBoundingClientRect();
    return event.clientY < top + height / 2;
  });
  const after = others[next ? others.indexOf(next) - 1 : others.length - 1];
  const before = next?.dataset.task;
  const found: Place = { status, ...withId("before", before), ...withId("after", after?.dataset.task) };
  if (!samePlace(found, place.value)) place.value = found;
}

const withId = (name: "before" | "after", id: string | undefined): Partial<Place> =>
  id === undefined ? {} : { [name]: id };

const samePlace = (a: Place, b: Place | null): boolean =>
  a.status === b?.status && a.before === b.before && a.after === b.after;
