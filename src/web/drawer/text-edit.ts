/**
 * The edit of one text of a task (its title, its description): what is typed is kept, sent after a pause, and never
 * overwritten. Time, the network and storage are handed in.
 */
import { signal } from "@preact/signals";
import { TaskwireError } from "../../client/index.ts";
import type { Base, DraftSlot } from "./drafts.ts";

export type EditState =
  /** Nothing typed that the server has not. */
  | { readonly name: "clean" }
  /** Typed, and sent after the pause. */
  | { readonly name: "dirty" }
  /** On its way; without a connection it waits. */
  | { readonly name: "saving" }
  | { readonly name: "saved" }
  /** The server does not take it. The text stays. */
  | { readonly name: "refused"; readonly reason: TaskwireError }
  /** Somebody else changed the text since it was begun here. Nothing is sent until the person has chosen. */
  | { readonly name: "conflict"; readonly base: string; readonly theirs: Base };

/** The text as the task has it. */
export interface Shown extends Base {
  /** A change of the task by this person has not been confirmed: `text` may be one's own already. */
  readonly pending: boolean;
}

export interface TextEditOptions {
  readonly shown: Shown;
  /** Writes it over the version named; answers what the task has then. Throws TaskwireError. */
  readonly save: (text: string, version: number) => Promise<Base>;
  /** The text and version in the `current` of a conflict; undefined where it holds no task. */
  readonly currentOf: (error: TaskwireError) => Base | undefined;
  readonly draft: DraftSlot;
  /** May it be sent? An empty title may not. */
  readonly acceptable?: (text: string) => boolean;
  /** Runs `run` after the pause that ends a burst of typing; answers what cancels it. */
  readonly later: (run: () => void) => () => void;
}

/** A version that others raise faster than it can be read is a conflict for the person to see. */
const retriesMost = 8;

export function createTextEdit(options: TextEditOptions) {
  const { save, currentOf, draft, acceptable = () => true, later } = options;
  let shown = options.shown;
  let base: Base = shown;
  /** What the person has typed; null: the text follows the task. */
  let typed: string | null = null;
  let inFlight = false;
  let cancelLater = () => {};
  const value = signal(shown.text);
  const state = signal<EditState>({ name: "clean" });

  const set = (next: EditState): void => {
    state.value = next;
  };
  const isConflict = () => state.peek().name === "conflict";

  /** The text is the task's again. */
  const follow = (next: EditState): void => {
    cancelLater();
    typed = null;
    base = { text: shown.text, version: shown.version };
    value.value = shown.text;
    draft.clear();
    set(next);
  };

  const wait = (): void => {
    cancelLater();
    cancelLater = later(flush);
  };

  /** What the task shows, against what was typed here. */
  const compare = (): void => {
    if (inFlight) return;
    if (typed === null) {
      base = { text: shown.text, version: shown.version };
      value.value = shown.text;
      return;
    }
    if (shown.text === typed) {
      // One's own write that waits, perhaps of before a reload: the draft is needed until it is confirmed.
      if (shown.pending) set({ name: "saving" });
      else follow({ name: "saved" });
    } else if (shown.text !== base.text) {
      cancelLater();
      set({ name: "conflict", base: base.text, theirs: { text: shown.text, version: shown.version } });
    } else {
      base = { text: base.text, version: Math.max(base.version, shown.version) };
      if (isConflict() || state.peek().name === "saving") {
        set({ name: "dirty" });
        wait();
      }
    }
  };

  const send = async (text: string): Promise<void> => {
    inFlight = true;
    set({ name: "saving" });
    try {
      const saved = await saveOver(text);
      inFlight = false;
      base = saved;
      // The task may show an older state for a moment; it must not count as somebody else's.
      if (shown.version < saved.version) shown = { ...saved, pending: false };
      if (typed === text || typed === saved.text) follow({ name: "saved" });
      else {
        keep();
        set({ name: "dirty" });
        compare();
        if (!isConflict()) flush();
      }
    } catch (error) {
      inFlight = false;
      if (!(error instanceof TaskwireError)) throw error;
      failed(error);
    }
  };

  /** A version raised by a change elsewhere in the task is no conflict: the text itself decides. */
  const saveOver = async (text: string): Promise<Base> => {
    for (let retry = 0; ; retry++) {
      try {
        return await save(text, base.version);
      } catch (error) {
        const current = error instanceof TaskwireError && error.code === "conflict" ? currentOf(error) : undefined;
        if (!current || current.text !== base.text || retry === retriesMost) throw error;
        base = current;
      }
    }
  };

  const failed = (error: TaskwireError): void => {
    const current = error.code === "conflict" ? currentOf(error) : undefined;
    if (current) {
      if (current.version >= shown.version) shown = { ...current, pending: false };
      if (current.text === typed) follow({ name: "saved" });
      else set({ name: "conflict", base: base.text, theirs: current });
    } else if (error.code === "closed") set({ name: "dirty" });
    else set({ name: "refused", reason: error });
  };

  const keep = (): void => {
    if (typed !== null) draft.write({ text: typed, base });
  };

  function flush(): void {
    cancelLater();
    if (typed === null || inFlight || isConflict() || !acceptable(typed)) return;
    const waitsAlready = state.peek().name === "saving";
    if (!waitsAlready) void send(typed);
  }

  /** What is typed goes over `over`, which the person has seen. */
  const settle = (text: string, over: Base): void => {
    base = over;
    typed = text;
    value.value = text;
    keep();
    set({ name: "dirty" });
  };

  const restore = (): void => {
    const kept = draft.read();
    if (!kept) return;
    typed = kept.text;
    if (kept.base) base = kept.base;
    value.value = kept.text;
    if (kept.text === base.text) {
      follow({ name: "clean" });
      return;
    }
    set({ name: "dirty" });
    compare();
    if (state.peek().name === "dirty") wait();
  };
  restore();

  return {
    value,
    state,
    /** What was typed and is not the task's; null where there is nothing. */
    unsaved: (): string | null => typed,
    /** The task changed, or its confirmation came. */
    show(next: Shown): void {
      shown = next;
      compare();
    },
    type(text: string): void {
      typed = text;
      value.value = text;
      // Kept before anything else: the next thing may be the end of the page.
      keep();
      if (isConflict() || inFlight) return;
      if (text === base.text) follow({ name: "clean" });
      else {
        set({ name: "dirty" });
        wait();
      }
    },
    /** Sends at once what waits for the pause; after a refusal it is tried again. */
    flush,
    /** Back to what the task has. */
    discard(): void {
      if (!inFlight) follow({ name: "clean" });
    },
    /** In a conflict: mine over theirs. */
    keepMine(): void {
      const { value: now } = state;
      if (now.name !== "conflict" || typed === null) return;
      settle(typed, now.theirs);
      flush();
    },
    /** In a conflict: theirs. */
    takeTheirs(): void {
      if (isConflict()) follow({ name: "clean" });
    },
    /** In a conflict: a text made of both, to be edited further. */
    merge(text: string): void {
      const { value: now } = state;
      if (now.name !== "conflict") return;
      settle(text, now.theirs);
      wait();
    },
  };
}

export type TextEdit = ReturnType<typeof createTextEdit>;
