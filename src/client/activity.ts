/** What happened to an open task: read from the newest back, and made of the events that follow, as the server does. */
import type { ActivityEntry } from "../protocol/activity.ts";
import type { EventData } from "../protocol/catalogue.ts";
import type { ChecklistItem } from "../protocol/checklist.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Task } from "../protocol/tasks.ts";
import type { Clock } from "./clock.ts";
import { createFeed } from "./feed.ts";
import { onWatch } from "./load.ts";
import type { Page } from "./loading.ts";
import { createCell } from "./observable.ts";
import type { PagedList } from "./task-detail.ts";
import type { TaskPart } from "./task-part.ts";

export interface ActivityOptions {
  readonly load: (cursor: string | null) => Promise<Page<ActivityEntry>>;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Activity extends TaskPart {
  readonly list: PagedList<ActivityEntry>;
  /** The task as it is called now. */
  rename(task: Task | null): void;
}

export function createActivity({ load, clock, random }: ActivityOptions): Activity {
  const items = createCell<readonly ActivityEntry[] | null>(null);
  let task: Named | undefined;
  const show = (): void => items.set(feed.read()?.map((entry) => withTask(entry, task)) ?? null);
  const feed = createFeed({
    load,
    clock,
    random,
    keyOf: ({ seq }: ActivityEntry) => seq,
    compare: (a, b) => b.seq - a.seq,
    changed: () => show(),
  });
  /** An entry tells of a comment what it is now. */
  const retell = (event: string, data: unknown): void => {
    if (event !== "comment_updated" && event !== "comment_deleted") return;
    // The data of a frame is the one its name has in the catalogue.
    const { comment } = data as EventData<typeof event>;
    for (const entry of feed.read() ?? []) {
      if (entry.data.comment_id === comment.id) feed.put({ ...entry, data: commented({ comment }) });
    }
  };

  return {
    list: { items: onWatch(items, feed.want), loaded: feed.loaded, hasMore: feed.hasMore, loadMore: feed.loadMore },
    rename(next) {
      if (!next || (next.key === task?.key && next.title === task.title)) return;
      task = { key: next.key, title: next.title };
      show();
    },
    apply(logged) {
      retell(logged.event, logged.data);
      const entry = entryOf(logged);
      if (entry) feed.put(entry);
    },
    show() {},
    reload: feed.reload,
    retry: feed.retry,
    close: feed.close,
  };
}

/** Entries of comments name the task as it is now. */
const withTask = (entry: ActivityEntry, task: Named | undefined): ActivityEntry =>
  task && entry.data.comment_id !== undefined ? { ...entry, data: { ...entry.data, task } } : entry;

/** As the server cuts it (`excerptMax` of the protocol, which comes with the validator). */
const excerptMax = 200;
const cut = (text: string): string => [...text.slice(0, 2 * excerptMax)].slice(0, excerptMax).join("");

type EntryData = ActivityEntry["data"];
type Told = {
  readonly [Name in
    | "task_created"
    | "task_updated"
    | "task_status_changed"
    | "task_assigned"
    | "task_deleted"
    | "comment_added"
    | "comment_updated"
    | "comment_deleted"]: (data: EventData<Name>, at: string) => EntryData | undefined;
};
type Named = Pick<Task, "key" | "title">;
type CommentData = Pick<EventData<"comment_added">, "comment">;

const named = ({ task: { key, title } }: { readonly task: Task }): EntryData => ({ task: { key, title } });
const excerptOf = ({ content, deleted_at }: CommentData["comment"]): { excerpt?: string | undefined } => ({
  excerpt: deleted_at === null ? cut(content) : undefined,
});
const commented = ({ comment }: CommentData): EntryData => ({ comment_id: comment.id, ...excerptOf(comment) });

const told: Told = {
  task_created: named,
  task_updated: (data) => ({ ...named(data), changes: shortened(data.changes) }),
  task_status_changed: (data) => ({ ...named(data), old_status: data.old_status, new_status: data.new_status }),
  task_assigned: (data) => ({ ...named(data), added: data.added, removed: data.removed }),
  task_deleted: named,
  comment_added: commented,
  // A reaction is told by the same event; only an edit gives the comment the event's own time.
  comment_updated: (data, at) => (data.comment.edited_at === at ? commented(data) : undefined),
  comment_deleted: commented,
};
const isTold = (event: string): event is keyof Told => Object.hasOwn(told, event);

function shortened(changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { description, checklist } = changes;
  const short: Record<string, unknown> = { ...changes };
  if (typeof description === "string") short.description = cut(description);
  if (Array.isArray(checklist)) {
    const items: readonly ChecklistItem[] = checklist;
    short.checklist = { total: items.length, done: items.filter(({ done }) => done).length };
  }
  return short;
}

function entryOf({ seq, event, at, actor, data }: LoggedEvent): ActivityEntry | undefined {
  if (!isTold(event)) return undefined;
  return make(event, data);
  function make<Name extends keyof Told>(name: Name, of: unknown): ActivityEntry | undefined {
    // The data of a frame is the one its name has in the catalogue.
    const typed = of as EventData<Name>;
    const entry = told[name](typed, at);
    return entry && { seq, event, at, actor: actor ?? null, task_id: typed.task_id, data: entry };
  }
}
