/** Who watches an open task. No event tells it, so it is read anew where it may have changed. */
import type { User } from "../protocol/users.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import { createLoad, onWatch } from "./load.ts";
import { createCell, type Observable } from "./observable.ts";
import type { Write } from "./optimistic.ts";
import type { TaskPart } from "./task-part.ts";

export interface WatchersOptions {
  readonly load: () => Promise<readonly User[]>;
  readonly me: () => User | null;
  /** No event that makes watchers was heard just now: the first answer can be trusted. */
  readonly isSettled: boolean;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Watchers extends TaskPart {
  readonly list: Observable<readonly User[] | null>;
  readonly watching: Observable<boolean | null>;
  /** The server took a write of one's own. */
  settle(write: Write): void;
}

/** Whoever makes a task, comments or is assigned watches from then on; the server sees to that a moment after the event. */
export const makesWatchers: ReadonlySet<string> = new Set(["task_created", "comment_added", "task_assigned"]);
export const settledAfterMs = 2000;

export function createWatchers({ load: ask, me, isSettled, clock, random }: WatchersOptions): Watchers {
  const list = createCell<readonly User[] | null>(null);
  const watching = createCell<boolean | null>(null);
  let known: readonly User[] | undefined;
  let writes: readonly Write[] = [];
  let cancel: CancelTimer = () => {};

  const show = (): void => {
    if (!known) return;
    const shown = writes.reduce((people, write) => withWrite(people, write, me()), known);
    list.set(shown);
    watching.set(shown.some(({ id }) => id === me()?.id));
  };
  const load = createLoad({
    ask,
    use(people) {
      known = people;
      show();
    },
    clock,
    random,
  });
  const readLater = (): void => {
    cancel();
    cancel = clock.setTimeout(load.reload, settledAfterMs);
  };
  if (!isSettled) readLater();

  return {
    list: onWatch(list, load.want),
    watching: onWatch(watching, load.want),
    apply({ event }) {
      if (makesWatchers.has(event)) readLater();
    },
    settle(write) {
      if (known) known = withWrite(known, write, me());
    },
    show(next) {
      writes = next;
      show();
    },
    // A reconnect, too: what others did meanwhile no event tells.
    reload: load.reload,
    retry: load.reload,
    close() {
      cancel();
      load.close();
    },
  };
}

function withWrite(people: readonly User[], { event }: Write, me: User | null): readonly User[] {
  if (!me || (event !== "watcher_add" && event !== "watcher_remove")) return people;
  const others = people.filter(({ id }) => id !== me.id);
  if (event === "watcher_remove") return others;
  return others.length < people.length ? people : [...others, me];
}
