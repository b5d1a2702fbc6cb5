/** What the lane must amount to: each command by itself, one after the other, on plain objects. */
import { endPosition } from "../../src/db/position.ts";
import type { LaneCommand, LaneResult } from "../../src/realtime/lane.ts";

export interface ModelTask {
  readonly id: string;
  readonly projectId: string;
  title: string;
  status: string;
  position: string;
  assigneeIds: string[];
  estimate: number | null;
  version: number;
  completed: boolean;
}

export interface ModelEvent {
  readonly room: string;
  readonly seq: number;
  readonly event: string;
  readonly mutationId: string | null;
  readonly actorId: string;
  /** What distinguishes this event's data, as `digest` takes it from the real one. */
  readonly data: unknown;
}

export interface ModelRoom {
  seq: number;
  /** The number of its newest task. */
  number: number;
  readonly revision: number;
}

/** Text that JSON carries and PostgreSQL refuses: the command that makes the database throw. */
export const poison = "\u0000";

export interface Model {
  readonly tasks: Map<string, ModelTask>;
  readonly rooms: Map<string, ModelRoom>;
  readonly events: ModelEvent[];
  readonly comments: Map<string, { taskId: string; content: string }>;
  readonly mutations: Set<string>;
  apply(command: LaneCommand): LaneResult["outcome"] | "error";
}

export function createModel(rooms: Map<string, ModelRoom>, tasks: Map<string, ModelTask>): Model {
  const events: ModelEvent[] = [];
  const comments: Model["comments"] = new Map();
  const mutations = new Set<string>();

  const apply = (c: LaneCommand): LaneResult["outcome"] | "error" => {
    if (c.set?.title === poison || c.comment?.content === poison) return "error";
    const room = rooms.get(c.projectId);
    if (!room) return "not_found";
    const key = c.mutation && `${c.actor.id} ${c.mutation.id}`;
    if (key !== undefined && mutations.has(key)) return "applied";
    if (room.revision !== c.revision) return "stale";
    const made = c.create ? create(room, c) : write(c);
    if (typeof made === "string") return made;
    for (const { event, data } of made) {
      room.seq++;
      events.push({
        room: c.projectId,
        seq: room.seq,
        event,
        mutationId: c.mutation?.id ?? null,
        actorId: c.actor.id,
        data,
      });
    }
    if (key !== undefined) mutations.add(key);
    return "done";
  };

  const write = (c: LaneCommand) => {
    const task = tasks.get(c.taskId);
    if (!task || task.projectId !== c.projectId || (c.version !== undefined && c.version !== task.version))
      return "refused";
    if (c.comment && comments.has(c.comment.id)) return "taken";
    const made = [...change(task, c), ...comment(task, c)];
    return made.length > 0 ? made : "unchanged";
  };

  const create = (room: ModelRoom, { taskId: id, projectId, set = {}, done = false, create }: LaneCommand) => {
    if (tasks.has(id)) return "taken";
    const [number, title, status] = [++room.number, String(set.title), String(set.status)];
    const position = endPosition(number, () => 0).slice(0, -2) + create?.tail;
    const assigneeIds = [...(set.assignee_ids as string[])];
    const estimate = (set.estimate ?? null) as number | null;
    tasks.set(id, {
      ...{ id, projectId, title, status, position, assigneeIds, estimate },
      version: 1,
      completed: done,
    });
    const data = [[id, title, status, 1], number, `P${projectId}-${number}`, position];
    return [{ event: "task_created", data }];
  };

  const comment = (task: ModelTask, c: LaneCommand) => {
    if (!c.comment) return [];
    comments.set(c.comment.id, { taskId: task.id, content: c.comment.content });
    return [{ event: "comment_added", data: [c.comment.id, c.comment.content] }];
  };

  return { tasks, rooms, events, comments, mutations, apply };
}

function change(task: ModelTask, c: LaneCommand): { event: string; data: unknown }[] {
  const set = c.set ?? {};
  const old = { ...task };
  if (set.title !== undefined) task.title = String(set.title);
  if (set.status !== undefined) task.status = String(set.status);
  if (set.position !== undefined) task.position = String(set.position);
  if (set.assignee_ids !== undefined) task.assigneeIds = [...(set.assignee_ids as string[])];
  if (set.estimate !== undefined) task.estimate = set.estimate as number | null;
  const status = task.status !== old.status;
  const assigned = task.assigneeIds.join() !== old.assigneeIds.join();
  const changes: Record<string, unknown> = {};
  if (task.title !== old.title) changes.title = task.title;
  if (task.estimate !== old.estimate) changes.estimate = task.estimate;
  const plain = Object.keys(changes).length > 0;
  const moved = !status && task.position !== old.position;
  if (!status && !assigned && !plain && !moved) return [];
  task.version++;
  if (status) task.completed = c.done === true;
  const whole = [task.id, task.title, task.status, task.version];
  const made: { event: string; data: unknown }[] = [];
  if (status) made.push({ event: "task_status_changed", data: [whole, old.status, task.status] });
  if (assigned) {
    const added = task.assigneeIds.filter((id) => !old.assigneeIds.includes(id));
    const removed = old.assigneeIds.filter((id) => !task.assigneeIds.includes(id));
    made.push({ event: "task_assigned", data: [whole, added, removed] });
  }
  if (plain) made.push({ event: "task_updated", data: [whole, changes] });
  if (moved) made.push({ event: "task_moved", data: [whole] });
  return made;
}

interface AnyData {
  task: { id: string; title: string; status: string; version: number; number: number; key: string; position: string };
  comment: { id: string; content: string };
  old_status: string;
  new_status: string;
  added: string[];
  removed: string[];
  changes: unknown;
}

/** The same of a real event's data. */
export function digest(event: string, text: string): unknown {
  const data: AnyData = JSON.parse(text);
  if (event === "comment_added") return [data.comment.id, data.comment.content];
  const whole = [data.task.id, data.task.title, data.task.status, data.task.version];
  if (event === "task_created") return [whole, data.task.number, data.task.key, data.task.position];
  if (event === "task_status_changed") return [whole, data.old_status, data.new_status];
  if (event === "task_assigned") return [whole, data.added, data.removed];
  if (event === "task_updated") return [whole, data.changes];
  return [whole];
}
