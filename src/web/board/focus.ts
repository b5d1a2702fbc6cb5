/** Which card has the keyboard. One card is the board's tab stop; arrows move it; it survives moves and deletions. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Columns } from "./places.ts";

export interface Focus {
  /** The tab stop; null: the first card is. */
  readonly card: ReadonlySignal<string | null>;
  /** Moves the keyboard to the card, which is rendered and scrolled to if it is not in sight. */
  to(taskId: string): void;
  /** The card was focused, by whatever means. */
  came(taskId: string): void;
  /** Its element lost the focus. */
  went(taskId: string, element: HTMLElement): void;
  /** A card's element is there: it takes the focus if it is the one that should have it. Answers what forgets it. */
  appeared(taskId: string, element: HTMLElement): () => void;
  /** The lists changed: a card that had the keyboard keeps it, or hands it to the one that took its place. */
  settle(): void;
}

export function createFocus(lists: () => Columns): Focus {
  const card = signal<string | null>(null);
  /** The card that has the focus, or should have it as soon as it is rendered. */
  let holder: string | null = null;
  /** Where the holder stood last. */
  let stood = { column: 0, index: 0 };
  const elements = new Map<string, HTMLElement>();

  const placeOf = (taskId: string) => {
    const all = lists();
    for (const [column, { list }] of all.entries()) {
      const index = list.findIndex(({ id }) => id === taskId);
      if (index >= 0) return { column, index };
    }
    return undefined;
  };
  const take = (element: HTMLElement) => {
    element.focus({ preventScroll: true });
    element.closest("[data-task]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const to = (taskId: string) => {
    holder = taskId;
    stood = placeOf(taskId) ?? stood;
    card.value = taskId;
    const element = elements.get(taskId);
    if (element?.isConnected) take(element);
  };

  return {
    card,
    to,
    came(taskId) {
      holder = taskId;
      stood = placeOf(taskId) ?? stood;
      card.value = taskId;
    },
    went(taskId, element) {
      // An element that is taken out of the page loses the focus too; then the card still has it.
      setTimeout(() => {
        if (element.isConnected && holder === taskId && document.activeElement !== element) holder = null;
      });
    },
    appeared(taskId, element) {
      elements.set(taskId, element);
      if (holder === taskId && document.activeElement !== element && !isElsewhere()) take(element);
      return () => {
        if (elements.get(taskId) === element) elements.delete(taskId);
      };
    },
    settle() {
      const tabStop = card.peek();
      const place = tabStop === null ? undefined : placeOf(tabStop);
      if (place) stood = place;
      if (tabStop === null || place) return;
      const list = lists()[stood.column]?.list ?? [];
      const next = list[Math.min(stood.index, list.length - 1)];
      if (next && holder === tabStop && !isElsewhere()) to(next.id);
      else card.value = next?.id ?? null;
    },
  };
}

/** Is the focus on something that the person went to? */
function isElsewhere(): boolean {
  const { activeElement } = document;
  return activeElement !== null && activeElement !== document.body && activeElement.closest("[data-task]") === null;
}
