/** A project as a live store: what the server has confirmed, with one's own unconfirmed writes on top of it. */
import type { EventData } from "../protocol/catalogue.ts";
import type { LoggedEvent, ServerFrame } from "../protocol/event.ts";
import type { Since } from "../protocol/ids.ts";
import type { UserPresence } from "../protocol/presence.ts";
import type { Column, Label, Member, Project } from "../protocol/projects.ts";
import type { TaskCounts } from "../protocol/snapshot.ts";
import type { Task } from "../protocol/tasks.ts";
import type { User } from "../protocol/users.ts";
import type { Archive } from "./archive.ts";
import type { Clock } from "./clock.ts";
import type { Details } from "./details.ts";
import { createCell, type Observable } from "./observable.ts";
import { columnOfWrite, projectOf, showWrite, taskOf, type Write } from "./optimistic.ts";
import type { Presence } from "./presence.ts";
import { draftOf, frozen, type ProjectState, reduce } from "./reducer.ts";
import type { Rest } from "./rest.ts";
import { createRestored } from "./restored.ts";
import { createShownWrites } from "./shown-writes.ts";
import type { PagedList, Shown, TaskDetail } from "./task-detail.ts";
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
  /** Comments and checklist items by task id; tasks that have none may be missing. */
  readonly counts: Observable<ReadonlyMap<string, TaskCounts>>;
  /** Archived ones, those made last first; read when somebody watches them. */
  readonly archived: PagedList<Shown<Task>>;
  /** Tasks and columns with a change that the server has not confirmed, by id. */
  readonly pending: Observable<ReadonlySet<string>>;
  readonly presence: Observable<ReadonlyMap<string, UserPresence>>;
  /** People typing, by task id. */
  readonly typing: Observable<ReadonlyMap<string, readonly User[]>>;
  /** null while it is live. */
  readonly closed: Observable<Closed | null>;
  /** What the drawer of a task shows and does; loaded when somebody watches it. Close it when it is done with. */
  openTask(taskId: string): TaskDetail;
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
  /** The server took it at `seq`: shown until the room has reached that; until its event comes where that is not known. */
  settle(write: Write, seq: number | undefined): void;
  /** The server refused it: as if it had never been. */
  forget(mutationId: string): void;
  close(reason: Closed): void;
}

export interface StoreParts {
  readonly archive: Archive;
  readonly details: Details;
  readonly rest: Rest;
  readonly clock: Clock;
  readonly random: () => number;
  readonly presence: Presence;
  readonly typing: Typing;
  readonly leave: () => void;
}

export function createStore(id: string, first: ProjectState, position: Since, parts: StoreParts): StoreInput {
  const { archive, details, presence } = parts;
  let confirmed = first;
  const cells = {
    project: createCell(first.project),
    columns: createCell(first.columns),
    labels: createCell(first.labels),
    members: createCell(first.members),
    tasks: createCell(first.tasks),
    counts: createCell(first.counts),
    pending: createCell<ReadonlySet<string>>(new Set()),
    closed: createCell<Closed | null>(null),
  };

  const publish = (): void => {
    const draft = draftOf(confirmed, (taskId) => archive.find(taskId) ?? details.find(taskId));
    const pending = new Set<string>();
    const writes = shown.list();
    for (const write of writes) {
      showWrite(draft, write);
      const id = taskOf(write) ?? columnOfWrite(write);
      if (id !== undefined) pending.add(id);
    }
    const view = frozen(draft);
    details.show(view.tasks, writes, draft.aside);
    archive.show(view.tasks, draft.aside, pending);
    cells.project.set(view.project);
    cells.columns.set(view.columns);
    cells.labels.set(view.labels);
    cells.members.set(view.members);
    cells.tasks.set(view.tasks);
    cells.counts.set(view.counts);
    if (pending.size > 0 || cells.pending.value.size > 0) cells.pending.set(pending);
  };

  const shown = createShownWrites(parts.clock, publish);
  const { rest, clock, random } = parts;
  const restored = createRestored({
    rest,
    clock,
    random,
    changed(taskId, counts) {
      confirmed = { ...confirmed, counts: new Map(confirmed.counts).set(taskId, counts) };
      publish();
    },
  });
  shown.reached(position.seq, new Set());
  // What is opened before the first event is shown from this state.
  details.show(first.tasks, [], new Map());

  const isAside = (taskId: string): boolean =>
    archive.find(taskId) !== undefined || (archive.list.items.value?.some((task) => task.id === taskId) ?? false);
  const concerns = (write: Write): boolean => {
    const projectId = projectOf(write);
    if (projectId !== undefined) return projectId === id;
    const taskId = taskOf(write);
    if (taskId === undefined) return false;
    return cells.tasks.value.has(taskId) || details.has(taskId) || isAside(taskId);
  };
  return {
    store: {
      id,
      ...cells,
      archived: archive.list,
      presence: presence.here,
      typing: presence.typing,
      openTask: details.open,
      setTyping: parts.typing.set,
      leave: parts.leave,
    },
    reset(state, { seq }) {
      restored.clear();
      confirmed = state;
      shown.reached(seq, new Set());
      details.reload();
      archive.reload();
      publish();
    },
    apply(events) {
      confirmed = reduce(confirmed, events);
      const told = events.map(({ mutation_id }) => mutation_id).filter((key) => key !== undefined);
      shown.reached(events.at(-1)?.seq ?? 0, new Set(told));
      details.apply(events);
      archive.apply(events);
      restored.apply(events);
      publish();
    },
    hear({ event, data }) {
      // The data of a frame is the one its name has in the catalogue.
      if (event === "user_presence") presence.update(data as UserPresence);
      else if (event === "user_typing_status") presence.updateTyping(data as EventData<"user_typing_status">);
    },
    show(write) {
      if (concerns(write)) shown.show(write);
    },
    settle(write, seq) {
      if (details.settle(write)) shown.forget(write.mutationId);
      else shown.settle(write.mutationId, seq);
    },
    forget: shown.forget,
    close(reason) {
      if (cells.closed.value !== null) return;
      presence.clear();
      details.closeAll();
      archive.close();
      restored.clear();
      shown.close();
      cells.closed.set(reason);
    },
  };
}
