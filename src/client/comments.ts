/** The comments of an open task: read from the newest back, kept by events, with one's own changes on top. */
import type { Comment } from "../protocol/comments.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Clock } from "./clock.ts";
import { createFeed } from "./feed.ts";
import { onWatch } from "./load.ts";
import type { Page } from "./loading.ts";
import { createCell } from "./observable.ts";
import type { Write } from "./optimistic.ts";
import type { PagedList, Shown } from "./task-detail.ts";
import type { TaskPart } from "./task-part.ts";

export interface CommentsOptions {
  readonly load: (cursor: string | null) => Promise<Page<Comment>>;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface CommentList extends TaskPart {
  readonly list: PagedList<Shown<Comment>>;
}

export function createComments({ load, clock, random }: CommentsOptions): CommentList {
  const items = createCell<readonly Shown<Comment>[] | null>(null);
  let writes: readonly Write[] = [];
  /** Ids of the comments written here. */
  const own = new Set<string>();
  const show = (): void => {
    const known = feed.read();
    const shown = shownComments(known ?? [...own].map(feed.find).filter((comment) => comment !== undefined), writes);
    // Before the first page is here one sees at least what one has written oneself.
    if (known || shown.length > 0 || items.value !== null) items.set(shown);
  };
  const feed = createFeed({
    load,
    clock,
    random,
    keyOf: ({ id }: Comment) => id,
    compare: byTimeDown,
    changed: () => show(),
  });

  return {
    list: { items: onWatch(items, feed.want), loaded: feed.loaded, hasMore: feed.hasMore, loadMore: feed.loadMore },
    apply({ event, data }: LoggedEvent) {
      // The data of a frame is the one its name has in the catalogue.
      if (commentEvents.has(event)) feed.put((data as { readonly comment: Comment }).comment);
    },
    show(next) {
      writes = next;
      for (const { event, data } of writes) if (event === "new_comment" && data.id !== undefined) own.add(data.id);
      show();
    },
    reload: feed.reload,
    retry: feed.retry,
    close: feed.close,
  };
}

const commentEvents: ReadonlySet<string> = new Set(["comment_added", "comment_updated", "comment_deleted"]);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a: Comment, b: Comment): number => compareText(a.created_at, b.created_at) || compareText(a.id, b.id);
const byTimeDown = (a: Comment, b: Comment): number => byTime(b, a);

/** Oldest first, without the deleted ones, with `writes` on top. */
function shownComments(known: readonly Comment[], writes: readonly Write[]): Shown<Comment>[] {
  const all = new Map(known.map((comment) => [comment.id, { ...comment, pending: false }]));
  for (const write of writes) showWrite(all, write);
  return [...all.values()].filter((comment) => comment.deleted_at === null).sort(byTime);
}

function showWrite(all: Map<string, Shown<Comment>>, write: Write): void {
  if (write.event === "new_comment") {
    const { id, content } = write.data;
    if (id !== undefined && !all.has(id)) all.set(id, newComment(write, id, content));
    return;
  }
  if (!("comment_id" in write.data)) return;
  const comment = all.get(write.data.comment_id);
  if (comment) all.set(comment.id, { ...comment, ...changed(comment, write), pending: true });
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

const newComment = ({ data, madeAtMs, userId }: Write, id: string, content: string): Shown<Comment> => ({
  id,
  task_id: "task_id" in data ? data.task_id : "",
  author_id: userId,
  content,
  reactions: {},
  created_at: isoTime(madeAtMs),
  edited_at: null,
  deleted_at: null,
  pending: true,
});

function changed({ reactions }: Comment, write: Write): Partial<Comment> {
  switch (write.event) {
    case "comment_update":
      return { content: write.data.content, edited_at: isoTime(write.madeAtMs) };
    case "comment_delete":
      return { deleted_at: isoTime(write.madeAtMs) };
    case "reaction_add":
    case "reaction_remove": {
      const { emoji } = write.data;
      const others = (reactions[emoji] ?? []).filter((id) => id !== write.userId);
      const people = write.event === "reaction_add" ? [...others, write.userId] : others;
      const { [emoji]: _, ...rest } = reactions;
      return { reactions: people.length > 0 ? { ...reactions, [emoji]: people } : rest };
    }
    default:
      return {};
  }
}
