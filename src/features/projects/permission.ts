/** Who may do what in a project: writes decide on the cached ProjectAccess, reads ask the database. */
import type { Tx } from "../../db/context.ts";
import { query, queryIn } from "../../db/query.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/projects.ts";
import { type ProjectAccess, requireLeast } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";

export const noProject = () => new AppError("not_found", "there is no such project, or you are not a member of it");

/** Thrown, or answered by the act, where the project changed since `access` was read. */
class StaleAccess extends Error {}
export const stale: unique symbol = Symbol("stale");

const triesMax = 10;
/** What a cached access may say wrongly, because another node wrote in the meantime. */
const doubtful = new Set(["not_found", "forbidden", "invalid"]);

/**
 * Runs `act` on what this node knows of a project; whatever it writes must be guarded by `access.revision` (by the lane,
 * or by `requireRevision`). Where that is old, and before a refusal that rests on the cache, the project is read again.
 * When it is cached, `act` begins before this function first awaits. Throws `not_found` where there is no project.
 */
export async function decide<Answer>(
  ctx: LiveCtx,
  projectId: string,
  act: (access: ProjectAccess) => Promise<Answer | typeof stale>,
): Promise<Answer> {
  const { access: cache } = ctx.live;
  for (let attempt = 0; attempt < triesMax; attempt++) {
    const cached = cache.peek(projectId);
    const access = cached ?? (await ctx.store.database.guard(() => cache.find(projectId)));
    if (!access) throw noProject();
    try {
      const answer = await act(access);
      if (answer !== stale) return answer;
    } catch (error) {
      const doubt = cached !== undefined && error instanceof AppError && doubtful.has(error.code);
      if (doubt ? await isCurrent(ctx, access) : !(error instanceof StaleAccess)) throw error;
    }
    cache.forget(projectId);
  }
  throw new AppError("unavailable", "the project's members or columns are changing too fast; try again", {
    retryAfter: 1,
  });
}

async function isCurrent(ctx: LiveCtx, access: ProjectAccess): Promise<boolean> {
  const rows = await query<{ revision: string | number }>(ctx, "select revision from rooms where id = $1::uuid", [
    access.projectId,
  ]);
  return Number(rows[0]?.revision) === access.revision;
}

/** Inside `transact`, with the project's room locked: throws (for `decide` to read again) where `access` is old. */
export async function requireRevision(tx: Tx, access: ProjectAccess): Promise<void> {
  const rows = await queryIn(tx.orm, "select from rooms where id = $1::uuid and revision = $2::bigint", [
    access.projectId,
    access.revision,
  ]);
  if (rows.length === 0) throw new StaleAccess();
}

/** The same, where another statement has looked already. */
export const staleAccess = (): Error => new StaleAccess();

const roleSql = `
  select m.role from members m join projects p on p.id = m.project_id
  where m.project_id = $1::uuid and m.user_id = $2::uuid and p.deleted_at is null`;

/** The caller's role as the database has it now. Throws `not_found` for strangers and deleted projects. */
export async function getRole(ctx: LiveCtx, projectId: string): Promise<Role> {
  const rows = await query<{ role: Role }>(ctx, roleSql, [projectId, ctx.actor.id]);
  const role = rows[0]?.role;
  if (!role) throw noProject();
  return role;
}

/**
 * Inside `transact`, with the project's room locked, so that it stays so until the commit. Throws `not_found` for
 * strangers and deleted projects, `forbidden` below `least`.
 */
export async function requireRoleNow(tx: Tx, ctx: LiveCtx, projectId: string, least: Role): Promise<Role> {
  const rows = await queryIn<{ role: Role }>(tx.orm, roleSql, [projectId, ctx.actor.id]);
  return requireLeast(rows[0]?.role, least);
}
