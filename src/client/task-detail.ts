/** What the drawer of one task shows and does: loaded once over REST, then kept by the room's events. */
import type { ActivityEntry } from "../protocol/activity.ts";
import type { ChecklistItem } from "../protocol/checklist.ts";
import type { Comment } from "../protocol/comments.ts";
import type { Task } from "../protocol/tasks.ts";
import type { User } from "../protocol/users.ts";
import type { Observable } from "./observable.ts";

/** Something of the server's as this person sees it: `pending` where a change of one's own has not been confirmed yet. */
export type Shown<Resource> = Resource & { readonly pending: boolean };

/** A list that is read page by page. */
export interface PagedList<Item> {
  /** null until the first page is here, or something of one's own is to be shown before. */
  readonly items: Observable<readonly Item[] | null>;
  /** The first page is here. */
  readonly loaded: Observable<boolean>;
  /** There are more on the server than `items` holds. */
  readonly hasMore: Observable<boolean>;
  /** Reads the next page into `items`; nothing where there is none, or one is being read. Throws TaskwireError. */
  loadMore(): Promise<void>;
}

/** A place in the checklist, by item ids: behind `after`, or else in front of `before`. */
export interface ChecklistPlace {
  readonly before?: string;
  readonly after?: string;
}

/**
 * `loading`: not known yet (it goes on by itself when there is a connection). `open`: there. `deleted`: it was there and is
 * deleted. `missing`: there is no such task here.
 */
export type TaskDetailState = "loading" | "open" | "deleted" | "missing";

/**
 * One open task. Verbs show at once, wait in the outbox while there is no connection, and settle when the server has
 * answered; where it refuses, what was shown is taken back and the promise rejects with a TaskwireError.
 */
export interface TaskDetail {
  readonly taskId: string;
  readonly state: Observable<TaskDetailState>;
  /** As in the store, and also where the store has it not because it is archived; null until known and when deleted. */
  readonly task: Observable<Task | null>;
  /** Oldest first, deleted ones left out; `loadMore` reads older ones in front. `reactions`: emoji → ids of people. */
  readonly comments: PagedList<Shown<Comment>>;
  /** In its order; null until loaded. */
  readonly checklist: Observable<readonly Shown<ChecklistItem>[] | null>;
  /** Tasks this one waits for, archived ones too. */
  readonly blockers: Observable<readonly Task[]>;
  /** Tasks that wait for this one; archived ones left out. */
  readonly blocking: Observable<readonly Task[]>;
  /** In the order they were made; archived ones left out. */
  readonly subtasks: Observable<readonly Task[]>;
  /** null until loaded. It makes no event: read anew after a reconnect and when somebody may have become one. */
  readonly watchers: Observable<readonly User[] | null>;
  /** Does this person watch it? null until loaded. */
  readonly watching: Observable<boolean | null>;
  /** Newest first; `loadMore` reads older ones at the end. */
  readonly activity: PagedList<ActivityEntry>;

  addComment(content: string): Promise<Comment>;
  editComment(commentId: string, content: string): Promise<void>;
  deleteComment(commentId: string): Promise<void>;
  react(commentId: string, emoji: string): Promise<void>;
  unreact(commentId: string, emoji: string): Promise<void>;

  addChecklistItem(title: string): Promise<void>;
  renameChecklistItem(itemId: string, title: string): Promise<void>;
  toggleChecklistItem(itemId: string, done: boolean): Promise<void>;
  moveChecklistItem(itemId: string, place: ChecklistPlace): Promise<void>;
  deleteChecklistItem(itemId: string): Promise<void>;

  /** This task waits for `blockerId`. */
  block(blockerId: string): Promise<void>;
  unblock(blockerId: string): Promise<void>;
  /** `taskId` waits for this task. */
  blockTask(taskId: string): Promise<void>;
  unblockTask(taskId: string): Promise<void>;

  watch(): Promise<void>;
  unwatch(): Promise<void>;

  /** Ends it here; writes on their way still arrive. */
  close(): void;
}
