/** Who belongs to a project, and as what. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { type CommittedEvent, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { tasksAtOnceMax } from "../../protocol/columns.ts";
import { AppError } from "../../protocol/errors.ts";
import { InputTimestamp } from "../../protocol/ids.ts";
import type { AddMember, Member, Project, Role, UpdateMember } from "../../protocol/projects.ts";
import { projectRoom } from "../../protocol/rooms.ts";
import { type ProjectAccess, requireRole } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { decide, getRole, requireRevision, staleAccess } from "./permission.ts";
import { memberJson, projectJson } from "./project-json.ts";
import { unassign } from "./task-effects.ts";

const Cursor = z.tuple([InputTimestamp, z.uuid()]);
const beforeAll = ["-infinity", "00000000-0000-0000-0000-000000000000"] as const;

/** Order: as they came. */
export async function listMembers(
  ctx: LiveCtx,
  projectId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [joinedAt, userId] = decodeCursor(Cursor, cursor) ?? beforeAll;
  const rows = await query<{ joined_at: string; user_id: string; body: string }>(
    ctx,
    `select ${isoText("m.joined_at")} as joined_at, m.user_id, ${memberJson("m", "u")} as body
    from members m join users u on u.id = m.user_id
    where m.project_id = $1::uuid and (m.joined_at, m.user_id) > ($2::timestamptz, $3::uuid)
    order by m.joined_at, m.user_id limit $4::int`,
    [projectId, joinedAt, userId, limit + 1],
  );
  await getRole(ctx, projectId); // after the read: whoever belongs here now may see what was there a moment ago
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > items.length && last ? encodeCursor([last.joined_at, last.user_id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

/** An owner rules everybody; an admin those below owner. */
function requireRule(access: ProjectAccess, ctx: LiveCtx, over: readonly (Role | undefined)[]): void {
  const role = requireRole(access, ctx.actor.id, "admin");
  if (role !== "owner" && over.includes("owner"))
    throw new AppError("forbidden", "only an owner may make, change or remove an owner");
}

const noMember = () => new AppError("not_found", "this person is no member of the project");

/**
 * Takes an admin; an owner to make an owner. Throws `not_found` for an unknown person or address, `conflict` (with the
 * member) where the person is one already.
 */
export async function addMember(caller: LiveCtx, projectId: string, input: AddMember): Promise<Member> {
  const ctx = withMutation(caller, "member_add", { project_id: projectId, ...input });
  return decide(ctx, projectId, async (access) => {
    requireRule(access, ctx, [input.role]);
    const userId = await findUser(ctx, input);
    const { answer } = await transact<Member>(ctx, {
      rooms: [projectId, userId],
      work: async (tx) => {
        await requireRevision(tx, access);
        if (access.roles.has(userId)) {
          const { member } = await readMember(tx, projectId, userId);
          throw new AppError("conflict", "this person is a member already", { current: member });
        }
        await queryIn(tx.orm, "insert into members (project_id, user_id, role) values ($1::uuid, $2::uuid, $3)", [
          projectId,
          userId,
          input.role,
        ]);
        const { member, project } = await readMember(tx, projectId, userId);
        const by = ctx.actor.id;
        emit(tx, "member_added", projectId, { member, member_id: userId, added_by: by });
        emit(tx, "project_joined", userId, {
          project: { ...project, role: input.role },
          project_id: projectId,
          joined_by: by,
        });
        return member;
      },
      replay: memberOf,
    });
    return answer;
  });
}

async function findUser(ctx: LiveCtx, { user_id, email }: AddMember): Promise<string> {
  const column = user_id === undefined ? "email" : "id";
  const rows = await query<{ id: string }>(ctx, `select id from users where ${column} = $1 and disabled_at is null`, [
    user_id ?? email?.toLowerCase(),
  ]);
  const row = rows[0];
  if (!row) throw new AppError("not_found", "nobody here has this id or address");
  return row.id;
}

function memberOf(events: readonly CommittedEvent[]): Member {
  for (const event of events) {
    const { member }: { member?: Member } = JSON.parse(event.data);
    if (member) return member;
  }
  throw new Error("a replayed write has events");
}

async function readMember(tx: Tx, projectId: string, userId: string): Promise<{ member: Member; project: Project }> {
  const rows = await queryIn<{ member: string; project: string }>(
    tx.orm,
    `select ${memberJson("m", "u")} as member, ${projectJson("p")} as project
    from members m join users u on u.id = m.user_id join projects p on p.id = m.project_id
    where m.project_id = $1::uuid and m.user_id = $2::uuid`,
    [projectId, userId],
  );
  const row = rows[0];
  if (!row) throw noMember();
  return { member: JSON.parse(row.member), project: JSON.parse(row.project) };
}

/** Throws LastOwner where nobody would own the project any more. */
function requireOwnerLeft(access: ProjectAccess, userId: string, role: Role | undefined): void {
  const others = [...access.roles].some(([id, theirs]) => id !== userId && theirs === "owner");
  if (!others && role !== "owner") throw new LastOwner();
}

/** Becomes a `conflict` with the member outside of the transaction, where there is time to read them. */
class LastOwner extends Error {}

const refuseLastOwner =
  (ctx: LiveCtx, projectId: string, userId: string) =>
  async (error: unknown): Promise<never> => {
    if (!(error instanceof LastOwner)) throw error;
    const rows = await query<{ body: string }>(
      ctx,
      `select ${memberJson("m", "u")} as body from members m join users u on u.id = m.user_id
      where m.project_id = $1::uuid and m.user_id = $2::uuid`,
      [projectId, userId],
    );
    const current: unknown = rows[0] && JSON.parse(rows[0].body);
    throw new AppError("conflict", "this is the last owner; make someone else an owner first", { current });
  };

/** Takes an admin, an owner where either role is owner. */
export async function updateMember(
  caller: LiveCtx,
  projectId: string,
  userId: string,
  input: UpdateMember,
): Promise<Member> {
  const ctx = withMutation(caller, "member_update", { project_id: projectId, user_id: userId, ...input });
  return decide(ctx, projectId, async (access) => {
    const before = access.roles.get(userId);
    requireRole(access, ctx.actor.id, "admin");
    const { answer } = await transact<Member>(ctx, {
      rooms: [projectId],
      work: async (tx) => {
        await requireRevision(tx, access);
        if (!before) throw noMember();
        requireRule(access, ctx, [before, input.role]);
        requireOwnerLeft(access, userId, input.role);
        if (before === input.role) return (await readMember(tx, projectId, userId)).member;
        await queryIn(tx.orm, "update members set role = $3 where project_id = $1::uuid and user_id = $2::uuid", [
          projectId,
          userId,
          input.role,
        ]);
        const { member } = await readMember(tx, projectId, userId);
        emit(tx, "member_updated", projectId, { member, member_id: userId, updated_by: ctx.actor.id });
        return member;
      },
      replay: memberOf,
    });
    return answer;
  }).catch(refuseLastOwner(ctx, projectId, userId));
}

function requireRemovable(access: ProjectAccess, ctx: LiveCtx, userId: string): void {
  requireRole(access, ctx.actor.id, "viewer");
  const role = access.roles.get(userId);
  if (userId !== ctx.actor.id) requireRule(access, ctx, [role]);
  if (!role) throw noMember();
}

/**
 * Takes a person off their tasks but the last few, which go with the membership: a write tells of so many at most. These
 * writes are not the retry's key: whoever is interrupted goes on.
 */
async function unassignMost(caller: LiveCtx, access: ProjectAccess, userId: string, check: () => void): Promise<void> {
  const { projectId } = access;
  const ctx = { ...caller, mutation: undefined };
  const sql = `select from tasks t where t.project_id = $1::uuid and $2::uuid = any(t.assignee_ids)
    offset ${tasksAtOnceMax - 1} limit 1`;
  while ((await query(ctx, sql, [projectId, userId])).length > 0)
    await transact(ctx, {
      rooms: [projectId],
      work: async (tx) => {
        await requireRevision(tx, access);
        check();
        requireOwnerLeft(access, userId, undefined);
        await unassign(tx, projectId, userId, ctx.actor.id);
      },
      replay: () => undefined,
    });
}

/**
 * Removes a member, or leaves: anyone may, but the last owner. Answers when this node has evicted the person from the
 * room: nothing of the project reaches them after the answer (S10).
 */
export async function removeMember(
  caller: LiveCtx,
  projectId: string,
  userId: string,
  input: { mutation_id?: string | undefined },
): Promise<void> {
  const ctx = withMutation(caller, "member_remove", { project_id: projectId, user_id: userId, ...input });
  const seq = await decide(ctx, projectId, async (access) => {
    const check = () => requireRemovable(access, ctx, userId);
    // Whoever left is a stranger: only inside, behind the look for the mutation, is a retry told from an intruder.
    if (!ctx.mutation) check();
    await unassignMost(ctx, access, userId, check);
    const { events } = await transact(ctx, {
      rooms: [projectId, userId],
      work: async (tx) => {
        await requireRevision(tx, access);
        check();
        requireOwnerLeft(access, userId, undefined);
        const { member, project } = await readMember(tx, projectId, userId);
        await queryIn(tx.orm, "delete from members where project_id = $1::uuid and user_id = $2::uuid", [
          projectId,
          userId,
        ]);
        const by = ctx.actor.id;
        if (!(await unassign(tx, projectId, userId, by))) throw staleAccess(); // many more were assigned just now
        emit(tx, "member_removed", projectId, { member, member_id: userId, removed_by: by });
        emit(tx, "project_left", userId, { project, project_id: projectId, left_by: by });
      },
      replay: () => undefined,
    });
    return events.findLast((event) => event.roomId === projectId)?.seq ?? 0;
  }).catch(refuseLastOwner(ctx, projectId, userId));
  await ctx.live.relay.reach(projectRoom(projectId), seq);
}
