/**
 * More people and tasks for a project that people see and work in. Each transaction leaves log and rows in agreement, and
 * is told like every other commit; it is small, so that no listener gets more at once than it can take.
 */
import { type CommittedEvent, type Ctx, type Tx, transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import type { Member } from "../../protocol/projects.ts";
import type { User } from "../../protocol/users.ts";
import { emit } from "../../realtime/log.ts";
import { memberJson } from "../projects/project-json.ts";
import { readStructure } from "../projects/structure.ts";
import { type Board, subjectsOf, taskId } from "./board.ts";
import { actorOf } from "./build.ts";
import { merge } from "./events.ts";
import { createHistory, doneIn, type Exists, type History, type Span } from "./history.ts";
import { type ProjectMarker, projectMarker, readMarker, setMarker } from "./marker.ts";
import { readUsers } from "./people.ts";
import { type TeamMember, teamOf, withOwner } from "./team.ts";
import { createWorkTime, type WorkTime } from "./work-time.ts";
import { passBy, writeEntries } from "./write.ts";

/** Tasks in one transaction: about two hundred events, 200 KiB. A connection holds a megabyte at most. */
const tasksAtOnce = 50;
/** How far back a task looks for its parent or for one it waits for. */
const lookBack = 24;

const replay = () => {
  throw new Error("the seed has no mutation to replay");
};

/** Adds those who are not there yet: people of the seed that are new, and the owner asked for. */
export async function appendMembers(
  ctx: Ctx,
  seed: number,
  index: number,
  { people, ownerId }: { people: number; ownerId: string | null },
): Promise<void> {
  const key = projectMarker(seed, index);
  const before = await ctx.store.database.guard(() => readMarker<ProjectMarker>(ctx.store.database.orm, key));
  if (!before) return;
  const newOwnerId = ownerId === before.ownerId ? null : ownerId;
  const team = withOwner(teamOf(seed, index, before.people, people), newOwnerId);
  if (team.length === 0) return;
  const [founderId = ""] = teamOf(seed, index, 0, 1).map(({ id }) => id);
  const founder = (await readUsers(ctx.store.database.orm, [founderId])).get(founderId);
  if (!founder) return;
  await transact(
    { ...ctx, actor: actorOf(founder) },
    {
      rooms: [before.projectId, ...team.map(({ id }) => id)],
      async work(tx) {
        const marker = await readMarker<ProjectMarker>(tx.orm, key, true);
        if (!marker || !(await isThere(tx, marker.projectId))) return;
        for (const member of team) await appendMember(tx, marker.projectId, member, founder);
        await passMembersBy(tx, marker.projectId);
        const most = Math.max(marker.people, people);
        await setMarker(tx.orm, key, { ...marker, people: most, ownerId: ownerId ?? marker.ownerId });
      },
      replay,
    },
  );
}

/** The room is locked: its last event is known before it is written. */
async function passMembersBy(tx: Tx, projectId: string): Promise<void> {
  const [room] = await queryIn<{ seq: number | string }>(tx.orm, "select seq from rooms where id = $1::uuid", [
    projectId,
  ]);
  const pending = tx.pending.filter(({ roomId }) => roomId === projectId).length;
  await passBy(tx, projectId, Number(room?.seq ?? 0) + pending);
}

async function isThere(tx: Tx, projectId: string): Promise<boolean> {
  const rows = await queryIn(tx.orm, "select from projects where id = $1::uuid and deleted_at is null", [projectId]);
  return rows.length > 0;
}

const addSql = `insert into members (project_id, user_id, role) values ($1::uuid, $2::uuid, $3)
  on conflict do nothing returning user_id`;

const promoteSql = `update members set role = 'owner'
  where project_id = $1::uuid and user_id = $2::uuid and role <> 'owner' returning user_id`;

const readSql = `select ${memberJson("m", "u")} as body from members m join users u on u.id = m.user_id
  where m.project_id = $1::uuid and m.user_id = $2::uuid`;

/** Whoever is there already stays as they are, but becomes an owner where that is asked for. */
async function appendMember(tx: Tx, projectId: string, { id, role }: TeamMember, by: User): Promise<void> {
  const added = await queryIn(tx.orm, addSql, [projectId, id, role]);
  const promoted = added.length === 0 && role === "owner" ? await queryIn(tx.orm, promoteSql, [projectId, id]) : [];
  if (added.length + promoted.length === 0) return;
  const rows = await queryIn<{ body: string }>(tx.orm, readSql, [projectId, id]);
  const member: Member = JSON.parse(rows[0]?.body ?? "");
  if (promoted.length > 0) return emit(tx, "member_updated", projectId, { member, member_id: id, updated_by: by.id });
  const { project } = await readStructure(tx, projectId);
  emit(tx, "member_added", projectId, { member, member_id: id, added_by: by.id });
  emit(tx, "project_joined", id, { project: { ...project, role }, project_id: projectId, joined_by: by.id });
}

/** Adds the tasks up to `wanted` in all. `told` hears of each number that came to be. */
export async function appendTasks(
  ctx: Ctx,
  seed: number,
  index: number,
  { wanted, nowMs }: { wanted: number; nowMs: number },
  told: (tasks: number) => void,
): Promise<void> {
  const key = projectMarker(seed, index);
  const time = createWorkTime(nowMs);
  const begun = await ctx.store.database.guard(() => readMarker<ProjectMarker>(ctx.store.database.orm, key));
  if (!begun) return;
  for (let from = begun.tasks; from < wanted; ) {
    const to = Math.min(from + tasksAtOnce, wanted);
    const { answer } = await transact<readonly CommittedEvent[] | "gone">(ctx, {
      rooms: [begun.projectId],
      async work(tx) {
        const marker = await readMarker<ProjectMarker>(tx.orm, key, true);
        const ground = marker && (await readBoard(tx, seed, index, marker));
        // Another run was here, or the project is not what it was: there is nothing to add to.
        if (!ground || marker.tasks !== from) return "gone";
        const span = { from: begun.tasks, to: wanted, firstNumber: ground.taskCount + 1 - (from - begun.tasks) };
        return appendBatch(tx, ground, { ...span, begin: from, end: to }, time, { ...marker, tasks: to });
      },
      replay,
    });
    if (answer === "gone") return;
    ctx.store.committed(answer);
    told(to - from);
    from = to;
  }
}

interface Ground {
  readonly board: Board;
  readonly seq: number;
  readonly taskCount: number;
}

const placeSql = `select r.seq, p.task_count from rooms r join projects p on p.id = r.id
  where r.id = $1::uuid and p.deleted_at is null`;

const writersSql = `select user_id from members
  where project_id = $1::uuid and user_id = any($2::uuid[]) and role in ('owner', 'admin', 'member')`;

/** The project as it is now; undefined where it is deleted, has no columns, or none of the seed's people any more. */
async function readBoard(tx: Tx, seed: number, index: number, marker: ProjectMarker): Promise<Ground | undefined> {
  const [place] = await queryIn<{ seq: number | string; task_count: number }>(tx.orm, placeSql, [marker.projectId]);
  if (!place) return undefined;
  const { project, columns, labels } = await readStructure(tx, marker.projectId);
  const team = teamOf(seed, index, 0, marker.people).map(({ id }) => id);
  const asked = marker.ownerId === null ? team : [...team, marker.ownerId];
  const rows = await queryIn<{ user_id: string }>(tx.orm, writersSql, [marker.projectId, `{${asked.join()}}`]);
  const assignees = rows.map(({ user_id }) => user_id).sort();
  const users = await readUsers(tx.orm, assignees);
  const people = assignees.flatMap((id) => (team.includes(id) ? (users.get(id) ?? []) : []));
  if (people.length === 0 || columns.length === 0) return undefined;
  const board = { seed, index, project, columns, labels, people, assignees, subjects: subjectsOf(seed, index) };
  return { board, seq: Number(place.seq), taskCount: place.task_count };
}

interface Part extends Span {
  /** The tasks of this transaction. */
  readonly begin: number;
  readonly end: number;
}

async function appendBatch(
  tx: Tx,
  { board, seq, taskCount }: Ground,
  part: Part,
  time: WorkTime,
  marker: ProjectMarker,
): Promise<readonly CommittedEvent[]> {
  const exists = await readExisting(tx, board, part.begin);
  const histories = Array.from({ length: part.end - part.begin }, (_, i) =>
    createHistory(board, part, part.begin + i, time, exists),
  ) satisfies History[];
  const written = await writeEntries(tx, board.project.id, seq, [...merge(histories, doneIn(board))]);
  if (!written) throw new Error("the room's lock is held");
  await queryIn(tx.orm, "update projects set task_count = $2::int where id = $1::uuid", [
    board.project.id,
    taskCount + histories.length,
  ]);
  await setMarker(tx.orm, projectMarker(board.seed, board.index), marker);
  await passBy(tx, board.project.id, written.at(-1)?.seq ?? seq);
  return written;
}

/** Of the tasks before `begin` those that have not been deleted; all from there on are being made. */
async function readExisting(tx: Tx, board: Board, begin: number): Promise<Exists> {
  const from = Math.max(begin - lookBack, 0);
  const ids = Array.from({ length: begin - from }, (_, i) => taskId(board, from + i));
  const rows = await queryIn<{ id: string }>(
    tx.orm,
    "select id from tasks where id = any($1::uuid[]) and project_id = $2::uuid and parent_id is null",
    [`{${ids.join()}}`, board.project.id],
  );
  const there = new Set(rows.map(({ id }) => id));
  return (task) => task >= begin || there.has(taskId(board, task));
}
