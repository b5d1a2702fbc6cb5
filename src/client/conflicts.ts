/**
 * Changes that met another's (`conflict`): what did not touch the same field goes through by itself, the rest is shown with
 * both values until somebody decides.
 */
import type { Task } from "../protocol/tasks.ts";
import type { TaskwireError } from "./errors.ts";
import { createCell, type Observable } from "./observable.ts";
import { changesOf, type Write, type WriteOf } from "./optimistic.ts";
import type { TaskChanges } from "./writes.ts";

export interface Conflict {
  /** The mutation id of the refused change. */
  readonly id: string;
  readonly taskId: string;
  /** When it was made, milliseconds since 1970. */
  readonly madeAtMs: number;
  /** What this person wanted. */
  readonly mine: TaskChanges;
  /** The task as it is on the server. */
  readonly theirs: Task;
  /** The fields that both changed; all of mine where it is not known what this person had seen. */
  readonly fields: readonly (keyof TaskChanges)[];
  /** Mine over theirs. Settles as a write does; a newer change in between makes a new conflict. */
  keep(): Promise<Task>;
  /** Theirs; what they did not touch of mine is written. */
  take(): Promise<void>;
}

export interface Conflicts {
  /** Oldest first. */
  readonly list: Observable<readonly Conflict[]>;
  /** The server refused a write for good: is it a conflict to be shown? */
  refused(write: Write, error: TaskwireError): void;
  clear(): void;
}

/** `resend` writes changes to a task, guarded by what they are made on. */
export function createConflicts(
  resend: (taskId: string, changes: TaskChanges, seen: Task) => Promise<Task>,
): Conflicts {
  const list = createCell<readonly Conflict[]>([]);
  const drop = (id: string): void => list.set(list.value.filter((conflict) => conflict.id !== id));

  return {
    list,
    refused(write, error) {
      const theirs = currentOf(write, error);
      if (write.event !== "task_update" || !theirs) return;
      const { changes, task_id } = write.data;
      const fields = clashing(write, theirs);
      const rest = Object.fromEntries(Object.entries(changes).filter(([name]) => !fields.some((one) => one === name)));
      const conflict: Conflict = {
        id: write.mutationId,
        taskId: task_id,
        madeAtMs: write.madeAtMs,
        mine: changes,
        theirs,
        fields,
        keep() {
          drop(write.mutationId);
          return resend(task_id, changes, theirs);
        },
        async take() {
          drop(write.mutationId);
          if (Object.keys(rest).length > 0) await resend(task_id, rest, theirs);
        },
      };
      list.set([...list.value.filter(({ id }) => id !== conflict.id), conflict]);
    },
    clear: () => list.set([]),
  };
}

/**
 * A guarded change that the server refused for its version: the same on the version that is there now, where nobody else
 * touched its fields; undefined where somebody did. Two changes of one person, one after the other, never clash so.
 */
export function rebased(write: Write, error: TaskwireError): Write | undefined {
  const theirs = currentOf(write, error);
  if (write.event !== "task_update" || !theirs || write.data.version === undefined) return undefined;
  if (theirs.version === write.data.version || clashing(write, theirs).length > 0) return undefined;
  return { ...write, data: { ...write.data, version: theirs.version } };
}

/** The fields of a change that are on the server neither as this person saw them nor as they want them. */
function clashing({ data, seen }: WriteOf<"task_update">, theirs: Task): (keyof TaskChanges)[] {
  const mine: Partial<Task> = changesOf(data.changes);
  const names = Object.keys(mine).filter((name) => isField(name, theirs));
  return names.filter((name) => !isSame(theirs[name], mine[name]) && !(seen && isSame(theirs[name], seen[name])));
}

type Field = keyof TaskChanges & keyof Task;
const isField = (name: string, task: Task): name is Field => Object.hasOwn(task, name);

/** Lists are sets here: their order means nothing. Times are compared as times: the server writes them its own way. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
  if (typeof a === "string" && typeof b === "string" && a !== b) {
    return isTime(a) && isTime(b) && Date.parse(a) === Date.parse(b);
  }
  return a === b;
}
const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT/.test(text);

/** The task as the server has it, where a refusal for a conflict tells it. */
function currentOf(write: Write, { code, extras }: TaskwireError): Task | undefined {
  if (code !== "conflict" || write.event !== "task_update") return undefined;
  const { current } = extras;
  const isTask = typeof current === "object" && current !== null && "version" in current && "id" in current;
  // The resource behind a conflict is the whole task.
  return isTask && current.id === write.data.task_id ? (current as Task) : undefined;
}
