/** The events of many histories, merged in the order of time, with the rows that belong to them. */
import type { ChecklistItem } from "../../protocol/checklist.ts";
import type { Comment } from "../../protocol/comments.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";
import type { History } from "./history.ts";
import { advance, eventsOf } from "./task-state.ts";

export interface LogEntry {
  readonly event: string;
  readonly atMs: number;
  readonly by: User;
  /** 0, 1 … of the events of one write. */
  readonly part: number;
  /** JSON text. */
  readonly data: string;
  readonly taskId: string | null;
  /** As in MadeEvent. */
  readonly told: object | null;
  /** Rows that come to be with this event, as they are at the end of the history. */
  readonly task?: Task;
  readonly comment?: Comment;
  readonly items?: readonly ChecklistItem[];
}

/** A history on its way through time. */
interface Going {
  readonly history: History;
  readonly atMs: number;
  readonly next: number;
  readonly task: Task;
}

/**
 * Histories must come in the order of their first steps. Only those that have begun and not ended are held, so a project
 * of any size takes little memory.
 */
export function* merge(histories: Iterable<History>, isDone: (status: string) => boolean): Generator<LogEntry> {
  const going = createHeap<Going>(before);
  for (const history of histories) {
    const begins = begin(history);
    for (let first = going.peek(); first && before(first, begins); first = going.peek()) {
      going.pop();
      yield* step(first, isDone, going.push);
    }
    going.push(begins);
  }
  for (let first = going.pop(); first; first = going.pop()) yield* step(first, isDone, going.push);
}

const begin = (history: History): Going => ({
  history,
  next: 0,
  task: history.first,
  atMs: history.steps[0]?.atMs ?? 0,
});

const before = (one: Going, other: Going): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.history.index < other.history.index);

function* step(
  { history, next, task }: Going,
  isDone: (status: string) => boolean,
  push: (going: Going) => void,
): Generator<LogEntry> {
  const taken = history.steps[next];
  if (!taken) return;
  const after = advance(task, taken, isDone);
  for (const [part, made] of eventsOf(task, after, taken).entries())
    yield { ...made, part, taskId: task.id, atMs: taken.atMs, by: taken.by, ...(part === 0 && rowsOf(history, next)) };
  const following = history.steps[next + 1];
  if (following) push({ history, next: next + 1, task: after, atMs: following.atMs });
}

/** A comment and a checklist are written when they first come up, as they are in the end. */
function rowsOf({ steps, last }: History, index: number): Pick<LogEntry, "task" | "comment" | "items"> {
  const act = steps[index]?.act;
  if (act?.kind === "create") return { task: last };
  if (act?.kind === "comment") {
    const ends = steps.findLast(({ act: later }) => later.kind === "recomment" && later.comment.id === act.comment.id);
    return { comment: ends?.act.kind === "recomment" ? ends.act.comment : act.comment };
  }
  if (act?.kind !== "check" || steps.findIndex((each) => each.act.kind === "check") !== index) return {};
  const ends = steps.findLast((each) => each.act.kind === "check");
  return ends?.act.kind === "check" ? { items: ends.act.items } : {};
}

/** A binary heap: the least comes first. */
function createHeap<Item>(less: (one: Item, other: Item) => boolean) {
  const items: Item[] = [];
  const at = (index: number): Item => {
    const item = items[index];
    if (item === undefined) throw new Error("outside of the heap");
    return item;
  };
  const sink = (index: number, item: Item): void => {
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && less(at(child + 1), at(child))) child++;
      if (!less(at(child), item)) break;
      items[index] = at(child);
      index = child;
    }
    items[index] = item;
  };
  return {
    peek: (): Item | undefined => items[0],
    push(item: Item): void {
      let index = items.push(item) - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!less(item, at(parent))) break;
        items[index] = at(parent);
        index = parent;
      }
      items[index] = item;
    },
    pop(): Item | undefined {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) sink(0, last);
      return first;
    },
  };
}
