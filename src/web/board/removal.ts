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
  const subtasks = [...store.tasks.value.values()].filter(({ parent_id }) => parent_id === task.id).length;
  const text = words.deleted(nameOf(task), subtasks);
  const undo = () => {
    end();
    show();
    announcement.value = words.restored(nameOf(task));
  };
  const dismiss = notify({ text, action: { text: texts.common.undo, run: undo } });
}

/** Takes the task off the board; it stays in the project's archive. */
export function archiveTask(board: Board, task: Task): void {
  setArchived(board, task, new Date().toISOString());
  tell(words.archived(nameOf(task)), () => setArchived(board, task, null));
}

/** The way back, at any time. */
export function restoreTask(board: Board, task: Task): void {
  const { archived_at } = task;
  setArchived(board, task, null);
  tell(words.restored(nameOf(task)), () => setArchived(board, task, archived_at));
}

const setArchived = ({ client }: Board, { id }: Task, archived_at: string | null): void =>
  watch(client.updateTask(id, { archived_at }));

const tell = (text: string, run: () => void): void => void notify({ text, action: { text: texts.common.undo, run } });

/** What a task is called in a sentence: its key, or its title while it has none. */
export const nameOf = ({ key, title }: Pick<Task, "key" | "title">): string => (key === "" ? title : key);
