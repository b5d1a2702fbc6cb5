/** The hot verbs: update, status, move, assign; all go through the lane. */
import { withMutation } from "../../db/mutation.ts";
import { positionBetween } from "../../db/position.ts";
import { query } from "../../db/query.ts";
import { invalid } from "../../protocol/errors.ts";
import type { FrameData } from "../../protocol/frames.ts";
import type { TaskChanges } from "../../protocol/tasks.ts";
import type { ProjectAccess } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { requireFields } from "./fields.ts";
import { updateWithParent } from "./parent.ts";
import { makeRoom, positionLengthMax } from "./spread.ts";
import { submit, type TaskCommand, type Written } from "./submit.ts";

/** Throws `conflict` (with `current`) for a stale version, `invalid`; `path` stands before the names of the fields. */
export function updateTask(ctx: LiveCtx, input: FrameData<"task_update">, path = ""): Promise<Written> {
  const { task_id, version, changes } = input;
  const own = withMutation(ctx, "task_update", input);
  if (changes.parent_id !== undefined) return updateWithParent(own, input, path);
  return change(own, task_id, (access) => ({
    version,
    ...command(access, changes, path),
  }));
}

export function updateTaskStatus(ctx: LiveCtx, input: FrameData<"task_status_update">): Promise<Written> {
  const { task_id, status, version } = input;
  return change(withMutation(ctx, "task_status_update", input), task_id, (access) => ({
    version,
    ...command(access, { status }),
  }));
}

/** `assignee_ids` replaces. */
export function assignTask(ctx: LiveCtx, input: FrameData<"task_assign">): Promise<Written> {
  const { task_id, assignee_ids } = input;
  return change(withMutation(ctx, "task_assign", input), task_id, (access) => command(access, { assignee_ids }));
}

/** Puts a task behind `after` and in front of `before`; without either at the end of its column. */
export function moveTask(ctx: LiveCtx, input: FrameData<"task_move">): Promise<Written> {
  return change(withMutation(ctx, "task_move", input), input.task_id, async (access) => {
    const { set, done } = command(access, { status: input.status });
    const position = await findPlace(ctx, access.projectId, input);
    return { set: { ...set, position }, done };
  });
}

async function change(
  ctx: LiveCtx,
  taskId: string,
  build: (access: ProjectAccess) => TaskCommand | Promise<TaskCommand>,
): Promise<Written> {
  const result = await submit(ctx, taskId, build);
  if (result === "taken") throw new Error("a task's change cannot meet a comment's id");
  return result;
}

function command(access: ProjectAccess, changes: TaskChanges, path = ""): TaskCommand {
  requireFields(access, changes, path);
  const set = changes.description === null ? { ...changes, description: "" } : changes;
  return { set, done: changes.status === undefined ? undefined : access.columns.get(changes.status) };
}

interface Neighbours {
  readonly position: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A position for the task; where tasks crowd so that it would be long, room is made first. */
async function findPlace(ctx: LiveCtx, projectId: string, input: FrameData<"task_move">): Promise<string | undefined> {
  const position = await findPosition(ctx, projectId, input);
  if (position === undefined || position.length <= positionLengthMax) return position;
  await makeRoom(ctx, projectId, position);
  return findPosition(ctx, projectId, input);
}

/**
 * The position between the neighbours as they are now; undefined where the task's own is that already. A neighbour may
 * have gone to another column meanwhile: its position still says where.
 */
async function findPosition(
  ctx: LiveCtx,
  projectId: string,
  input: FrameData<"task_move">,
): Promise<string | undefined> {
  const { task_id, before, after } = input;
  if (before === task_id || after === task_id)
    throw invalid(before === task_id ? "before" : "after", "is the task that moves");
  const [task] = await query<Neighbours>(
    ctx,
    `select t.position,
      (select b.position from tasks b where b.id = $3::uuid and b.project_id = $2::uuid) as before,
      (select a.position from tasks a where a.id = $4::uuid and a.project_id = $2::uuid) as after
    from tasks t where t.id = $1::uuid and t.project_id = $2::uuid`,
    [task_id, projectId, before, after],
  );
  if (!task) return undefined; // the lane refuses
  if (before !== undefined && task.before === null) throw invalid("before", "is no task of the project");
  if (after !== undefined && task.after === null) throw invalid("after", "is no task of the project");
  const gap = await findGap(ctx, projectId, input, task);
  const there = (gap.low === null || gap.low < task.position) && (gap.high === null || task.position < gap.high);
  return there ? undefined : positionBetween(gap.low, gap.high);
}

interface Gap {
  readonly low: string | null;
  readonly high: string | null;
}

/** Between the two where both are given and in order, else next to the one, or behind the column's last. */
async function findGap(
  ctx: LiveCtx,
  projectId: string,
  input: FrameData<"task_move">,
  { before, after }: Neighbours,
): Promise<Gap> {
  if (before !== null && after !== null && after < before) return { low: after, high: before };
  const look = (sql: string, beside: string | null) => findEdge(ctx, projectId, input, sql, beside);
  if (after !== null) return { low: after, high: await look("min(position) filter (where position > $4)", after) };
  if (before !== null) return { low: await look("max(position) filter (where position < $4)", before), high: before };
  return { low: await look("max(position) filter (where $4::text is null)", null), high: null };
}

/** Has no index, so that the hot update rewrites none: reads the project's tasks, a few milliseconds for 10,000. */
async function findEdge(
  ctx: LiveCtx,
  projectId: string,
  { status, task_id }: FrameData<"task_move">,
  edge: string,
  beside: string | null,
): Promise<string | null> {
  const rows = await query<{ position: string | null }>(
    ctx,
    `select ${edge} as position from tasks where project_id = $1::uuid and status = $2 and id <> $3::uuid`,
    [projectId, status, task_id, beside],
  );
  return rows[0]?.position ?? null;
}
