/** Short messages to the person: what was refused, what was done, and the way back from it. */
import { signal } from "@preact/signals";
import { TaskwireError } from "../client/index.ts";
import { texts } from "./texts/index.ts";

/** What can be done about it: `Undo`. */
export interface NoticeAction {
  readonly text: string;
  readonly run: () => void;
}

export interface NewNotice {
  readonly text: string;
  readonly action?: NoticeAction;
  /** A refusal is read out at once; all else waits until the reader is silent. */
  readonly tone?: "plain" | "problem";
}

export interface Notice extends NewNotice {
  readonly id: number;
}

export const notices = signal<readonly Notice[]>([]);
/** For screen readers only: what a sighted person sees happen. */
export const announcement = signal("");

const shownMs = 8000;
/** More than these hide the page. */
const most = 4;
let lastId = 0;
/** Running clocks by notice; one that is pointed at or focused has none. */
const clocks = new Map<number, ReturnType<typeof setTimeout>>();

/** Shows it for 8 s, or longer while it is held. Answers what takes it away. */
export function notify(notice: NewNotice): () => void {
  const id = ++lastId;
  for (const { id: old } of notices.value.slice(0, Math.max(0, notices.value.length + 1 - most))) dismiss(old);
  notices.value = [...notices.value, { ...notice, id }];
  release(id);
  return () => dismiss(id);
}

export function dismiss(id: number): void {
  hold(id);
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** It stays until it is released: somebody reads it or is about to press its button. */
export function hold(id: number): void {
  clearTimeout(clocks.get(id));
  clocks.delete(id);
}

export function release(id: number): void {
  hold(id);
  clocks.set(
    id,
    setTimeout(() => dismiss(id), shownMs),
  );
}

/** What went wrong, in words. Rethrows what is no TaskwireError: a fault of the page. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof TaskwireError)) throw error;
  return error.code === "network" ? texts.common.unreachable : error.message;
}

/** Watches a write that is already shown: only a refusal is worth a word. */
export function watch(write: Promise<unknown>): void {
  write.catch((error: unknown) => {
    if (error instanceof TaskwireError && error.code === "closed") return;
    notify({ text: texts.common.refused(reasonOf(error)), tone: "problem" });
  });
}
