/** Tasks: making and deleting them. Changes are in change.ts. */
import { type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { endPosition, endTail } from "../../db/position.ts";
import { query, queryIn } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import { AppError, invalid } from "../../protocol/errors.ts";
import type { FrameData } from "../../protocol/frames.ts";
import type { Task } from "../../protocol/tasks.ts";
import { type ProjectAccess, requireRole } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { decide, requireRevision, type stale, staleAccess } from "../projects/permission.ts";
import { removeFromBlockers } from "./blockers.ts";
import { requireFields } from "./fields.ts";
import { requireParent } from "./parent.ts";
import {
  getProjectOf,
  noTask,
  requireTaskRole,
  staleVersion,
  submitTo,
  type Written,
  written,
  writtenBefore,
} from "./submit.ts";

type NewTask = FrameData<"task_create">;

/**
 * Makes a task at the end of its column (default: the first). An id that is the same task's, made by the caller with the
 * same content, answers that task; else it is a `conflict` (with the task, if the caller may see it). Throws `invalid`
 * for a status, person, label or parent that is not the project's.
 */
export async function createTask(caller: LiveCtx, input: NewTask): Promise<Written> {
  const ctx = withMutation(caller, "task_create", input);
  try {
    return await makeTask(ctx, input);
  } catch (error) {
    const before = madeBefore(error, ctx, input);
    if (!before) throw error;
    const rows = await query<{ seq: number }>(ctx, "select seq from rooms where id = $1::uuid", [input.project_id]);
    return written(JSON.stringify(before), Number(rows[0]?.seq ?? 0));
  }
}

/** The caller's own task behind a conflict of ids, where it is just what is asked for now: the id was the retry's key. */
function madeBefore(error: unknown, ctx: LiveCtx, { mutation_id: _, ...input }: NewTask): Task | undefined {
  if (!(error instanceof AppError) || error.code !== "conflict" || !error.extras.current) return undefined;
  const current: Task = JSON.parse(JSON.stringify(error.extras.current));
  const wanted: Record<string, unknown> = { ...input, description: input.description ?? "", created_by: ctx.actor.id };
  const there: Record<string, unknown> = current;
  const same = Object.entries(wanted).every(([field, value]) => Bun.deepEquals(there[field], value ?? null));
  return same ? current : undefined;
}

type Taken = "taken";

async function makeTask(ctx: LiveCtx, input: NewTask): Promise<Written> {
  const id = input.id ?? Bun.randomUUIDv7();
  const made = await decide(ctx, input.project_id, (access): Promise<Written | Taken | typeof stale> => {
    requireRole(access, ctx.actor.id, "member");
    const { parent_id } = input;
    if (parent_id) return makeSubtask(ctx, access, { ...input, id, parent_id });
    return submitTo(ctx, access, id, () => {
      const { done, ...set } = newTask(access, input);
      return { create: { tail: endTail() }, set, done };
    });
  });
  if (made === "taken") throw await idTaken(ctx, id);
  return made;
}

/** What the task is given, defaults filled in. Throws `invalid`. */
function newTask(access: ProjectAccess, input: NewTask) {
  requireFields(access, input);
  const [first] = access.columns.keys();
  const status = input.status ?? first;
  if (status === undefined) throw invalid("status", "cannot be chosen: the project has no columns");
  return {
    status,
    done: access.columns.get(status) ?? false,
    title: input.title,
    description: input.description ?? "",
    priority: input.priority ?? "none",
    assignee_ids: input.assignee_ids ?? [],
    label_ids: input.label_ids ?? [],
    start_at: input.start_at,
    due_at: input.due_at,
    all_day: input.all_day ?? false,
    estimate: input.estimate,
  } as const;
}

type NewSubtask = NewTask & { id: string; parent_id: string };

class IdTaken extends Error {}

/** Not by way of the lane, which looks at no other rows. */
async function makeSubtask(ctx: LiveCtx, access: ProjectAccess, input: NewSubtask): Promise<Written | Taken> {
  try {
    const { answer, events } = await transact(ctx, {
      rooms: [access.projectId],
      work: (tx) => insertSubtask(tx, ctx, access, input),
      replay: (events) => writtenBefore(events).json.text,
    });
    return written(answer, events.at(-1)?.seq ?? 0);
  } catch (error) {
    if (error instanceof IdTaken) return "taken";
    throw error;
  }
}

const insertSql = `
  insert into tasks as t (id, project_id, number, key, title, description, status, position, priority, assignee_ids,
    label_ids, start_at, due_at, all_day, estimate, parent_id, created_by, completed_at)
  values ($1::uuid, $2::uuid, $3::int, $4, $5, $6, $7, $8, $9, $10::uuid[], $11::uuid[], $12::timestamptz,
    $13::timestamptz, $14::boolean, $15::float8, $16::uuid, $17::uuid, case when $18::boolean then now() end)
  on conflict (id) do nothing returning ${taskJson("t")} as body`;

async function insertSubtask(tx: Tx, ctx: LiveCtx, access: ProjectAccess, input: NewSubtask): Promise<string> {
  const fields = newTask(access, input);
  const number = await takeNumber(tx, access);
  await requireParent(tx, access.projectId, input.parent_id, "parent_id");
  const rows = await queryIn<{ body: string }>(tx.orm, insertSql, [
    input.id,
    access.projectId,
    number,
    `${access.key}-${number}`,
    fields.title,
    fields.description,
    fields.status,
    endPosition(number),
    fields.priority,
    uuids(fields.assignee_ids),
    uuids(fields.label_ids),
    fields.start_at,
    fields.due_at,
    fields.all_day,
    fields.estimate,
    input.parent_id,
    ctx.actor.id,
    fields.done,
  ]);
  const body = rows[0]?.body;
  if (body === undefined) throw new IdTaken();
  const task: Task = JSON.parse(body);
  emit(tx, "task_created", access.projectId, { task, task_id: task.id, created_by: ctx.actor.id });
  return body;
}

/** An array of ids as PostgreSQL writes it. */
const uuids = (ids: readonly string[]): string => `{${ids.join()}}`;

/** The project's next number; its row is the project's, so `access` is checked in the same statement. */
async function takeNumber(tx: Tx, access: ProjectAccess): Promise<number> {
  const rows = await queryIn<{ number: number }>(
    tx.orm,
    `update projects p set task_count = p.task_count + 1 from rooms r
    where p.id = $1::uuid and r.id = p.id and r.revision = $2::bigint returning p.task_count as number`,
    [access.projectId, access.revision],
  );
  const number = rows[0]?.number;
  if (number === undefined) throw staleAccess();
  return number;
}

async function idTaken(ctx: LiveCtx, id: string): Promise<AppError> {
  const rows = await query<{ body: string | null }>(
    ctx,
    `select case when m.user_id is not null and p.deleted_at is null then ${taskJson("t")} end as body
    from tasks t join projects p on p.id = t.project_id
    left join members m on m.project_id = t.project_id and m.user_id = $2::uuid where t.id = $1::uuid`,
    [id, ctx.actor.id],
  );
  const body = rows[0]?.body ?? undefined;
  return new AppError(
    "conflict",
    "a task with this id exists",
    body === undefined ? {} : { current: JSON.parse(body) },
  );
}

/** Deletes a task and, before it, its subtasks: an event each, behind those of tasks that waited for one of them. Throws `conflict` for a stale version. */
export async function deleteTask(
  caller: LiveCtx,
  input: FrameData<"task_delete"> & { version?: number | undefined },
): Promise<Written> {
  const ctx = withMutation(caller, "task_delete", input);
  const projectId = ctx.live.access.peekProjectOf(input.task_id) ?? (await getProjectOf(ctx, input.task_id));
  return decide(ctx, projectId, async (access) => {
    requireTaskRole(access, ctx, "member");
    const { answer, events } = await transact(ctx, {
      rooms: [projectId],
      work: async (tx) => {
        await requireRevision(tx, access);
        return removeTask(tx, ctx, projectId, input);
      },
      replay: (events) => writtenBefore(events).json.text,
    });
    return written(answer, events.at(-1)?.seq ?? 0);
  });
}

async function removeTask(
  tx: Tx,
  ctx: LiveCtx,
  projectId: string,
  { task_id, version }: { task_id: string; version?: number | undefined },
): Promise<string> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `select ${taskJson("t")} as body from tasks t
    where t.project_id = $1::uuid and (t.id = $2::uuid or t.parent_id = $2::uuid)
    order by t.id = $2::uuid, t.number for update of t`,
    [projectId, task_id],
  );
  const tasks = rows.map(({ body }): Task => JSON.parse(body));
  const task = tasks.at(-1);
  if (task?.id !== task_id) throw noTask();
  if (version !== undefined && task.version !== version) throw staleVersion(task);
  await removeFromBlockers(
    tx,
    ctx,
    projectId,
    tasks.map(({ id }) => id),
  );
  await queryIn(tx.orm, "delete from tasks t where t.id = $1::uuid or t.parent_id = $1::uuid", [task_id]);
  for (const each of tasks)
    emit(tx, "task_deleted", projectId, { task: each, task_id: each.id, deleted_by: ctx.actor.id });
  return rows.at(-1)?.body ?? "";
}
