/** What a change of a project does to its tasks: an event each, in the order of their numbers. */
import type { Tx } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import { tasksAtOnceMax } from "../../protocol/columns.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Task } from "../../protocol/tasks.ts";
import { emit } from "../../realtime/log.ts";

type Value = string | boolean;

/** The project's tasks for which `where` holds (`$1` is the project, the rest are `values`), after `set`. */
async function change(tx: Tx, set: string, where: string, values: readonly Value[]): Promise<Task[]> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `update tasks t set ${set}, version = t.version + 1, updated_at = now()
    where t.project_id = $1::uuid and ${where} returning ${taskJson("t")} as body`,
    values,
  );
  return rows.map(({ body }): Task => JSON.parse(body)).sort((a, b) => a.number - b.number);
}

/** How many tasks `where` holds for. Throws `conflict` with `current` where one write may not change so many. */
async function countFew(tx: Tx, where: string, values: readonly Value[], current: unknown): Promise<number> {
  const rows = await queryIn<{ count: number }>(
    tx.orm,
    `select count(*)::int as count from (
      select from tasks t where t.project_id = $1::uuid and ${where} limit ${tasksAtOnceMax + 1}) t`,
    values,
  );
  const count = rows[0]?.count ?? 0;
  if (count <= tasksAtOnceMax) return count;
  throw new AppError(
    "conflict",
    `this would change more than ${tasksAtOnceMax} tasks at once; change some of them first`,
    {
      current,
    },
  );
}

const inColumn = "t.status = $2";

/** Tasks in a column, archived ones too. Throws `conflict` with `current` where one write may not change so many. */
export const countInColumn = (tx: Tx, projectId: string, status: string, current: unknown): Promise<number> =>
  countFew(tx, inColumn, [projectId, status], current);

/** Puts a column's tasks into another one, where their positions place them. */
export async function moveToColumn(
  tx: Tx,
  projectId: string,
  from: string,
  to: { readonly status: string; readonly done: boolean },
  by: string,
): Promise<void> {
  const set = "status = $3, completed_at = case when $4::boolean then coalesce(t.completed_at, now()) end";
  for (const task of await change(tx, set, inColumn, [projectId, from, to.status, to.done]))
    emit(tx, "task_status_changed", projectId, {
      task,
      task_id: task.id,
      old_status: from,
      new_status: to.status,
      updated_by: by,
    });
}

/**
 * Completes a column's tasks now (those completed before keep their time), or takes that back from all of them: a task has
 * a `completed_at` if and only if its column means done. Throws `conflict` with `current` where they are too many.
 */
export async function setCompleted(
  tx: Tx,
  projectId: string,
  column: { readonly status: string; readonly done: boolean },
  by: string,
  current: unknown,
): Promise<void> {
  const where = `${inColumn} and (t.completed_at is null) = $3::boolean`;
  const values = [projectId, column.status, column.done];
  await countFew(tx, where, values, current);
  const set = "completed_at = case when $3::boolean then now() end";
  for (const task of await change(tx, set, where, values))
    emitChanges(tx, task, { completed_at: task.completed_at }, by);
}

/** Takes a label off the tasks that carry it. Throws `conflict` with `current` where they are too many. */
export async function unlabel(tx: Tx, projectId: string, labelId: string, by: string, current: unknown): Promise<void> {
  const where = "$2::uuid = any(t.label_ids)";
  await countFew(tx, where, [projectId, labelId], current);
  const set = "label_ids = array_remove(t.label_ids, $2::uuid)";
  for (const task of await change(tx, set, where, [projectId, labelId]))
    emitChanges(tx, task, { label_ids: task.label_ids }, by);
}

const emitChanges = (tx: Tx, task: Task, changes: Partial<Task>, by: string): void =>
  emit(tx, "task_updated", task.project_id, { task, task_id: task.id, changes, updated_by: by });

const assigned = "$2::uuid = any(t.assignee_ids)";

/**
 * Takes a person off the tasks they are assigned to: whoever edits those lists next names members only. At most
 * `tasksAtOnceMax` tasks; answers whether these were all.
 */
export async function unassign(tx: Tx, projectId: string, userId: string, by: string): Promise<boolean> {
  const set = "assignee_ids = array_remove(t.assignee_ids, $2::uuid)";
  const some = `${assigned} and t.id = any(array(
    select t.id from tasks t where t.project_id = $1::uuid and ${assigned} order by t.number limit ${tasksAtOnceMax}))`;
  const tasks = await change(tx, set, some, [projectId, userId]);
  for (const task of tasks) {
    const { assignee_ids } = task;
    const rest = { assignee_ids, added: [], removed: [userId], assigned_by: by };
    emit(tx, "task_assigned", projectId, { task, task_id: task.id, ...rest });
  }
  return tasks.length < tasksAtOnceMax;
}
