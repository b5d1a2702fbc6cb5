/** The archived tasks of a project: read from the newest back when somebody looks, kept by events, with one's own writes on top. */
import type { EventData } from "../protocol/catalogue.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Task } from "../protocol/tasks.ts";
import type { Clock } from "./clock.ts";
import { createFeed } from "./feed.ts";
import { onWatch } from "./load.ts";
import { loadPage, type Page } from "./loading.ts";
import { createCell } from "./observable.ts";
import type { Rest } from "./rest.ts";
import type { PagedList, Shown } from "./task-detail.ts";
import { taskIn } from "./task-part.ts";

/** What one's own writes make of tasks that are not on the board: null where they delete it. By id. */
export type Aside = ReadonlyMap<string, Task | null>;

export interface Archive {
  readonly list: PagedList<Shown<Task>>;
  /** An archived task, where it is known. */
  find(taskId: string): Task | undefined;
  apply(events: readonly LoggedEvent[]): void;
  /** What is on the board and beside it, with one's own writes on top; `pending`: ids of the tasks they change. */
  show(tasks: ReadonlyMap<string, Task>, aside: Aside, pending: ReadonlySet<string>): void;
  /** The log did not reach back: read it anew. */
  reload(): void;
  /** There is a connection again. */
  retry(): void;
  close(): void;
}

interface ArchiveOptions {
  readonly projectId: string;
  readonly rest: Rest;
  readonly clock: Clock;
  readonly random: () => number;
}

const pageItems = "50";

export function createArchive({ projectId, rest, clock, random }: ArchiveOptions): Archive {
  const items = createCell<readonly Shown<Task>[] | null>(null);
  let last: Parameters<Archive["show"]> = [new Map(), new Map(), new Set()];
  /** Before somebody looks, the events are none of its business: its first page will be newer. */
  let isWanted = false;
  const show = (): void => {
    const [tasks, aside, pending] = last;
    const known = feed.read();
    if (!known && aside.size === 0 && items.value === null) return;
    const all = new Map<string, Task | null>(known?.map((task) => [task.id, task]));
    for (const [id, task] of aside) all.set(id, task);
    const archived = [...all.values()].filter((task) => task !== null).filter(isArchived);
    const shown = archived
      .filter(({ id }) => !tasks.has(id))
      .map((task) => ({ ...task, pending: pending.has(task.id) }));
    items.set(shown.sort(newestFirst));
  };
  const feed = createFeed({
    load: (cursor) =>
      loadPage<Page<Task>>(rest, `/api/projects/${projectId}/tasks`, cursor, {
        archived: "true",
        order: "newest",
        limit: pageItems,
      }),
    keyOf: ({ id }: Task) => id,
    compare: newestFirst,
    changed: () => show(),
    clock,
    random,
  });
  const want = (): void => {
    isWanted = true;
    feed.want();
  };

  return {
    list: { items: onWatch(items, want), loaded: feed.loaded, hasMore: feed.hasMore, loadMore: feed.loadMore },
    find(taskId) {
      const task = feed.find(taskId);
      return task && isArchived(task) ? task : undefined;
    },
    apply(events) {
      if (!isWanted) return;
      for (const event of events) {
        const task = taskIn(event);
        if (task && (isArchived(task) || feed.find(task.id) || leaves(event))) {
          feed.put(event.event === "task_deleted" ? { ...task, archived_at: null } : task);
        }
      }
    },
    show(...next) {
      last = next;
      show();
    },
    reload: feed.reload,
    retry: feed.retry,
    close: feed.close,
  };
}

const isArchived = ({ archived_at }: Task): boolean => archived_at !== null;

/** A task that is not archived any more; a page on its way may say that it is. */
function leaves({ event, data }: LoggedEvent): boolean {
  if (event === "task_deleted") return true;
  // The data of a frame is the one its name has in the catalogue.
  return event === "task_updated" && "archived_at" in (data as EventData<"task_updated">).changes;
}

/** What has no number yet is newer than all others. */
const newestFirst = (a: Task, b: Task): number =>
  (b.number || Number.MAX_SAFE_INTEGER) - (a.number || Number.MAX_SAFE_INTEGER) || (a.id < b.id ? 1 : -1);
