/**
 * Taskwire as a target of a harness that measures servers of many kinds (Bun, ws, Socket.IO, Flask-SocketIO, Nchan, NATS)
 * with one C client: its relay of messages, as in `fanout`, and its updates in PostgreSQL. Rooms of BENCH_MEMBERS people, default:
 * one room of all. Of updates the harness must know two things of ours: the ids of the tasks (`tasks`) and where the
 * committed ones are counted (`committed`). BENCH_EXECUTABLE names the executable to start for `cold`: on an empty folder with
 * the embedded database, which it has to unpack then, or with BENCH_EXECUTABLE_DATABASE_URL on that PostgreSQL, whose tables the
 * first round makes.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roomsOf, roomUuid, taskwireEnv } from "./targets.ts";

/** What the harness says of a run: the most connections it opens, the secret its people's tokens are signed with. */
interface Run {
  readonly port: number;
  readonly bun: string;
  readonly secret: string;
  readonly conns: number;
  /** A PostgreSQL cluster, for updates. */
  readonly db?: string;
  token(person: number): string;
}

const room1 = roomUuid(1);
const executable = process.env.BENCH_EXECUTABLE;
const executableDatabase = executable ? (process.env.BENCH_EXECUTABLE_DATABASE_URL ?? "") : "";
const tasksOfRun = 10_000;

export default {
  name: "taskwire",
  note: "JWT, membership, limits, order and answers as in production; no write behind the frame",
  health: "/health/ready",
  argv: ({ bun }: Run) =>
    executable ? [executable, "serve"] : [bun, join(import.meta.dirname, "side-by-side-server.ts")],
  env: ({ port, secret, conns, db }: Run) => ({
    ...taskwireEnv,
    TRUSTED_JWT_SECRET: secret,
    PORT: String(port),
    DATABASE_URL: executableDatabase,
    DATA_DIR: mkdtempSync(join(tmpdir(), "taskwire-bench-data-")),
    BENCH_PEOPLE: String(conns),
    ...(db !== undefined && { BENCH_DATABASE_URL: db, BENCH_TASKS: String(tasksOfRun) }),
  }),
  path: () => "/ws",
  headers: (run: Run, person: number) => `Authorization: Bearer ${run.token(person)}\r\n`,
  script: (_: Run, _person: number, room: number) => [
    '<"connected"',
    `>{"id":0,"event":"join_project","data":{"project_id":"${roomUuid(room)}"}}`,
    '<"id":0,"ok":true',
  ],
  // Random task ids make a title that always differs: a status that a task has already makes no event. The marker comes
  // once, as the harness wants it: the title is told both in the task and among its changes.
  update: () =>
    '{"id":%A,"event":"task_update","data":{"task_id":"%T","changes":{"title":"%A %T %T"},"mutation_id":"%M"}}',
  ack: ['"id":%A', '"ok":true'],
  tasks: (rooms: number, room: number) => roomsOf({ rooms, members: 0, tasks: tasksOfRun }, 0, "taskwire")[room]?.tasks,
  committed: { database: "taskwire", sql: "select sum(seq) from rooms where kind = 'project'" },
  relay: () => `{"event":"task_update","data":{"task_id":"${room1}","changes":{"title":"%M${"x".repeat(170)}"}}}`,
};
