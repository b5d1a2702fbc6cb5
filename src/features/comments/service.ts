/** Comments on tasks. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { commentJson, isoText } from "../../db/row-json.ts";
import type { Comment, ListComments, UpdateComment } from "../../protocol/comments.ts";
import { AppError } from "../../protocol/errors.ts";
import type { FrameData } from "../../protocol/frames.ts";
import { InputTimestamp } from "../../protocol/ids.ts";
import { type ProjectAccess, requireRole, roleAtLeast } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { decide, requireRevision } from "../projects/permission.ts";
import { findRoom, getTask, submit, type Written, written, writtenBefore } from "../tasks/submit.ts";

const noComment = () => new AppError("not_found", "there is no such comment, or you are not a member of its project");

const Cursor = z.tuple([InputTimestamp, z.uuid()]);
const beforeAll = ["-infinity", "00000000-0000-0000-0000-000000000000"] as const;
const afterAll = ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"] as const;

/** Order: as they were written, or the other way round. Deleted ones stay, with empty content. */
export async function listComments(
  ctx: LiveCtx,
  taskId: string,
  { limit, cursor, order }: ListComments,
): Promise<RawJson> {
  const newest = order === "newest";
  const [createdAt, id] = decodeCursor(Cursor, cursor) ?? (newest ? afterAll : beforeAll);
  const rows = await query<{ created_at: string; id: string; body: string }>(
    ctx,
    `select ${isoText("k.created_at")} as created_at, k.id, ${commentJson("k")} as body from comments k
    where k.task_id = $1::uuid and (k.created_at, k.id) ${newest ? "<" : ">"} ($2::timestamptz, $3::uuid)
    order by k.created_at ${newest ? "desc" : ""}, k.id ${newest ? "desc" : ""} limit $4::int`,
    [taskId, createdAt, id, limit + 1],
  );
  await getTask(ctx, taskId); // after the read: whoever may see the task now may see what was there a moment ago
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > items.length && last ? encodeCursor([last.created_at, last.id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

/**
 * Writes a comment. An `id` that exists: the same answer where it is the same comment, else `conflict`.
 * Throws `not_found`, `forbidden`.
 */
export async function createComment(caller: LiveCtx, input: FrameData<"new_comment">): Promise<Written> {
  const ctx = withMutation(caller, "comment_create", input);
  const comment = { id: input.id ?? Bun.randomUUIDv7(), content: input.content };
  const result = await submit(ctx, input.task_id, () => ({ comment }));
  return result === "taken" ? existingComment(ctx, { ...input, id: comment.id }) : result;
}

interface Existing {
  readonly task_id: string;
  readonly author_id: string;
  readonly content: string;
  readonly body: string;
  readonly seq: string | number;
  readonly member: boolean;
}

async function existingComment(ctx: LiveCtx, input: FrameData<"new_comment"> & { id: string }): Promise<Written> {
  const rows = await query<Existing>(
    ctx,
    `select k.task_id, k.author_id, k.content, ${commentJson("k")} as body, r.seq,
      exists(select from members m where m.project_id = t.project_id and m.user_id = $2::uuid) as member
    from comments k join tasks t on t.id = k.task_id join rooms r on r.id = t.project_id where k.id = $1::uuid`,
    [input.id, ctx.actor.id],
  );
  const row = rows[0];
  const same = row?.author_id === ctx.actor.id && row.task_id === input.task_id && row.content === input.content;
  if (row && same) return written(row.body, Number(row.seq));
  const current: unknown = row?.member ? JSON.parse(row.body) : undefined;
  throw new AppError("conflict", "a comment with this id exists", current === undefined ? {} : { current });
}

interface Change {
  readonly commentId: string;
  /** Throws where the caller may not. */
  readonly check: (access: ProjectAccess, authorId: string) => void;
  /** Changes the row and emits; answers the comment's JSON, which it is given as it stands. */
  readonly work: (tx: Tx, access: ProjectAccess, comment: Comment) => Promise<Comment>;
}

/** Under the locks of the room and the comment: changes of one comment come one after the other. */
export async function changeComment(ctx: LiveCtx, { commentId, check, work }: Change): Promise<Written> {
  const rows = await query<{ project_id: string; author_id: string }>(
    ctx,
    `select t.project_id, k.author_id from comments k join tasks t on t.id = k.task_id where k.id = $1::uuid`,
    [commentId],
  );
  const row = rows[0];
  // A comment that went with its task: only who changed it before is answered again.
  const projectId = row?.project_id ?? (await findRoom(ctx));
  if (!projectId) throw noComment();
  return decide(ctx, projectId, async (access) => {
    check(access, row?.author_id ?? ctx.actor.id);
    const { answer, events } = await transact(ctx, {
      rooms: [access.projectId],
      work: async (tx) => {
        await requireRevision(tx, access);
        return JSON.stringify(await work(tx, access, await lockComment(tx, commentId)));
      },
      replay: (events) => writtenBefore(events).json.text,
    });
    return written(answer, events.at(-1)?.seq ?? 0);
  });
}

async function lockComment(tx: Tx, commentId: string): Promise<Comment> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `select ${commentJson("k")} as body from comments k
    where k.id = $1::uuid and k.deleted_at is null for update of k`,
    [commentId],
  );
  const row = rows[0];
  if (!row) throw noComment();
  return JSON.parse(row.body);
}

export async function setComment(tx: Tx, commentId: string, set: string, value?: string): Promise<Comment> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `update comments k set ${set} where k.id = $1::uuid returning ${commentJson("k")} as body`,
    value === undefined ? [commentId] : [commentId, value],
  );
  const row = rows[0];
  if (!row) throw noComment();
  return JSON.parse(row.body);
}

/** Throws `not_found` for strangers, `forbidden` for viewers. */
export function requireCommentRole(access: ProjectAccess, ctx: LiveCtx) {
  try {
    return requireRole(access, ctx.actor.id, "member");
  } catch (error) {
    throw error instanceof AppError && error.code === "not_found" ? noComment() : error;
  }
}

/** The author edits, or an admin; the same content is no change. */
export function updateComment(caller: LiveCtx, commentId: string, input: UpdateComment): Promise<Written> {
  const ctx = withMutation(caller, "comment_update", { comment_id: commentId, ...input });
  return changeComment(ctx, {
    commentId,
    check(access, authorId) {
      const role = requireCommentRole(access, ctx);
      if (authorId !== ctx.actor.id && !roleAtLeast(role, "admin"))
        throw new AppError("forbidden", "only its author and the project's admins may edit a comment");
    },
    async work(tx, access, before) {
      if (before.content === input.content) return before;
      const comment = await setComment(tx, commentId, "content = $2, edited_at = now()", input.content);
      const whole = { comment, task_id: comment.task_id, comment_id: commentId };
      emit(tx, "comment_updated", access.projectId, { ...whole, updated_by: ctx.actor.id });
      return comment;
    },
  });
}

/** The author deletes, or an admin. The row stays, without content and reactions. */
export function deleteComment(
  caller: LiveCtx,
  commentId: string,
  input: { mutation_id?: string | undefined },
): Promise<Written> {
  const ctx = withMutation(caller, "comment_delete", { comment_id: commentId, ...input });
  return changeComment(ctx, {
    commentId,
    check(access, authorId) {
      const role = requireCommentRole(access, ctx);
      if (authorId !== ctx.actor.id && !roleAtLeast(role, "admin"))
        throw new AppError("forbidden", "only its author or an admin may delete a comment");
    },
    async work(tx, access) {
      const comment = await setComment(tx, commentId, "content = '', reactions = '{}', deleted_at = now()");
      const whole = { comment, task_id: comment.task_id, comment_id: commentId };
      emit(tx, "comment_deleted", access.projectId, { ...whole, deleted_by: ctx.actor.id });
      return comment;
    },
  });
}
