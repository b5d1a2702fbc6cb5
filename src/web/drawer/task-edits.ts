/** The edits of a task's title and description: they outlive the drawer until what was typed is saved. */
import { useEffect, useState } from "preact/hooks";
import { TaskwireError } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { notify, reasonOf } from "../notices.ts";
import { navigate, taskPath } from "../route.ts";
import { texts } from "../texts/index.ts";
import type { Opened } from "./context.ts";
import type { Base } from "./drafts.ts";
import { createTextEdit, type TextEdit } from "./text-edit.ts";

export type TextField = "title" | "description";
export type TaskEdits = Readonly<Record<TextField, TextEdit>>;

/** Typing that stops for so long is saved. */
const pauseMs = 800;

const later = (run: () => void): (() => void) => {
  const timer = setTimeout(run, pauseMs);
  return () => clearTimeout(timer);
};

/** Over the socket; a text too large for a frame over HTTP. */
async function saveText({ client }: Board, taskId: string, field: TextField, text: string, version: number) {
  const changes = field === "title" ? { title: text.trim() } : { description: text };
  try {
    return await client.updateTask(taskId, changes, version);
  } catch (error) {
    if (!(error instanceof TaskwireError) || error.code !== "too_large") throw error;
    return client.rest.request<Task>("PATCH", `/api/tasks/${taskId}`, { ...changes, version });
  }
}

/** `current` of a conflict is the task as the contract has it (H1). */
function currentOf({ extras: { current } }: TaskwireError, field: TextField): Base | undefined {
  if (typeof current !== "object" || current === null || !("version" in current) || !(field in current))
    return undefined;
  const text: unknown = Object.entries(current).find(([name]) => name === field)?.[1];
  return typeof text === "string" && typeof current.version === "number"
    ? { text, version: current.version }
    : undefined;
}

function openEdit({ board, drafts, task }: Opened, field: TextField, pending: boolean): TextEdit {
  return createTextEdit({
    shown: { text: task[field], version: task.version, pending },
    async save(text, version) {
      const saved = await saveText(board, task.id, field, text, version);
      return { text: saved[field], version: saved.version };
    },
    currentOf: (error) => currentOf(error, field),
    draft: drafts.slot(task.id, field),
    acceptable: (text) => field === "description" || text.trim() !== "",
    later,
  });
}

/** The edits of one task (another one is another component), fed with what it shows. When the drawer closes they are sent; what then goes wrong is told in a notice. */
export function useTaskEdits(opened: Opened): TaskEdits {
  const { board, detail, task } = opened;
  const { store } = board;
  const pending = useLive(store.pending).has(task.id);
  const [edits] = useState<TaskEdits>(() => ({
    title: openEdit(opened, "title", pending),
    description: openEdit(opened, "description", pending),
  }));
  const { title, description, version } = task;
  useEffect(() => {
    edits.title.show({ text: title, version, pending });
    edits.description.show({ text: description, version, pending });
  }, [edits, title, description, version, pending]);
  useEffect(() => {
    const flush = () => flushAll(edits);
    const listen = new AbortController();
    document.addEventListener("visibilitychange", flush, { signal: listen.signal });
    addEventListener("pagehide", flush, { signal: listen.signal });
    return () => {
      listen.abort();
      flush();
      // What was typed into a task that is gone is offered by the drawer itself.
      if (detail.state.value === "open") watchUnsaved(store, task.id, task.key, edits);
    };
    // The task's key changes once, from none to its own.
  }, [edits, detail, store, task.id, task.key]);
  return edits;
}

function flushAll(edits: TaskEdits): void {
  edits.title.flush();
  edits.description.flush();
}

/** After the drawer has closed nobody sees the state of an edit any more. */
function watchUnsaved(store: Board["store"], taskId: string, key: string, edits: TaskEdits): void {
  for (const edit of Object.values(edits)) {
    if (edit.unsaved() === null) continue;
    const stop = edit.state.subscribe((state) => {
      if (state.name === "saving" || state.name === "dirty") return;
      queueMicrotask(() => stop());
      const words = texts.drawer.conflict;
      const open = { text: words.open, run: () => navigate(taskPath(store.id, taskId)) };
      if (state.name === "conflict") notify({ text: words.elsewhere(key), tone: "problem", action: open });
      if (state.name === "refused") {
        notify({ text: words.refusedElsewhere(key, reasonOf(state.reason)), tone: "problem", action: open });
      }
    });
  }
}
