/** Short messages to the person: what was refused, what was done elsewhere. */
import { signal } from "@preact/signals";
import { TaskwireError } from "../client/index.ts";
import { texts } from "./texts.ts";

export interface Notice {
  readonly id: number;
  readonly text: string;
}

export const notices = signal<readonly Notice[]>([]);
/** For screen readers only: what a sighted person sees happen. */
export const announcement = signal("");

const shownMs = 8000;
let lastId = 0;

export function notify(text: string): void {
  const id = ++lastId;
  notices.value = [...notices.value, { id, text }];
  setTimeout(() => dismiss(id), shownMs);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** What went wrong, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof TaskwireError)) throw error;
  return error.code === "network" ? texts.unreachable : error.message;
}

/** Watches a write that is already shown: only a refusal is worth a word. */
export function watch(write: Promise<unknown>): void {
  write.catch((error: unknown) => {
    if (error instanceof TaskwireError && error.code === "closed") return;
    notify(texts.refused(reasonOf(error)));
  });
}
