/** What a board shows, made of the live store: signals, so that a part is rendered again only when what it shows changed. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Observable, ProjectStore, Taskwire } from "../../client/index.ts";
import type { Column, Label } from "../../protocol/projects.ts";
import type { TaskCounts } from "../../protocol/snapshot.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";
import { viewersOf } from "../people.ts";
import { query } from "../route.ts";
import { type Filter, matcherOf, parseFilter } from "./filter.ts";
import { createFlashes, type Flashes } from "./flashes.ts";
import { createFocus, type Focus } from "./focus.ts";
import { type Lists, listsOf, noLists } from "./lists.ts";
import type { Columns, Gap } from "./places.ts";
import { removedIn } from "./removal.ts";

/** A card on its way to another place. */
export interface Hand {
  readonly taskId: string;
  readonly by: "mouse" | "touch" | "keys";
  /** Where it would land; null while it is nowhere over the board. */
  readonly gap: Gap | null;
}

/** A column on its way, and the one in front of which it would stand (by id); null: behind all. */
export interface ColumnHand {
  readonly id: string;
  readonly before: string | null;
}

export interface Subtasks {
  readonly done: number;
  readonly total: number;
}

export interface BoardModel {
  readonly store: ProjectStore;
  readonly columns: ReadonlySignal<readonly Column[]>;
  readonly labels: ReadonlySignal<ReadonlyMap<string, Label>>;
  readonly tasks: ReadonlySignal<ReadonlyMap<string, Task>>;
  readonly pending: ReadonlySignal<ReadonlySet<string>>;
  readonly typing: ReadonlySignal<ReadonlyMap<string, readonly User[]>>;
  readonly filter: ReadonlySignal<Filter>;
  readonly lists: ReadonlySignal<Lists>;
  /** By the parent's id. */
  readonly subtasks: ReadonlySignal<ReadonlyMap<string, Subtasks>>;
  readonly counts: ReadonlySignal<ReadonlyMap<string, TaskCounts>>;
  /** Current to the minute, ms. */
  readonly now: ReadonlySignal<number>;
  readonly viewers: ReadonlySignal<ReadonlyMap<string, readonly User[]>>;
  readonly flashes: Flashes;
  readonly hand: Signal<Hand | null>;
  readonly columnHand: Signal<ColumnHand | null>;
  readonly focus: Focus;
  /** The card whose title is being edited. */
  readonly editing: Signal<string | null>;
  /** Status of the column in which tasks are being added. */
  readonly adding: Signal<string | null>;
  /** Every card is rendered, so that the browser's own search finds it. */
  readonly whole: Signal<boolean>;
  /** The lists in the order of the columns. */
  orderedLists(): Columns;
  /** The list that shows the task, with its column's status. */
  listWith(taskId: string): { readonly status: string; readonly list: readonly Task[] } | undefined;
  /** Id of the card that Tab reaches; null without cards. */
  readonly tabStop: ReadonlySignal<string | null>;
  dispose(): void;
}

const minuteMs = 60_000;

export function createBoardModel(client: Taskwire, store: ProjectStore, ownId: string): BoardModel {
  const ends: (() => void)[] = [];
  const follow = <T>(observable: Observable<T>): ReadonlySignal<T> => {
    const cell = signal(observable.value);
    ends.push(
      observable.subscribe((value) => {
        cell.value = value;
      }),
    );
    return cell;
  };
  const now = signal(Date.now());
  const clock = setInterval(() => {
    now.value = Date.now();
  }, minuteMs);
  ends.push(() => clearInterval(clock));

  const columns = follow(store.columns);
  const tasks = follow(store.tasks);
  const labelList = follow(store.labels);
  const members = follow(store.members);
  const presence = follow(store.presence);
  const removed = removedIn(store);
  const flashes = createFlashes(client, store.id, ownId);
  ends.push(flashes.dispose);
  const filter = computed(() => parseFilter(query.value));
  let last = noLists;
  const lists = computed(() => {
    const gone = removed.value;
    const matches = matcherOf(filter.value, now.value);
    last = listsOf(columns.value, existing(tasks.value, gone), matches, last);
    return last;
  });
  const orderedLists = (): Columns =>
    columns.peek().map(({ status }) => ({ status, list: lists.peek().shown.get(status) ?? [] }));
  const focus = createFocus(orderedLists);
  ends.push(lists.subscribe(() => focus.settle()));

  return {
    store,
    columns,
    tasks,
    labels: computed(() => new Map(labelList.value.map((label) => [label.id, label]))),
    pending: follow(store.pending),
    typing: follow(store.typing),
    counts: follow(store.counts),
    filter,
    lists,
    subtasks: computed(() => countSubtasks(tasks.value)),
    viewers: computed(() => viewersOf(presence.value, members.value, ownId)),
    flashes,
    now,
    hand: signal<Hand | null>(null),
    columnHand: signal<ColumnHand | null>(null),
    focus,
    editing: signal<string | null>(null),
    adding: signal<string | null>(null),
    whole: signal(false),
    orderedLists,
    tabStop: computed(() => {
      const stop = focus.card.value;
      if (stop !== null) return stop;
      const { shown } = lists.value;
      return columns.value.map(({ status }) => shown.get(status)?.[0]?.id).find((id) => id !== undefined) ?? null;
    }),
    listWith: (taskId) => orderedLists().find(({ list }) => list.some(({ id }) => id === taskId)),
    dispose() {
      for (const end of ends) end();
    },
  };
}

function* existing(tasks: ReadonlyMap<string, Task>, removed: ReadonlySet<string>): Iterable<Task> {
  for (const task of tasks.values()) {
    const parentGone = task.parent_id !== null && removed.has(task.parent_id);
    if (!removed.has(task.id) && !parentGone) yield task;
  }
}

function countSubtasks(tasks: ReadonlyMap<string, Task>): ReadonlyMap<string, Subtasks> {
  const counts = new Map<string, Subtasks>();
  for (const { parent_id, completed_at } of tasks.values()) {
    if (parent_id === null) continue;
    const { done, total } = counts.get(parent_id) ?? { done: 0, total: 0 };
    counts.set(parent_id, { done: done + (completed_at === null ? 0 : 1), total: total + 1 });
  }
  return counts;
}
