/** Which tasks wait for which. */
import type { Tx } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { queryIn } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import { blockedMax, blockersMax } from "../../protocol/blockers.ts";
import { AppError, invalid } from "../../protocol/errors.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { changeAside, taskOf, tellUpdate } from "./aside.ts";
import { getProjectOf } from "./submit.ts";

interface Blocking {
  readonly task_id: string;
  /** The task that is waited for. */
  readonly blocker_id: string;
  readonly mutation_id?: string | undefined;
}

/**
 * Lets a task wait for another; answers it. Throws `invalid` for itself and for a task of another project, `conflict`
 * (with the task as it is) for a circle and for too many.
 */
export async function addBlocker(caller: LiveCtx, input: Blocking): Promise<Task> {
  const ctx = withMutation(caller, "blocker_add", input);
  return change(ctx, input.task_id, async (tx, task) => {
    if (task.blocked_by_ids.includes(input.blocker_id)) return task;
    await requireBlocker(tx, task, input.blocker_id);
    return setBlockers(tx, ctx, task, [...task.blocked_by_ids, input.blocker_id]);
  });
}

/** The opposite; one that was no blocker is none. */
export async function removeBlocker(caller: LiveCtx, input: Blocking): Promise<Task> {
  const ctx = withMutation(caller, "blocker_remove", input);
  return change(ctx, input.task_id, async (tx, task) => {
    if (!task.blocked_by_ids.includes(input.blocker_id)) return task;
    const others = task.blocked_by_ids.filter((id) => id !== input.blocker_id);
    return setBlockers(tx, ctx, task, others);
  });
}

async function change(ctx: LiveCtx, taskId: string, work: (tx: Tx, task: Task) => Promise<Task>): Promise<Task> {
  const projectId = ctx.live.access.peekProjectOf(taskId) ?? (await getProjectOf(ctx, taskId));
  return changeAside(ctx, projectId, taskId, { work, replay: taskOf });
}

/** Sorted: the order means nothing. */
async function setBlockers(tx: Tx, ctx: LiveCtx, task: Task, ids: readonly string[]): Promise<Task> {
  const blocked_by_ids = [...ids].sort();
  const value = `{${blocked_by_ids.join()}}`;
  return tellUpdate(tx, ctx, task.id, { blocked_by_ids }, { set: "blocked_by_ids = $2::uuid[]", value });
}

/** Whoever changes blockers in a project holds its room's lock, so what is found here stays true until the commit. */
async function requireBlocker(tx: Tx, task: Task, blockerId: string): Promise<void> {
  if (blockerId === task.id) throw invalid("task_id", "is the task itself, which cannot wait for itself");
  const [found] = await queryIn<{ there: boolean; blocked: string | number; circle: boolean }>(tx.orm, lookSql, [
    blockerId,
    task.project_id,
    task.id,
  ]);
  if (!found?.there) throw invalid("task_id", "is no task of the project");
  const refuse = (why: string) => new AppError("conflict", why, { current: task });
  if (found.circle) throw refuse("that task waits for this one already, itself or by way of others");
  if (task.blocked_by_ids.length >= blockersMax) throw refuse(`a task waits for at most ${blockersMax} others`);
  if (Number(found.blocked) >= blockedMax) throw refuse(`at most ${blockedMax} tasks wait for one`);
}

/** $1 the blocker, $2 project, $3 the task. Goes from task to task by their ids: each that is waited for is read once. */
const lookSql = `
  with recursive waited_for as (
    select unnest(t.blocked_by_ids) as id from tasks t where t.id = $1::uuid
    union
    select unnest(t.blocked_by_ids) from waited_for w join tasks t on t.id = w.id)
  select exists (select from tasks t where t.id = $1::uuid and t.project_id = $2::uuid) as there,
    exists (select from waited_for w where w.id = $3::uuid) as circle,
    (select count(*) from tasks t
      where t.project_id = $2::uuid and t.blocked_by_ids <> '{}' and $1::uuid = any(t.blocked_by_ids)) as blocked`;

/** Before tasks are deleted: those that wait for them do so no more, an event each, in the order of their numbers. */
export async function removeFromBlockers(
  tx: Tx,
  ctx: LiveCtx,
  projectId: string,
  ids: readonly string[],
): Promise<void> {
  const rows = await queryIn<{ body: string }>(tx.orm, removeSql, [projectId, `{${ids.join()}}`]);
  const tasks = rows.map(({ body }): Task => JSON.parse(body)).sort((a, b) => a.number - b.number);
  for (const task of tasks) {
    const changes = { blocked_by_ids: task.blocked_by_ids };
    emit(tx, "task_updated", projectId, { task, task_id: task.id, changes, updated_by: ctx.actor.id });
  }
}

const removeSql = `
  update tasks t set version = t.version + 1, updated_at = now(), blocked_by_ids = array(
    select b.id from unnest(t.blocked_by_ids) b(id) where b.id <> all($2::uuid[]) order by b.id)
  where t.project_id = $1::uuid and t.blocked_by_ids <> '{}' and t.blocked_by_ids && $2::uuid[]
    and t.id <> all($2::uuid[])
  returning ${taskJson("t")} as body`;
