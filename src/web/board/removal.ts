/** Deleting and archiving with a way back. */
import { type Signal, signal } from "@preact/signals";
import type { ProjectStore } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";
import { announcement, notify, watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import type { Board } from "./context.ts";

const words = texts.board;
const removedByStore = new WeakMap<ProjectStore, Signal<ReadonlySet<string>>>();

/** Ids of tasks that are deleted here, but not on the server as long as it can be undone. */
export function removedIn(store: ProjectStore): Signal<ReadonlySet<string>> {
  const known = removedByStore.get(store);
  if (known) return known;
  const removed = signal<ReadonlySet<string>>(new Set());
  removedByStore.set(store, removed);
  return removed;
}

/** A little longer than the notice with the way back is shown. */
const graceMs = 9000;

/**
 * Hides the task (and with it its subtasks) and deletes it when the time for undoing is over, or when the page is left:
 * the server has no way back from a deletion. Offline the deletion then waits like every other write.
 */
export function removeTask({ client, store }: Board, task: Task): void {
  const removed = removedIn(store);
  removed.value = new Set(removed.peek()).add(task.id);
  const end = () => {
    clearTimeout(timer);
    removeEventListener("pagehide", commit);
    dismiss();
  };
  const show = () => {
    const left = new Set(removed.peek());
    left.delete(task.id);
    removed.value = left;
  };
  const commit = () => {
    end();
    // Shown as deleted by the store from now on, and again if the server refuses.
    watch(client.deleteTask(task.id));
    show();
  };
  const timer = setTimeout(commit, graceMs);
  addEventListener("pagehide", commit);
  const text = words.deleted(nameOf(task));
  const undo = () => {
    end();
    show();
    announcement.value = words.restored(nameOf(task));
  };
  const dismiss = notify({ text, action: { text: texts.common.undo, run: undo } });
}

/** Takes the task off the board; it stays in the project. */
export function archiveTask({ client }: Board, task: Task): void {
  watch(client.updateTask(task.id, { archived_at: new Date().toISOString() }));
  const undo = () => watch(client.updateTask(task.id, { archived_at: null }));
  notify({ text: words.archived(nameOf(task)), action: { text: texts.common.undo, run: undo } });
}

/** What a task is called in a sentence: its key, or its title while it has none. */
export const nameOf = ({ key, title }: Pick<Task, "key" | "title">): string => (key === "" ? title : key);
