/** What a writer decides on: roles, columns and labels of one project, cached until the project's revision moves. */
import type { MakeCache } from "../core/cache.ts";
import type { Database } from "../db/open.ts";
import { AppError } from "../protocol/errors.ts";
import type { Role } from "../protocol/projects.ts";

export interface ProjectAccess {
  readonly projectId: string;
  /** The room's revision this was read at; the lane refuses a command that decided on an older one. */
  readonly revision: number;
  readonly deleted: boolean;
  readonly key: string;
  readonly roles: ReadonlyMap<string, Role>;
  /** Status → does it mean done? In the board's order. */
  readonly columns: ReadonlyMap<string, boolean>;
  readonly labelIds: ReadonlySet<string>;
}

export interface Access {
  /** Cached; undefined where there is no such project. Deleted ones are answered with `deleted`. */
  find(projectId: string): Promise<ProjectAccess | undefined>;
  /** The same without waiting, where it is cached. */
  peek(projectId: string): ProjectAccess | undefined;
  /** The project of a task (which never changes); undefined where there is no such task. */
  projectOf(taskId: string): Promise<string | undefined>;
  peekProjectOf(taskId: string): string | undefined;
  forget(projectId: string): void;
  clear(): void;
}

/** What a role may do; each row includes the one before. */
const ranks = { viewer: 0, member: 1, admin: 2, owner: 3 } as const satisfies Record<Role, number>;

/** Is `role` at least `least`? */
export const roleAtLeast = (role: Role, least: Role): boolean => ranks[role] >= ranks[least];

/** Throws `not_found` for strangers and deleted projects, `forbidden` below `least`. Answers the role. */
export function requireRole(access: ProjectAccess | undefined, userId: string, least: Role): Role {
  return requireLeast(access && !access.deleted ? access.roles.get(userId) : undefined, least);
}

/** The same of a role that was just read; undefined is a stranger's. */
export function requireLeast(role: Role | undefined, least: Role): Role {
  if (!role) throw new AppError("not_found", "there is no such project, or you are not a member of it");
  if (!roleAtLeast(role, least))
    throw new AppError("forbidden", `this takes the role ${least} in the project; yours is ${role}`);
  return role;
}

interface AccessRow {
  revision: string | number;
  deleted: boolean;
  key: string;
  roles: string;
  columns: string;
  labels: string;
}

export const accessSql = `
  select r.revision, p.deleted_at is not null as deleted, p.key,
    (select coalesce(json_object_agg(m.user_id, m.role), '{}') from members m where m.project_id = p.id)::text as roles,
    (select coalesce(json_agg(json_build_array(c.status, c.done) order by c.position, c.id), '[]')
      from columns c where c.project_id = p.id)::text as columns,
    (select coalesce(json_agg(l.id), '[]') from labels l where l.project_id = p.id)::text as labels
  from projects p join rooms r on r.id = p.id where p.id = $1::uuid`;

/** The youngest tasks of a project, as many as are read at once. */
export const neighboursSql = `
  select string_agg(t.id::text, ',') as ids from
    (select id from tasks where project_id = $1::uuid order by number desc limit 2000) t`;

// Bounds on memory.
const projectsMax = 10_000;
const tasksMax = 200_000;

/**
 * Nothing here ends by time: who writes proves the revision it decided on, and a refusal that rests on what was kept is
 * looked at again (`decide`); for those who hear a room, its own events drop what they change.
 */
export function createAccess(database: Database, makeCache: MakeCache): Access {
  const projects = makeCache<ProjectAccess>({ name: "projects", entriesMax: projectsMax });
  const taskProjects = makeCache<string>({ name: "task_projects", entriesMax: tasksMax });

  /** Projects whose tasks were read. */
  const read = new Set<string>();

  const load = async (projectId: string): Promise<ProjectAccess | undefined> => {
    const rows = await database.sql.unsafe<AccessRow[]>(accessSql, [projectId], { prepare: true });
    const row = rows[0];
    if (!row) return undefined;
    const roles: Record<string, Role> = JSON.parse(row.roles);
    const columns: [status: string, done: boolean][] = JSON.parse(row.columns);
    const labelIds: string[] = JSON.parse(row.labels);
    return {
      projectId,
      revision: Number(row.revision),
      deleted: row.deleted,
      key: row.key,
      roles: new Map(Object.entries(roles)),
      columns: new Map(columns),
      labelIds: new Set(labelIds),
    };
  };

  const loadProjectOf = async (taskId: string): Promise<string | undefined> => {
    const text = "select project_id from tasks where id = $1::uuid";
    const rows = await database.sql.unsafe<{ project_id: string }[]>(text, [taskId], { prepare: true });
    const projectId = rows[0]?.project_id;
    if (projectId !== undefined && !read.has(projectId)) {
      if (read.size >= projectsMax) read.clear();
      read.add(projectId);
      readNeighbours(projectId).catch(() => read.delete(projectId)); // each is asked for by itself then
    }
    return projectId;
  };

  /** Whoever writes one task of a project soon writes others: their look-ups would be a query a write until all were seen. */
  const readNeighbours = async (projectId: string): Promise<void> => {
    const rows = await database.guard(() =>
      database.sql.unsafe<{ ids: string | null }[]>(neighboursSql, [projectId], { prepare: true }),
    );
    for (const id of rows[0]?.ids?.split(",") ?? []) taskProjects.put(id, projectId);
  };

  return {
    find: (projectId) => projects.get(projectId, () => load(projectId)),
    peek: projects.peek,
    projectOf: (taskId) => taskProjects.get(taskId, () => loadProjectOf(taskId)),
    peekProjectOf: taskProjects.peek,
    forget: projects.forget,
    clear() {
      projects.clear();
      taskProjects.clear();
      read.clear();
    },
  };
}
