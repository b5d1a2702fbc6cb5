/** Subtasks: what may be whose, and the change of it. One level, so that deleting a parent knows its children. */
import { type Tx, transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import { invalid } from "../../protocol/errors.ts";
import type { FrameData } from "../../protocol/frames.ts";
import { subtasksMax, type Task, type TaskChanges } from "../../protocol/tasks.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { decide, requireRevision } from "../projects/permission.ts";
import { lockTask } from "./aside.ts";
import { requireFields } from "./fields.ts";
import { getProjectOf, requireTaskRole, staleVersion, type Written, written, writtenBefore } from "./submit.ts";

const parentSql = `
  select t.parent_id, (select count(*)::int from tasks c where c.parent_id = t.id) as children,
    exists (select from tasks c where c.parent_id = $3::uuid) as has_children
  from tasks t where t.id = $1::uuid and t.project_id = $2::uuid`;

/**
 * Throws `invalid` (of `path`) unless the task may have one more subtask, be it a new one or the task `childId`. Inside
 * `transact`, with the project's room locked: whoever changes parents holds it, so what is found stays true.
 */
export async function requireParent(
  tx: Tx,
  projectId: string,
  parentId: string,
  path: string,
  childId?: string,
): Promise<void> {
  const rows = await queryIn<{ parent_id: string | null; children: number; has_children: boolean }>(tx.orm, parentSql, [
    parentId,
    projectId,
    childId,
  ]);
  const parent = rows[0];
  if (!parent) throw invalid(path, "is no task of the project");
  if (parentId === childId) throw invalid(path, "is the task itself");
  if (parent.parent_id !== null) throw invalid(path, "is a subtask itself");
  if (parent.has_children) throw invalid(path, "is not for a task that has subtasks");
  if (parent.children >= subtasksMax) throw invalid(path, `has ${subtasksMax} subtasks, which is the most`);
}

/**
 * A change with `parent_id` in it. Not by way of the lane, which looks at no other rows; in all else as `updateTask`:
 * the same answers, events and errors.
 */
export async function updateWithParent(
  ctx: LiveCtx,
  { task_id, version, changes }: FrameData<"task_update">,
  path: string,
): Promise<Written> {
  const projectId = ctx.live.access.peekProjectOf(task_id) ?? (await getProjectOf(ctx, task_id));
  return decide(ctx, projectId, async (access) => {
    requireTaskRole(access, ctx, "member");
    const { answer, events } = await transact(ctx, {
      rooms: [projectId],
      async work(tx) {
        await requireRevision(tx, access);
        requireFields(access, changes, path);
        const task = await lockTask(tx, projectId, task_id);
        if (changes.parent_id && changes.parent_id !== task.parent_id)
          await requireParent(tx, projectId, changes.parent_id, `${path}parent_id`, task_id);
        if (version !== undefined && version !== task.version) throw staleVersion(task);
        return write(tx, ctx, task, changes, access.columns.get(changes.status ?? task.status) ?? false);
      },
      replay: (events) => ({ body: writtenBefore(events).json.text, seq: 0 }),
    });
    return written(answer.body, events.at(-1)?.seq ?? answer.seq);
  });
}

/** Fields whose change is told by `task_updated`, in the lane's order. */
const plain = [
  "title",
  "description",
  "priority",
  "label_ids",
  "start_at",
  "due_at",
  "all_day",
  "estimate",
  "archived_at",
  "parent_id",
] as const satisfies (keyof Task)[];
const settable = [...plain, "status", "assignee_ids"] as const;

const list = (make: (field: string) => string): string => settable.map(make).join(", ");
const newValue = (field: string): string =>
  // An all-day due date is midnight UTC of its date (H5), whichever of the two fields was sent.
  field === "due_at" ? "case when n.all_day then date_trunc('day', n.due_at, 'UTC') else n.due_at end" : `n.${field}`;

/** $1 the task, $2 its changes as JSON, $3 whether its status then means done. No row where nothing changes. */
const writeSql = `
  update tasks t set ${list((field) => `${field} = n.${field}`)}, version = t.version + 1, updated_at = now(),
    completed_at = case when n.status = t.status then t.completed_at when $3::boolean then coalesce(t.completed_at, now()) end
  from (select o.id, ${list((field) => `${newValue(field)} as ${field}`)}
    from tasks o cross join lateral json_populate_record(o, $2::text::json) n where o.id = $1::uuid) n
  where t.id = n.id and (${list((field) => `t.${field}`)}) is distinct from (${list((field) => `n.${field}`)})
  returning ${taskJson("t")} as body`;

async function write(tx: Tx, ctx: LiveCtx, before: Task, changes: TaskChanges, done: boolean) {
  const set = changes.description === null ? { ...changes, description: "" } : changes;
  const rows = await queryIn<{ body: string }>(tx.orm, writeSql, [before.id, JSON.stringify(set), done]);
  const body = rows[0]?.body;
  if (body !== undefined) {
    tell(tx, ctx, before, JSON.parse(body));
    return { body, seq: 0 };
  }
  const [room] = await queryIn<{ seq: string }>(tx.orm, "select seq from rooms where id = $1::uuid", [
    before.project_id,
  ]);
  return { body: JSON.stringify(before), seq: Number(room?.seq) };
}

/** An event for each aspect of the change, in the order of S12. */
function tell(tx: Tx, ctx: LiveCtx, before: Task, task: Task): void {
  const [room, by, whole] = [task.project_id, ctx.actor.id, { task, task_id: task.id }];
  const [old_status, new_status] = [before.status, task.status];
  if (new_status !== old_status)
    emit(tx, "task_status_changed", room, { ...whole, old_status, new_status, updated_by: by });
  const [was, assignee_ids] = [new Set(before.assignee_ids), task.assignee_ids];
  const [added, removed] = [new Set(assignee_ids).difference(was), was.difference(new Set(assignee_ids))];
  if (added.size + removed.size > 0)
    emit(tx, "task_assigned", room, {
      ...whole,
      assignee_ids,
      added: [...added],
      removed: [...removed],
      assigned_by: by,
    });
  const changed = plain.filter((field) => !Bun.deepEquals(task[field], before[field]));
  const changes = Object.fromEntries(changed.map((field) => [field, task[field]]));
  if (changed.length > 0) emit(tx, "task_updated", room, { ...whole, changes, updated_by: by });
}
