/** Projects: making, reading, changing and deleting them. */
import { z } from "zod";
import { RawJson } from "../../core/raw-json.ts";
import { type CommittedEvent, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { sqlState } from "../../db/open.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { endPosition } from "../../db/position.ts";
import { query, queryIn } from "../../db/query.ts";
import { columns, members, projects, rooms } from "../../db/schema.ts";
import { AppError } from "../../protocol/errors.ts";
import { type CreateProject, defaultColumns, type Project, type UpdateProject } from "../../protocol/projects.ts";
import { projectRoom } from "../../protocol/rooms.ts";
import { requireRole } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emit } from "../../realtime/log.ts";
import { projectsOfKey } from "../../realtime/rights.ts";
import { decide, noProject, requireRevision } from "./permission.ts";
import { projectJson } from "./project-json.ts";
import { freeKey, keyOfName } from "./project-key.ts";
import { readStructure } from "./structure.ts";

/** The caller becomes its owner. Throws `conflict` where `key` is taken; a key made of the name never is. */
export async function createProject(caller: LiveCtx, input: CreateProject): Promise<Project> {
  const ctx = withMutation(caller, "project_create", input);
  const { answer } = await transact(ctx, {
    rooms: [ctx.actor.id],
    work: (tx) => insertProject(tx, ctx, input),
    replay: projectOf,
  });
  return answer;
}

/** The project of the last event that carries one. */
function projectOf(events: readonly CommittedEvent[]): Project {
  const last = events.at(-1);
  if (!last) throw new Error("a replayed write has events");
  const { project }: { project: Project } = JSON.parse(last.data);
  return project;
}

async function insertProject(tx: Tx, ctx: LiveCtx, input: CreateProject): Promise<Project> {
  const id = Bun.randomUUIDv7();
  await insertRow(tx, ctx, id, input);
  await tx.orm.insert(rooms).values({ id, kind: "project", epoch: crypto.randomUUID().slice(0, 8) });
  await tx.orm.insert(members).values({ projectId: id, userId: ctx.actor.id, role: "owner" });
  await tx.orm.insert(columns).values(
    defaultColumns.map(({ status, name, done }, i) => ({
      id: Bun.randomUUIDv7(),
      projectId: id,
      status,
      name,
      done,
      position: endPosition(i + 1),
    })),
  );
  const project: Project = { ...(await readProject(tx, id)), role: "owner" };
  emit(tx, "project_joined", ctx.actor.id, { project, project_id: id, joined_by: ctx.actor.id });
  return project;
}

/** A key chosen by the caller is taken or not; a made one meets another's only when both are made at once. */
async function insertRow(tx: Tx, ctx: LiveCtx, id: string, input: CreateProject): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const key = input.key ?? freeKey(keyOfName(input.name), await takenKeys(tx, keyOfName(input.name)));
    const row = { id, key, name: input.name, description: input.description ?? "", createdBy: ctx.actor.id };
    const rows = await tx.orm.insert(projects).values(row).onConflictDoNothing().returning({ key: projects.key });
    if (rows.length > 0) return;
    if (input.key) throw keyTaken(key);
  }
  throw new AppError("unavailable", "too many projects of this name are being made; try again", { retryAfter: 1 });
}

const keyTaken = (key: string) => new AppError("conflict", `the key ${key} is another project's`);

async function takenKeys(tx: Tx, key: string): Promise<Set<string>> {
  const rows = await queryIn<{ key: string }>(
    tx.orm,
    "select key from projects where deleted_at is null and key like $1",
    [`${key}%`],
  );
  return new Set(rows.map((row) => row.key));
}

async function readProject(tx: Tx, id: string): Promise<Project> {
  const rows = await queryIn<{ body: string }>(
    tx.orm,
    `select ${projectJson("p")} as body from projects p where p.id = $1::uuid`,
    [id],
  );
  const row = rows[0];
  if (!row) throw noProject();
  return JSON.parse(row.body);
}

const Cursor = z.tuple([z.uuid()]);

/** The caller's projects (a key's: those it is for), in the order in which they were made. */
export async function listProjects(
  ctx: LiveCtx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [after] = decodeCursor(Cursor, cursor) ?? ["00000000-0000-0000-0000-000000000000"];
  const rows = await query<{ id: string; body: string }>(
    ctx,
    `select p.id, ${projectJson("p", "m.role")} as body from members m join projects p on p.id = m.project_id
    where m.user_id = $1::uuid and p.deleted_at is null and p.id > $2::uuid
      and ($4::uuid[] is null or p.id = any($4::uuid[])) order by p.id limit $3::int`,
    [ctx.actor.id, after, limit + 1, projectsOfKey(ctx.actor)],
  );
  const items = rows.slice(0, limit);
  const next = rows.length > items.length ? encodeCursor([items.at(-1)?.id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

/** The project's JSON, with the caller's role. Throws `not_found`, also for strangers. */
export async function getProject(ctx: LiveCtx, projectId: string): Promise<RawJson> {
  const rows = await query<{ body: string }>(
    ctx,
    `select ${projectJson("p", "m.role")} as body from members m join projects p on p.id = m.project_id
    where p.id = $1::uuid and m.user_id = $2::uuid and p.deleted_at is null`,
    [projectId, ctx.actor.id],
  );
  const body = rows[0]?.body;
  if (body === undefined) throw noProject();
  return new RawJson(body);
}

/** Takes an admin. Another key is for the tasks to come: those there are keep theirs, for links and messages name it. */
export async function updateProject(caller: LiveCtx, projectId: string, input: UpdateProject): Promise<Project> {
  const ctx = withMutation(caller, "project_update", { project_id: projectId, ...input });
  return decide(ctx, projectId, async (access) => {
    const role = requireRole(access, ctx.actor.id, "admin");
    const { answer } = await transact<Project>(ctx, {
      rooms: [projectId],
      work: async (tx) => {
        await requireRevision(tx, access);
        const changed = await changeRow(tx, projectId, input);
        const { project, columns, labels } = await readStructure(tx, projectId);
        if (changed) emit(tx, "project_updated", projectId, { project, columns, labels, updated_by: ctx.actor.id });
        return project;
      },
      replay: projectOf,
    }).catch((error: unknown) => {
      throw input.key !== undefined && sqlState(error) === uniqueViolation ? keyTaken(input.key) : error;
    });
    return { ...answer, role };
  });
}

const uniqueViolation = "23505";

/** Sets what `input` names; answers whether that was any different. */
async function changeRow(tx: Tx, projectId: string, input: UpdateProject): Promise<boolean> {
  const rows = await queryIn(
    tx.orm,
    `update projects p set name = n.name, key = n.key, description = n.description, archived_at = n.archived_at
    from (select p.id, coalesce($2, p.name) as name, coalesce($3, p.key) as key,
      coalesce($4, p.description) as description,
      case when $5::boolean then $6::timestamptz(3) else p.archived_at end as archived_at
      from projects p where p.id = $1::uuid) n
    where p.id = n.id
      and (p.name, p.key, p.description, p.archived_at) is distinct from (n.name, n.key, n.description, n.archived_at)
    returning p.id`,
    [
      projectId,
      input.name,
      input.key,
      input.description === null ? "" : input.description,
      input.archived_at !== undefined,
      input.archived_at,
    ],
  );
  return rows.length > 0;
}

/**
 * Takes an owner. Leaves a tombstone: the room delivers `project_deleted` and closes, and each member's own room hears
 * `project_left`, so that lists of projects everywhere follow. Answers when this node has published it.
 */
export async function deleteProject(
  caller: LiveCtx,
  projectId: string,
  input: { mutation_id?: string | undefined },
): Promise<void> {
  const ctx = withMutation(caller, "project_delete", { project_id: projectId, ...input });
  const seq = await decide(ctx, projectId, async (access) => {
    const check = () => requireRole(access, ctx.actor.id, "owner");
    // The project is gone for its owner too: only inside, behind the look for the mutation, is a retry known.
    if (!ctx.mutation) check();
    const { events } = await transact(ctx, {
      rooms: [projectId, ...access.roles.keys()],
      work: async (tx) => {
        await requireRevision(tx, access);
        check();
        const project = await readProject(tx, projectId);
        await queryIn(tx.orm, "update projects set deleted_at = now() where id = $1::uuid", [projectId]);
        emit(tx, "project_deleted", projectId, { project, project_id: projectId, deleted_by: ctx.actor.id });
        for (const userId of access.roles.keys())
          emit(tx, "project_left", userId, { project, project_id: projectId, left_by: ctx.actor.id });
      },
      replay: () => undefined,
    });
    return events.find((event) => event.roomId === projectId)?.seq ?? 0;
  });
  await ctx.live.relay.reach(projectRoom(projectId), seq);
}
