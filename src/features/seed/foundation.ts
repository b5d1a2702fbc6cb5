/** The rows of a made-up project before its tasks, and the first events of its log. */
import { type Ctx, type Transaction, transact } from "../../db/context.ts";
import { endPosition } from "../../db/position.ts";
import { queryIn } from "../../db/query.ts";
import { columns, labels, projects, rooms } from "../../db/schema.ts";
import { AppError } from "../../protocol/errors.ts";
import { type Column, defaultColumns, type Member, type Project } from "../../protocol/projects.ts";
import type { User } from "../../protocol/users.ts";
import { freeKey, keyOfName } from "../projects/project-key.ts";
import { type Board, domainOf, projectText } from "./board.ts";
import type { LogEntry } from "./events.ts";
import { beginMarker, type ProjectMarker, projectMarker } from "./marker.ts";
import { createRandom, seedId } from "./random.ts";
import type { TeamMember } from "./team.ts";
import { createWorkTime, iso } from "./work-time.ts";

/** Time from the project to its first task; what makes it ready happens second by second before that. */
const headStartMs = 60 * 60 * 1000;

export const projectId = (seed: number, index: number): string => seedId(seed, "project", index);

/** Makes the project, still without members: nobody sees it. Nothing where another run has done so. */
export async function foundProject(ctx: Ctx, seed: number, index: number, marker: ProjectMarker): Promise<void> {
  await transact(ctx, {
    rooms: [],
    async work({ orm }) {
      if (!(await beginMarker(orm, projectMarker(seed, index), marker))) return;
      const id = marker.projectId;
      const createdAt = new Date(createWorkTime(marker.baseMs).at(0) - headStartMs);
      await insertProject(orm, { id, ...projectText(index), createdAt, createdBy: seedId(seed, "person", 0) });
      await orm.insert(rooms).values({ id, kind: "project", epoch: crypto.randomUUID().slice(0, 8) });
      await orm.insert(columns).values(columnsOf(seed, index).map((column) => ({ ...column, projectId: id })));
      await orm.insert(labels).values(
        domainOf(index).labels.map(([name, color], i) => ({
          ...{ id: seedId(seed, "label", i, id), projectId: id, name, color },
        })),
      );
    },
    replay: () => undefined,
  });
}

async function insertProject(orm: Transaction, row: Omit<typeof projects.$inferInsert, "key">): Promise<void> {
  const wanted = keyOfName(row.name);
  for (let attempt = 0; attempt < 20; attempt++) {
    const rows = await queryIn<{ key: string }>(
      orm,
      "select key from projects where deleted_at is null and key like $1",
      [`${wanted}%`],
    );
    const key = freeKey(wanted, new Set(rows.map((taken) => taken.key)));
    const made = await orm
      .insert(projects)
      .values({ ...row, key })
      .onConflictDoNothing()
      .returning({ id: projects.id });
    if (made.length > 0) return;
  }
  throw new AppError("unavailable", "too many projects of this name are being made; try again", { retryAfter: 1 });
}

function columnsOf(seed: number, index: number) {
  const own = domainOf(index).columns.map((column) => ({ ...column, done: false }));
  const all = [...defaultColumns.slice(0, -1), ...own, ...defaultColumns.slice(-1)];
  const random = createRandom(seed, "columns", index).next;
  return all.map(({ status, name, done }, i) => ({
    ...{ id: seedId(seed, "column", i, `${index}`), status, name, done, position: endPosition(i + 1, random) },
  }));
}

/** How the project came to its columns, labels and members: the room's first events. */
export function foundingEntries(
  board: Board,
  team: readonly TeamMember[],
  users: ReadonlyMap<string, User>,
): LogEntry[] {
  const founder = users.get(team[0]?.id ?? "");
  if (!founder) throw new Error("a seed has people");
  const startMs = Date.parse(board.project.created_at);
  let passedMs = 1000;
  const entry = (event: string, data: object, told: object): LogEntry => {
    passedMs += 1000;
    return { event, data: JSON.stringify(data), told, taskId: null, atMs: startMs + passedMs, by: founder, part: 0 };
  };
  const { project } = board;
  const standard = new Set<string>(defaultColumns.map(({ status }) => status));
  const updated = (labelCount: number, shown: (column: Column) => boolean): LogEntry =>
    entry(
      "project_updated",
      {
        project,
        columns: board.columns.filter(shown),
        labels: board.labels.slice(0, labelCount),
        updated_by: founder.id,
      },
      { project: { key: project.key, name: project.name } },
    );
  const own = board.columns.filter(({ status }) => !standard.has(status));
  return [
    ...own.map((_, i) => updated(0, (column) => standard.has(column.status) || own.indexOf(column) <= i)),
    ...board.labels.map((_, i) => updated(i + 1, () => true)),
    ...team.slice(1).map(({ id, role }) => {
      const user = users.get(id);
      if (!user) throw new Error("a member has an account");
      const member: Member = { user_id: id, user, role, joined_at: joinedAt(project) };
      const told = { member: { user_id: id, name: user.name, role } };
      return entry("member_added", { member, member_id: id, added_by: founder.id }, told);
    }),
  ];
}

/** Of all who were there from the beginning. */
export const joinedAt = (project: Project): string => iso(Date.parse(project.created_at) + 1000);
