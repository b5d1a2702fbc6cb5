/** The checklist of an open task: read once, then told whole by each change of it. */
import type { EventData } from "../protocol/catalogue.ts";
import type { ChecklistItem } from "../protocol/checklist.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Clock } from "./clock.ts";
import { createLoad, onWatch } from "./load.ts";
import { createCell, type Observable } from "./observable.ts";
import type { Write } from "./optimistic.ts";
import { byPosition } from "./order.ts";
import type { Shown } from "./task-detail.ts";
import type { TaskPart } from "./task-part.ts";

export interface ChecklistOptions {
  readonly load: () => Promise<readonly ChecklistItem[]>;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Checklist extends TaskPart {
  readonly items: Observable<readonly Shown<ChecklistItem>[] | null>;
}

export function createChecklist({ load: ask, clock, random }: ChecklistOptions): Checklist {
  const items = createCell<readonly Shown<ChecklistItem>[] | null>(null);
  let known: readonly ChecklistItem[] | undefined;
  let writes: readonly Write[] = [];
  /** An event came after the question: it is newer than the answer, or a newer event follows. */
  let told = false;
  const show = (): void => {
    if (known) items.set(shownItems(known, writes));
  };
  const load = createLoad({
    ask,
    begin() {
      told = false;
    },
    use(answer) {
      if (!told) known = answer;
      show();
    },
    clock,
    random,
  });

  return {
    items: onWatch(items, load.want),
    apply(event) {
      const list = checklistOf(event);
      if (!list) return;
      told = true;
      known = [...list].sort(byPosition);
      show();
    },
    show(next) {
      writes = next;
      show();
    },
    reload: load.reload,
    retry: load.retry,
    close: load.close,
  };
}

function checklistOf({ event, data }: LoggedEvent): readonly ChecklistItem[] | undefined {
  if (event !== "task_updated") return undefined;
  // The data of a frame is the one its name has in the catalogue, and so is the list in its changes.
  const { checklist } = (data as EventData<"task_updated">).changes;
  return checklist as readonly ChecklistItem[] | undefined;
}

/** The list with `writes` on top, in its order. */
function shownItems(known: readonly ChecklistItem[], writes: readonly Write[]): Shown<ChecklistItem>[] {
  let list = known.map((item): Shown<ChecklistItem> => ({ ...item, pending: false }));
  for (const write of writes) list = withWrite(list, write);
  return list;
}

function withWrite(list: Shown<ChecklistItem>[], write: Write): Shown<ChecklistItem>[] {
  switch (write.event) {
    case "checklist_add":
      return list.some(({ id }) => id === write.data.id) ? list : [...list, newItem(write.data, write)];
    case "checklist_delete":
      return list.filter(({ id }) => id !== write.data.item_id);
    case "checklist_update": {
      const { item_id, title, done, before, after } = write.data;
      const item = list.find(({ id }) => id === item_id);
      if (!item) return list;
      const next = { ...item, title: title ?? item.title, done: done ?? item.done, pending: true };
      if (before === undefined && after === undefined) return list.map((other) => (other === item ? next : other));
      const others = list.filter((other) => other !== item);
      const front = others.findIndex(({ id }) => id === before);
      const index = after === undefined ? front : others.findIndex(({ id }) => id === after) + 1;
      return others.toSpliced(Math.max(0, index), 0, next);
    }
    default:
      return list;
  }
}

const newItem = (
  { id, task_id, title }: { readonly id: string; readonly task_id: string; readonly title: string },
  { madeAtMs, userId }: Write,
): Shown<ChecklistItem> => ({
  id,
  task_id,
  title,
  done: false,
  position: "",
  created_by: userId,
  created_at: new Date(madeAtMs).toISOString(),
  completed_at: null,
  pending: true,
});
