/** The way of the hot verbs: decide on the cached access, go through the lane, make an answer of every outcome. */
import { RawJson } from "../../core/raw-json.ts";
import { type CommittedEvent, findMutation } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/projects.ts";
import { type ProjectAccess, requireRole } from "../../realtime/access.ts";
import type { LaneCommand, LaneResult } from "../../realtime/lane.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { decide, stale } from "../projects/permission.ts";

/** A resource as it was written, with the number of the write's last event in the project's room. */
export interface Written {
  readonly json: RawJson;
  readonly seq: number;
}

export const written = (body: string, seq: number): Written => ({ json: new RawJson(body), seq });

// The same words for what is not there and for what strangers may not know of.
export const noTask = () => new AppError("not_found", "there is no such task, or you are not a member of its project");

/** Throws `not_found` for strangers, `forbidden` below `least`. */
export function requireTaskRole(access: ProjectAccess, ctx: LiveCtx, least: Role): Role {
  try {
    return requireRole(access, ctx.actor.id, least);
  } catch (error) {
    throw error instanceof AppError && error.code === "not_found" ? noTask() : error;
  }
}

export type TaskCommand = Pick<LaneCommand, "version" | "set" | "done" | "comment" | "create">;

/**
 * Submits what `build` makes of the project's access. While that is cached and `build` is synchronous, the command is in
 * the lane before this function first awaits. A write applied before answers as it did then, also where it could not be
 * made any more. Throws `not_found`, `forbidden`, `conflict` with the task as it is, and what `build` throws.
 */
export async function submit(
  ctx: LiveCtx,
  taskId: string,
  build: (access: ProjectAccess) => TaskCommand | Promise<TaskCommand>,
): Promise<Written | "taken"> {
  const projectId = ctx.live.access.peekProjectOf(taskId) ?? (await getProjectOf(ctx, taskId));
  return decide(ctx, projectId, (access) => {
    requireTaskRole(access, ctx, "member");
    return submitTo(ctx, access, taskId, build);
  });
}

/** The same of a task that may be new, where the caller may write in the project. */
export async function submitTo(
  ctx: LiveCtx,
  access: ProjectAccess,
  taskId: string,
  build: (access: ProjectAccess) => TaskCommand | Promise<TaskCommand>,
): Promise<Written | "taken" | typeof stale> {
  let command: TaskCommand;
  try {
    const made = build(access);
    command = made instanceof Promise ? await made : made;
  } catch (error) {
    const before = await findReplay(ctx);
    if (before) return before;
    throw error;
  }
  const { actor, mutation } = ctx;
  const { projectId, revision } = access;
  const result = await ctx.live.lane.submit({ projectId, revision, taskId, actor, mutation, ...command });
  return result.outcome === "done" ? written(result.body, result.seq) : settle(ctx, taskId, result);
}

/** The project of a task, also of one deleted by this very mutation. Throws `not_found`. */
export async function getProjectOf(ctx: LiveCtx, taskId: string): Promise<string> {
  const projectId = await ctx.store.database.guard(() => ctx.live.access.projectOf(taskId));
  if (projectId) return projectId;
  // Deleted since, perhaps by this very write: the log knows where it was.
  const room = await findRoom(ctx);
  if (!room) throw noTask();
  return room;
}

/** The room in which this mutation made its events when it was first sent. Throws `idempotency_mismatch`. */
export async function findRoom(ctx: LiveCtx): Promise<string | undefined> {
  const events = await findEvents(ctx);
  return events?.at(-1)?.roomId;
}

async function settle(ctx: LiveCtx, taskId: string, result: LaneResult): Promise<Written | typeof stale | "taken"> {
  // Also where it was not found as applied: while the statement waited for the room, its twin (sent before a link was
  // lost, or to another node) may have committed, which the statement's snapshot does not show.
  const before = result.outcome === "stale" ? undefined : await findReplay(ctx);
  if (before) return before;
  switch (result.outcome) {
    case "unchanged":
      await rememberMutation(ctx);
      return written(await getTask(ctx, taskId), result.seq);
    case "applied":
      return currentTask(ctx, taskId);
    case "refused":
      throw await conflict(ctx, taskId);
    case "not_found":
      throw noTask();
    case "taken":
      return "taken";
    default:
      return stale;
  }
}

const getTaskSql = `
  select ${taskJson("t")} as body from tasks t join projects p on p.id = t.project_id and p.deleted_at is null
  join members m on m.project_id = t.project_id and m.user_id = $2::uuid where t.id = $1::uuid`;

/** The task's JSON. Throws `not_found`, also for strangers. */
export async function getTask(ctx: LiveCtx, taskId: string): Promise<string> {
  const rows = await query<{ body: string }>(ctx, getTaskSql, [taskId, ctx.actor.id]);
  const body = rows[0]?.body;
  if (body === undefined) throw noTask();
  return body;
}

/** The error of a version that is not the task's; `not_found` where there is no task. */
async function conflict(ctx: LiveCtx, taskId: string): Promise<AppError> {
  const current: unknown = JSON.parse(await getTask(ctx, taskId));
  return staleVersion(current);
}

export const staleVersion = (current: unknown): AppError =>
  new AppError("conflict", "the task was changed since the version you name; `current` is how it is now", { current });

/** What this mutation made when it was first sent, from its last event. Throws `idempotency_mismatch`. */
async function findReplay(ctx: LiveCtx): Promise<Written | undefined> {
  const events = await findEvents(ctx);
  return events && writtenBefore(events);
}

async function findEvents(ctx: LiveCtx): Promise<CommittedEvent[] | undefined> {
  const { mutation, actor } = ctx;
  if (!mutation) return undefined;
  const { database } = ctx.store;
  return database.guard(() => findMutation(database.orm, actor.id, mutation));
}

/** The answer of a write from the events it made: its last one carries the task or the comment. */
export function writtenBefore(events: readonly CommittedEvent[]): Written {
  const last = events.at(-1);
  const data: { task?: unknown; comment?: unknown } = last ? JSON.parse(last.data) : {};
  return written(JSON.stringify(data.comment ?? data.task), last?.seq ?? 0);
}

/** A write that changed nothing made no event; so that its retry changes nothing either, its key is kept (H4). */
async function rememberMutation({ store, actor, mutation }: LiveCtx): Promise<void> {
  if (!mutation) return;
  const values = [actor.id, mutation.id, mutation.hash.toString()];
  await store.database.guard(() =>
    store.database.sql.unsafe(
      `insert into mutations (actor_id, mutation_id, mutation_hash) values ($1::uuid, $2, $3::bigint)
        on conflict do nothing`,
      values,
      { prepare: true },
    ),
  );
}

/** The answer of a write applied before that had made no event. Throws `idempotency_mismatch`. */
async function currentTask(ctx: LiveCtx, taskId: string): Promise<Written> {
  const rows = await query<{ hash: string; body: string; seq: string | number }>(
    ctx,
    `select k.mutation_hash::text as hash, ${taskJson("t")} as body, r.seq
      from mutations k, tasks t join rooms r on r.id = t.project_id
      where k.actor_id = $1::uuid and k.mutation_id = $2 and t.id = $3::uuid`,
    [ctx.actor.id, ctx.mutation?.id, taskId],
  );
  const row = rows[0];
  if (!row) throw noTask();
  if (BigInt(row.hash) !== ctx.mutation?.hash)
    throw new AppError("idempotency_mismatch", "this key was used for another request; take a new one");
  return written(row.body, Number(row.seq));
}
