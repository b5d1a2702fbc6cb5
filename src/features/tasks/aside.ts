/** Changes of a task that do not go through the lane: they look at more than its row, so they take its room's lock first. */
import { type CommittedEvent, type Tx, transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { decide, requireRevision } from "../projects/permission.ts";
import { noTask, requireTaskRole } from "./submit.ts";

export interface Aside<Answer> {
  /** Given the task as it is, its row locked; answers what is kept for a retry, so JSON it is. */
  readonly work: (tx: Tx, task: Task) => Promise<Answer>;
  readonly replay: (events: readonly CommittedEvent[]) => Answer;
}

/** Takes a member. `taskId` may be undefined where only a retry can know the project. Throws `not_found`, `forbidden`. */
export function changeAside<Answer>(
  ctx: LiveCtx,
  projectId: string,
  taskId: string | undefined,
  { work, replay }: Aside<Answer>,
): Promise<Answer> {
  return decide(ctx, projectId, async (access) => {
    requireTaskRole(access, ctx, "member");
    const { answer } = await transact(ctx, {
      rooms: [projectId],
      replay,
      async work(tx) {
        await requireRevision(tx, access);
        return work(tx, await lockTask(tx, projectId, taskId));
      },
    });
    return answer;
  });
}

/** Throws `not_found`. */
export async function lockTask(tx: Tx, projectId: string, taskId: string | undefined): Promise<Task> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `select ${taskJson("t")} as body from tasks t where t.id = $1::uuid and t.project_id = $2::uuid for update of t`,
    [taskId, projectId],
  );
  const row = rows[0];
  if (!row) throw noTask();
  return JSON.parse(row.body);
}

/** The task of a write's last event. */
export function taskOf(events: readonly CommittedEvent[]): Task {
  const last = events.at(-1);
  if (!last) throw new Error("a replayed write has events");
  const { task }: { task: Task } = JSON.parse(last.data);
  return task;
}

/** Tells a change of the task, whose row has the next version from now on; `set` is SQL before that, `value` its `$2`. */
export async function tellUpdate(
  tx: Tx,
  ctx: LiveCtx,
  taskId: string,
  changes: Record<string, unknown>,
  {
    set,
    value,
  }: { readonly set: string; readonly value: string } | { readonly set?: never; readonly value?: never } = {},
): Promise<Task> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `update tasks t set ${set === undefined ? "" : `${set}, `}version = t.version + 1, updated_at = now()
    where t.id = $1::uuid returning ${taskJson("t")} as body`,
    value === undefined ? [taskId] : [taskId, value],
  );
  const row = rows[0];
  if (!row) throw noTask();
  const task: Task = JSON.parse(row.body);
  emit(tx, "task_updated", task.project_id, { task, task_id: task.id, changes, updated_by: ctx.actor.id });
  return task;
}
