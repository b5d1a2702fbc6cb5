/** The open tasks of a project: their details, fed by the project's store. */
import type { LoggedEvent } from "../protocol/event.ts";
import type { Task } from "../protocol/tasks.ts";
import type { User } from "../protocol/users.ts";
import { createActivity } from "./activity.ts";
import type { Aside } from "./archive.ts";
import { createChecklist } from "./checklist.ts";
import type { Clock } from "./clock.ts";
import { createComments } from "./comments.ts";
import { createLoad } from "./load.ts";
import { createTaskLoading } from "./loading.ts";
import { createCell } from "./observable.ts";
import { taskOf, type Write } from "./optimistic.ts";
import { createRelated } from "./related.ts";
import type { Rest } from "./rest.ts";
import type { TaskDetail, TaskDetailState } from "./task-detail.ts";
import { taskIdIn, taskIn } from "./task-part.ts";
import { createWatchers, makesWatchers, settledAfterMs } from "./watchers.ts";
import type { DetailVerbs } from "./writes.ts";

export interface DetailsOptions {
  readonly rest: Rest;
  readonly me: () => User | null;
  readonly verbs: (taskId: string) => DetailVerbs;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Details {
  open(taskId: string): TaskDetail;
  /** Is this task open? */
  has(taskId: string): boolean;
  /** Events in order, before `show` with the state they lead to. */
  apply(events: readonly LoggedEvent[]): void;
  /** The project's tasks as they are shown, the writes that are on top of them, and what these have put beside the board. */
  show(tasks: ReadonlyMap<string, Task>, writes: readonly Write[], aside: Aside): void;
  /** An archived task that is open, as the server has it. */
  find(taskId: string): Task | undefined;
  /** The server took a write. Answers whether it is one that no event tells, so that it is done with. */
  settle(write: Write): boolean;
  /** The log did not reach back: what is open is read anew. */
  reload(): void;
  /** There is a connection again. */
  retry(): void;
  closeAll(): void;
}

interface OpenTask {
  readonly detail: Omit<TaskDetail, "close">;
  readonly apply: (event: LoggedEvent) => void;
  readonly show: Details["show"];
  readonly settle: (write: Write) => void;
  readonly reload: () => void;
  readonly retry: () => void;
  readonly close: () => void;
  readonly archived: () => Task | undefined;
  holders: number;
}

export function createDetails(options: DetailsOptions): Details {
  const all = new Map<string, OpenTask>();
  let tasks: ReadonlyMap<string, Task> = new Map();
  let writes: readonly Write[] = [];
  let aside: Aside = new Map();
  /** When an event was heard last that makes watchers, of whatever task. */
  let madeAtMs = Number.NEGATIVE_INFINITY;

  return {
    open(taskId) {
      const isSettled = options.clock.now() - madeAtMs >= settledAfterMs;
      const open = all.get(taskId) ?? openTask(taskId, options, isSettled);
      if (!all.has(taskId)) {
        all.set(taskId, open);
        open.show(tasks, writes, aside);
      }
      open.holders++;
      let closed = false;
      return {
        ...open.detail,
        close() {
          if (closed) return;
          closed = true;
          if (--open.holders > 0 || all.get(taskId) !== open) return;
          all.delete(taskId);
          open.close();
        },
      };
    },
    has: (taskId) => all.has(taskId),
    apply(events) {
      if (events.some(({ event }) => makesWatchers.has(event))) madeAtMs = options.clock.now();
      if (all.size === 0) return;
      for (const event of events) for (const open of all.values()) open.apply(event);
    },
    show(...next) {
      [tasks, writes, aside] = next;
      for (const open of all.values()) open.show(...next);
    },
    find: (taskId) => all.get(taskId)?.archived(),
    settle(write) {
      if (write.event !== "watcher_add" && write.event !== "watcher_remove") return false;
      all.get(write.data.task_id)?.settle(write);
      return true;
    },
    reload() {
      for (const open of all.values()) open.reload();
    },
    retry() {
      for (const open of all.values()) open.retry();
    },
    closeAll() {
      for (const open of all.values()) open.close();
      all.clear();
    },
  };
}

function openTask(taskId: string, { rest, me, verbs, clock, random }: DetailsOptions, isSettled: boolean): OpenTask {
  const loading = createTaskLoading(rest, taskId);
  const shared = { clock, random };
  const comments = createComments({ ...shared, load: loading.comments });
  const checklist = createChecklist({ ...shared, load: loading.checklist });
  const watchers = createWatchers({ ...shared, load: loading.watchers, me, isSettled });
  const activity = createActivity({ ...shared, load: loading.activity });
  const related = createRelated(loading.task);
  const parts = [comments, checklist, watchers, activity];
  const self = createSelfState(taskId, () => loading.task(taskId), shared);

  return {
    detail: {
      taskId,
      state: self.state,
      task: self.task,
      comments: comments.list,
      checklist: checklist.items,
      blockers: related.blockers,
      blocking: related.blocking,
      subtasks: related.subtasks,
      watchers: watchers.list,
      watching: watchers.watching,
      activity: activity.list,
      ...verbs(taskId),
    },
    apply(event) {
      const task = taskIn(event);
      if (task) related.put(task);
      if (taskIdIn(event) !== taskId) return;
      self.apply(event, task);
      for (const part of parts) {
        // One's own new task, opened before the server had it: until now there was nothing to read.
        if (event.event === "task_created") part.reload();
        part.apply(event);
      }
    },
    show(tasks, writes, aside) {
      self.show(tasks.get(taskId) ?? aside.get(taskId) ?? undefined);
      activity.rename(self.task.value);
      related.update(self.task.value, tasks);
      const own = writes.filter((write) => taskOf(write) === taskId);
      for (const part of parts) part.show(own);
    },
    archived: self.archived,
    settle: watchers.settle,
    reload() {
      self.reload();
      for (const part of parts) part.reload();
    },
    retry() {
      self.retry();
      for (const part of parts) part.retry();
    },
    close() {
      self.close();
      for (const part of parts) part.close();
    },
    holders: 0,
  };
}

/** The task itself: the store's, or where that holds it not, as REST and the events tell it. */
function createSelfState(
  taskId: string,
  ask: () => Promise<Task | undefined>,
  shared: { readonly clock: Clock; readonly random: () => number },
) {
  const task = createCell<Task | null>(null);
  const state = createCell<TaskDetailState>("loading");
  let stored: Task | undefined;
  let aside: Task | undefined;
  let isDeleted = false;
  let isMissing = false;

  const publish = (): void => {
    const shown = isDeleted ? undefined : (stored ?? aside);
    task.set(shown ?? null);
    if (shown) state.set("open");
    else if (isDeleted) state.set("deleted");
    else if (isMissing) state.set(state.value === "loading" ? "missing" : "deleted");
  };
  const load = createLoad({
    ...shared,
    ask,
    use(answer) {
      aside ??= answer;
      isMissing = answer === undefined;
      publish();
    },
    refused() {
      isMissing = true;
      publish();
    },
  });
  return {
    task,
    state,
    archived: () => (aside !== undefined && aside.archived_at !== null ? aside : undefined),
    apply({ event }: LoggedEvent, told: Task | undefined): void {
      if (event === "task_deleted") isDeleted = true;
      else aside = told ?? aside;
    },
    show(next: Task | undefined): void {
      stored = next;
      if (next && next.id === taskId) isMissing = false;
      else if (!aside && !isDeleted) load.want();
      publish();
    },
    reload(): void {
      aside = undefined;
      load.reload();
    },
    retry: load.retry,
    close: load.close,
  };
}
