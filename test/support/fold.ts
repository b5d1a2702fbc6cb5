/** What a client makes of a project's events, and how two such states are compared. */
import type { Comment, EventFrame, Snapshot, Task } from "./contract-client.ts";

export interface RoomState {
  /** Of the last event applied. */
  seq: number;
  readonly tasks: Map<string, Task>;
  readonly comments: Map<string, Comment>;
}

export const emptyState = (): RoomState => ({ seq: 0, tasks: new Map(), comments: new Map() });

export function stateOf(snapshot: Snapshot, comments: readonly Comment[]): RoomState {
  return {
    seq: snapshot.seq,
    tasks: new Map(snapshot.tasks.map((task) => [task.id, task])),
    comments: new Map(comments.map((comment) => [comment.id, comment])),
  };
}

interface Payload {
  readonly task?: Task;
  readonly comment?: Comment;
}

/** Applies a durable event; the caller has seen to its number. Events of members and the like change nothing here. */
export function apply(state: RoomState, frame: EventFrame): void {
  const { task, comment }: Payload = frame.data;
  state.seq = frame.seq ?? state.seq;
  if (comment) state.comments.set(comment.id, comment);
  else if (task && frame.event === "task_deleted") {
    state.tasks.delete(task.id);
    for (const [id, { task_id }] of state.comments) if (task_id === task.id) state.comments.delete(id);
  } else if (task) state.tasks.set(task.id, task);
}

/** Equal for equal states, in whatever order they were made. */
export const hashState = ({ tasks, comments }: RoomState): string =>
  digest({
    tasks: [...tasks.values()].filter(({ archived_at }) => archived_at === null).sort(byId),
    comments: [...comments.values()].sort(byId),
  });

const byId = (one: { id: string }, other: { id: string }): number => (one.id < other.id ? -1 : 1);

/** A hash of a JSON value that does not depend on the order of its keys. */
export const digest = (value: unknown): string => Bun.hash(JSON.stringify(value ?? null, sortKeys)).toString(36);

const sortKeys = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

/** What differs between two states, in words; empty where they are equal. */
export function differences(one: RoomState, other: RoomState): string[] {
  const found: string[] = [];
  for (const kind of ["tasks", "comments"] as const) {
    for (const id of new Set([...one[kind].keys(), ...other[kind].keys()])) {
      const [left, right] = [one[kind].get(id), other[kind].get(id)];
      if (digest(left) !== digest(right)) found.push(`${kind} ${id}: ${differingFields(left, right)}`);
    }
  }
  return found.slice(0, 3);
}

function differingFields(left: object | undefined, right: object | undefined): string {
  if (!left || !right) return left ? "only here" : "missing";
  const others = new Map<string, unknown>(Object.entries(right));
  const differing = Object.entries(left).filter(([name, value]) => digest(value) !== digest(others.get(name)));
  return differing
    .map(([name, value]) => `${name} ${JSON.stringify(value)}, not ${JSON.stringify(others.get(name))}`)
    .join("; ");
}
