/** The comments of the tasks that are open now: loaded once, then kept by events. */

import type { Comment } from "../protocol/comments.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import { type Cell, createCell, type Observable } from "./observable.ts";
import type { Write } from "./optimistic.ts";

export interface OpenComments {
  /** Oldest first, deleted ones left out; null until they are loaded. */
  readonly list: Observable<readonly Comment[] | null>;
  close(): void;
}

export interface Comments {
  open(taskId: string): OpenComments;
  apply(events: readonly LoggedEvent[]): void;
  /** The log did not reach back: what is open is loaded again. */
  reload(): void;
  /** There is a connection again: loads what could not be loaded. */
  loadMissing(): void;
  /** Comments of one's own that the server has not told yet. */
  showWrites(writes: readonly Write[]): void;
}

interface OpenList {
  readonly cell: Cell<readonly Comment[] | null>;
  /** By id; what events told while a list was on its way is newer than the list. */
  readonly known: Map<string, Comment>;
  state: "loading" | "loaded" | "missing";
  loads: number;
  holders: number;
}

/** `load` answers all comments of a task. It throws where there are none to see; the list then stays null. */
export function createComments(load: (taskId: string) => Promise<readonly Comment[]>): Comments {
  const lists = new Map<string, OpenList>();
  let writes: readonly Write[] = [];

  const show = (taskId: string, { cell, known, state }: OpenList): void => {
    if (state !== "loaded") return;
    const all = new Map(known);
    for (const write of writes) {
      const comment = commentOf(write);
      if (comment?.task_id === taskId && !all.has(comment.id)) all.set(comment.id, comment);
    }
    cell.set([...all.values()].filter((comment) => comment.deleted_at === null).sort(byTime));
  };

  const fill = async (taskId: string, list: OpenList): Promise<void> => {
    list.known.clear();
    list.state = "loading";
    const own = ++list.loads;
    const comments = await load(taskId).catch(() => undefined);
    // Closed meanwhile, or an answer that a newer question has overtaken.
    if (lists.get(taskId) !== list || own !== list.loads) return;
    list.state = comments ? "loaded" : "missing";
    if (!comments) return;
    for (const comment of comments) if (!list.known.has(comment.id)) list.known.set(comment.id, comment);
    show(taskId, list);
  };

  return {
    open(taskId) {
      let list = lists.get(taskId);
      if (!list) {
        list = {
          cell: createCell<readonly Comment[] | null>(null),
          known: new Map(),
          state: "missing",
          loads: 0,
          holders: 0,
        };
        lists.set(taskId, list);
        void fill(taskId, list);
      }
      const opened = list;
      opened.holders++;
      let closed = false;
      return {
        list: opened.cell,
        close() {
          if (closed) return;
          closed = true;
          if (--opened.holders === 0) lists.delete(taskId);
        },
      };
    },
    apply(events) {
      const touched = new Set<string>();
      for (const { event, data } of events) {
        if (!commentEvents.has(event)) continue;
        // The data of a frame is the one its name has in the catalogue.
        const { comment } = data as { readonly comment: Comment };
        lists.get(comment.task_id)?.known.set(comment.id, comment);
        touched.add(comment.task_id);
      }
      for (const taskId of touched) {
        const list = lists.get(taskId);
        if (list) show(taskId, list);
      }
    },
    reload() {
      for (const [taskId, list] of lists) void fill(taskId, list);
    },
    loadMissing() {
      for (const [taskId, list] of lists) if (list.state === "missing") void fill(taskId, list);
    },
    showWrites(next) {
      writes = next;
      for (const [taskId, list] of lists) show(taskId, list);
    },
  };
}

const commentEvents: ReadonlySet<string> = new Set(["comment_added", "comment_updated", "comment_deleted"]);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a: Comment, b: Comment): number => compareText(a.created_at, b.created_at) || compareText(a.id, b.id);

function commentOf(write: Write): Comment | undefined {
  if (write.event !== "new_comment" || write.data.id === undefined) return undefined;
  return {
    id: write.data.id,
    task_id: write.data.task_id,
    author_id: write.userId,
    content: write.data.content,
    reactions: {},
    created_at: new Date(write.madeAtMs).toISOString(),
    edited_at: null,
    deleted_at: null,
  };
}
