/** A project as a live store: what the server has confirmed, with one's own unconfirmed writes on top of it. */
import type { EventData } from "../protocol/catalogue.ts";
import type { LoggedEvent, ServerFrame } from "../protocol/event.ts";
import type { Since } from "../protocol/ids.ts";
import type { UserPresence } from "../protocol/presence.ts";
import type { Column, Label, Member, Project } from "../protocol/projects.ts";
import type { Task } from "../protocol/tasks.ts";
import type { User } from "../protocol/users.ts";
import type { Comments, OpenComments } from "./comments.ts";
import { createCell, type Observable } from "./observable.ts";
import { showWrite, type Write } from "./optimistic.ts";
import type { Presence } from "./presence.ts";
import { draftOf, frozen, type ProjectState, reduce } from "./reducer.ts";
import type { Typing } from "./typing.ts";

/** Why a store is no longer live. */
export type Closed = "deleted" | "left" | "unavailable";

export interface ProjectStore {
  readonly id: string;
  readonly project: Observable<Project>;
  /** In the order the server gives. */
  readonly columns: Observable<readonly Column[]>;
  readonly labels: Observable<readonly Label[]>;
  /** By user id. */
  readonly members: Observable<ReadonlyMap<string, Member>>;
  /** By id; not archived ones. Order them with `columnOf`. */
  readonly tasks: Observable<ReadonlyMap<string, Task>>;
  /** Tasks with a change that the server has not confirmed. */
  readonly pending: Observable<ReadonlySet<string>>;
  readonly presence: Observable<ReadonlyMap<string, UserPresence>>;
  /** People typing, by task id. */
  readonly typing: Observable<ReadonlyMap<string, readonly User[]>>;
  /** null while it is live. */
  readonly closed: Observable<Closed | null>;
  openComments(taskId: string): OpenComments;
  setTyping(taskId: string, isTyping: boolean): void;
  /** Ends it here; the project stays. */
  leave(): void;
}

/** The half of the store that the client writes to. */
export interface StoreInput {
  readonly store: ProjectStore;
  /** The whole state at a position. */
  reset(state: ProjectState, position: Since): void;
  apply(events: readonly LoggedEvent[]): void;
  hear(frame: ServerFrame): void;
  /** A write is on its way: show it. */
  show(write: Write): void;
  /** The server took it at `seq`: shown until the room has reached that. */
  settle(mutationId: string, seq: number): void;
  /** The server refused it: as if it had never been. */
  forget(mutationId: string): void;
  close(reason: Closed): void;
}

interface Shown {
  readonly write: Write;
  /** Where the room holds it; undefined until answered. */
  seq: number | undefined;
}

export interface StoreParts {
  readonly comments: Comments;
  readonly presence: Presence;
  readonly typing: Typing;
  readonly leave: () => void;
}

export function createStore(id: string, first: ProjectState, position: Since, parts: StoreParts): StoreInput {
  const { comments, presence } = parts;
  let confirmed = first;
  let seq = position.seq;
  let shown: Shown[] = [];
  const cells = {
    project: createCell(first.project),
    columns: createCell(first.columns),
    labels: createCell(first.labels),
    members: createCell(first.members),
    tasks: createCell(first.tasks),
    pending: createCell<ReadonlySet<string>>(new Set()),
    closed: createCell<Closed | null>(null),
  };

  const publish = (): void => {
    const draft = draftOf(confirmed);
    const pending = new Set<string>();
    for (const { write } of shown) {
      showWrite(draft, write);
      const taskId = write.event === "task_create" ? write.data.id : write.data.task_id;
      if (taskId !== undefined) pending.add(taskId);
    }
    const view = frozen(draft);
    comments.showWrites(shown.map(({ write }) => write));
    cells.project.set(view.project);
    cells.columns.set(view.columns);
    cells.labels.set(view.labels);
    cells.members.set(view.members);
    cells.tasks.set(view.tasks);
    if (pending.size > 0 || cells.pending.value.size > 0) cells.pending.set(pending);
  };

  const dropReached = (told: ReadonlySet<string>): void => {
    const waits = (entry: Shown) => !told.has(entry.write.mutationId) && (entry.seq === undefined || entry.seq > seq);
    if (shown.length > 0) shown = shown.filter(waits);
  };

  const concerns = (write: Write): boolean => {
    if (write.event === "task_create") return write.data.project_id === id;
    return cells.tasks.value.has(write.data.task_id);
  };

  return {
    store: {
      id,
      ...cells,
      presence: presence.here,
      typing: presence.typing,
      openComments: comments.open,
      setTyping: parts.typing.set,
      leave: parts.leave,
    },
    reset(state, { seq: at }) {
      confirmed = state;
      seq = at;
      dropReached(new Set());
      comments.reload();
      publish();
    },
    apply(events) {
      confirmed = reduce(confirmed, events);
      seq = events.at(-1)?.seq ?? seq;
      dropReached(new Set(events.map((event) => event.mutation_id).filter((key) => key !== undefined)));
      comments.apply(events);
      publish();
    },
    hear({ event, data }) {
      // The data of a frame is the one its name has in the catalogue.
      if (event === "user_presence") presence.update(data as UserPresence);
      else if (event === "user_typing_status") presence.updateTyping(data as EventData<"user_typing_status">);
    },
    show(write) {
      if (!concerns(write)) return;
      shown.push({ write, seq: undefined });
      publish();
    },
    settle(mutationId, at) {
      for (const entry of shown) if (entry.write.mutationId === mutationId) entry.seq = at;
      const before = shown.length;
      dropReached(new Set());
      if (shown.length < before) publish();
    },
    forget(mutationId) {
      const before = shown.length;
      shown = shown.filter(({ write }) => write.mutationId !== mutationId);
      if (shown.length < before) publish();
    },
    close(reason) {
      if (cells.closed.value !== null) return;
      presence.clear();
      cells.closed.set(reason);
    },
  };
}
