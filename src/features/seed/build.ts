/**
 * A new project with all of its tasks. It has no members until it is whole, so nobody sees it grow: its log runs in the
 * order of time from its first day to now, and is written in short transactions. A run that was stopped is continued by
 * the next: all that follows is the same again, and begins behind the room's last event.
 */
import { type Actor, type Ctx, transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { AppError } from "../../protocol/errors.ts";
import type { User } from "../../protocol/users.ts";
import { emit } from "../../realtime/log.ts";
import { readStructure } from "../projects/structure.ts";
import { createBatches } from "./batches.ts";
import { type Board, subjectsOf } from "./board.ts";
import { type LogEntry, merge } from "./events.ts";
import { foundingEntries, joinedAt } from "./foundation.ts";
import { createHistory, doneIn, type History, type Span } from "./history.ts";
import { type ProjectMarker, projectMarker, readMarker, setMarker } from "./marker.ts";
import { readUsers } from "./people.ts";
import { type TeamMember, teamOf, withOwner, writersOf } from "./team.ts";
import { createWorkTime, type WorkTime } from "./work-time.ts";
import { writeActivity, writeEntries } from "./write.ts";

interface Ground {
  readonly board: Board;
  /** Founder first. */
  readonly team: readonly TeamMember[];
  readonly users: ReadonlyMap<string, User>;
  /** Of the room's last event. */
  readonly seq: number;
}

const replay = () => {
  throw new Error("the seed has no mutation to replay");
};

/** Finishes a project that was founded. `told` hears of each number of tasks that came to be. */
export async function buildProject(
  ctx: Ctx,
  seed: number,
  index: number,
  marker: ProjectMarker,
  told: (tasks: number) => void,
): Promise<void> {
  const ground = await readGround(ctx, seed, index, marker);
  const { board } = ground;
  const entries = entriesOf(ground, { from: 0, to: marker.tasks, firstNumber: 1 }, createWorkTime(marker.baseMs));
  let { seq } = ground;
  for (let skipped = 0; skipped < seq; skipped++) entries.next();
  const batches = createBatches(ctx.store.database.kind);
  for (;;) {
    const batch = batches.take(entries);
    if (batch.length === 0) break;
    await batches.timed(() => writeBatch(ctx, board, seq, batch));
    seq += batch.length;
    told(batch.filter(({ task }) => task !== undefined).length);
  }
}

async function readGround(ctx: Ctx, seed: number, index: number, marker: ProjectMarker): Promise<Ground> {
  const team = withOwner(teamOf(seed, index, 0, marker.people), marker.ownerId);
  const { answer } = await transact<Ground>(ctx, {
    rooms: [],
    async work(tx) {
      const { project, columns, labels } = await readStructure(tx, marker.projectId);
      const users = await readUsers(
        tx.orm,
        team.map(({ id }) => id),
      );
      const rows = await queryIn<{ seq: number | string }>(tx.orm, "select seq from rooms where id = $1::uuid", [
        marker.projectId,
      ]);
      const people = writersOf(teamOf(seed, index, 0, marker.people), users);
      const assignees = writersOf(team, users).map(({ id }) => id);
      const board = { seed, index, project, columns, labels, people, assignees, subjects: subjectsOf(seed, index) };
      return { board, team, users, seq: Number(rows[0]?.seq ?? 0) };
    },
    replay,
  });
  return answer;
}

function* entriesOf({ board, team, users }: Ground, span: Span, time: WorkTime): Generator<LogEntry, undefined> {
  yield* foundingEntries(board, team, users);
  yield* merge(historiesOf(board, span, time), doneIn(board));
}

function* historiesOf(board: Board, span: Span, time: WorkTime): Generator<History> {
  for (let index = span.from; index < span.to; index++) yield createHistory(board, span, index, time, () => true);
}

async function writeBatch(ctx: Ctx, { project }: Board, after: number, batch: readonly LogEntry[]): Promise<void> {
  const number = batch.reduce((most, { task }) => Math.max(most, task?.number ?? 0), 0);
  await transact(ctx, {
    rooms: [project.id],
    async work(tx) {
      const written = await writeEntries(tx, project.id, after, batch);
      if (!written) throw new AppError("conflict", "another seed is being written; wait until it has ended");
      await writeActivity(tx, project.id, written, batch);
      if (number === 0) return;
      await queryIn(tx.orm, "update projects set task_count = $2::int where id = $1::uuid", [project.id, number]);
    },
    replay,
  });
}

/** Gives the project its members, to whom it appears at once. */
export async function publishProject(ctx: Ctx, seed: number, index: number, marker: ProjectMarker): Promise<void> {
  const { board, team, users } = await readGround(ctx, seed, index, marker);
  const { project } = board;
  const founder = users.get(team[0]?.id ?? "");
  if (!founder) throw new Error("a seed has people");
  await transact(
    { ...ctx, actor: actorOf(founder) },
    {
      rooms: [project.id, ...team.map(({ id }) => id)],
      async work(tx) {
        const key = projectMarker(seed, index);
        if ((await readMarker<ProjectMarker>(tx.orm, key, true))?.done !== false) return;
        for (const { id, role } of team) {
          const values = [project.id, id, role, joinedAt(project)];
          await queryIn(tx.orm, insertMemberSql, values);
          const own = { ...project, role };
          emit(tx, "project_joined", id, { project: own, project_id: project.id, joined_by: founder.id });
        }
        await queryIn(tx.orm, "update rooms set revision = revision + 1 where id = $1::uuid", [project.id]);
        await setMarker(tx.orm, key, { ...marker, done: true });
      },
      replay,
    },
  );
}

const insertMemberSql = `insert into members (project_id, user_id, role, joined_at)
  values ($1::uuid, $2::uuid, $3, $4::timestamptz)`;

/** A made-up person as the one who acts. */
export const actorOf = ({ id, name, avatar_url, role }: User): Actor => ({
  ...{ id, name, kind: "user", role, email: null, avatarUrl: avatar_url },
  ...{ timeZone: "UTC", locale: "en", sessionId: null },
});
