/**
 * The processor that keeps reminders planned. Each reminder is held against the moment from which it stands: that of the
 * event which set the task's due time, or assigned the person. One that became due between that event and now is made
 * all the same, and is told late.
 */
import type { CommittedEvent, Tx } from "../../db/context.ts";
import { remindersProcessor } from "../../db/processors.ts";
import { queryIn } from "../../db/query.ts";
import type { Plan, ProcessorKind } from "../../jobs/processor.ts";
import type { DurableEventName, EventData } from "../../protocol/catalogue.ts";
import type { Task } from "../../protocol/tasks.ts";
import { tellsOfChange } from "../../realtime/log.ts";
import { type Candidate, planPerson, planTasks, type Since } from "./plan.ts";

const taskEvents = ["task_created", "task_updated", "task_status_changed", "task_assigned"] as const;
type TaskEventName = (typeof taskEvents)[number];
type Told = { readonly [Name in TaskEventName]: EventData<Name> }[TaskEventName];

/** A task that is deleted takes its reminders along; a column that means done tells of each of its tasks. */
export const reminderPlanning: ProcessorKind = {
  name: remindersProcessor,
  events: new Set<DurableEventName>([...taskEvents, "member_removed"]),
  plan: async (projectId, events) => plan(projectId, events),
};

/** What the last event of a page says of a task. */
interface Seen {
  readonly task: Task;
  /** Its due time, its date or that it is open stands since then. Milliseconds since 1970. */
  readonly sinceMs: number;
  /** Of everybody assigned. */
  readonly assignedMs: ReadonlyMap<string, number>;
}

interface Removal {
  readonly userId: string;
  readonly at: string;
}

const isOpen = ({ completed_at, archived_at }: Task): boolean => completed_at === null && archived_at === null;
const decisive = ["due_at", "all_day", "archived_at", "completed_at"] as const;

/** Most events are of no concern here: those of tasks without a due time, and changes of the rest. */
function concerns(data: Told): boolean {
  if ("changes" in data) return decisive.some((field) => field in data.changes);
  return data.task.due_at !== null;
}

function plan(projectId: string, events: readonly CommittedEvent[]): Plan | undefined {
  const seen = new Map<string, Seen>();
  const removals: Removal[] = [];
  for (const event of events) {
    if (event.event === "member_removed") {
      const { member_id }: EventData<"member_removed"> = JSON.parse(event.data);
      removals.push({ userId: member_id, at: event.at });
      continue;
    }
    if (event.event === "task_updated" && !decisive.some((field) => tellsOfChange(event.data, field))) continue;
    const data: Told = JSON.parse(event.data);
    if (concerns(data)) seen.set(data.task_id, see(seen.get(data.task_id), data.task, Date.parse(event.at)));
  }
  if (seen.size === 0 && removals.length === 0) return undefined;
  return {
    rooms: [],
    async work(tx) {
      if (seen.size > 0) await planTasks(tx, [...seen.keys()], (candidate) => sinceOf(seen, candidate));
      for (const removal of removals) await forget(tx, projectId, removal);
    },
  };
}

/**
 * The first event of a page sets everything: what had been set before was planned before. Of those behind it, one sets
 * only what it changed.
 */
function see(before: Seen | undefined, task: Task, atMs: number): Seen {
  const same =
    before !== undefined &&
    before.task.due_at === task.due_at &&
    before.task.all_day === task.all_day &&
    (isOpen(before.task) || !isOpen(task));
  const assignedMs = task.assignee_ids.map((id): [string, number] => [id, before?.assignedMs.get(id) ?? atMs]);
  return { task, sinceMs: same ? before.sinceMs : atMs, assignedMs: new Map(assignedMs) };
}

/** Where the task is not as the page says, a later event tells of it, and adds what is missing. */
function sinceOf(seen: ReadonlyMap<string, Seen>, { taskId, userId, due }: Candidate): Since {
  const of = seen.get(taskId);
  const current =
    of?.task.due_at != null &&
    Date.parse(of.task.due_at) === due.atMs &&
    of.task.all_day === due.allDay &&
    isOpen(of.task);
  if (!current) return { assigned: undefined, own: undefined };
  const assignedMs = of.assignedMs.get(userId);
  return { assigned: assignedMs === undefined ? undefined : Math.max(of.sinceMs, assignedMs), own: of.sinceMs };
}

/** Whoever was removed asked for nothing any more, also should they come back; what they asked for since then stays. */
async function forget(tx: Tx, projectId: string, { userId, at }: Removal): Promise<void> {
  await queryIn(
    tx.orm,
    `delete from task_reminders x using tasks t
    where x.user_id = $1::uuid and x.created_at <= $2::timestamptz and t.id = x.task_id and t.project_id = $3::uuid`,
    [userId, at, projectId],
  );
  await planPerson(tx, userId);
}
