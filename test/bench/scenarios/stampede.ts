/**
 * A server is killed under 10,000 sockets; all of them come back at one moment, without any jitter, and resume. What that
 * asks of the database is counted there.
 */
import postgres from "postgres";
import { stateSql } from "../../../src/features/projects/snapshot.ts";
import { joinStatements } from "../../../src/realtime/join.ts";
import type { TestPostgres } from "../../support/services.ts";
import { drive, median, type Running, startServer } from "../harness.ts";
import { type Bench, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { roomsOf, roomUuid, type Size, seedTaskwire, taskwireUpdate, token } from "../targets.ts";

const size: Size = { rooms: 200, members: 50, tasks: 2_000 };
const connections = size.rooms * size.members;
/** Written before the kill, a second; what those who come back have missed. */
const rate = 500;

interface Return {
  /** From the kill until the new process is healthy, and from there until the last client has resumed. */
  readonly startS: number;
  readonly resumeS: number;
  readonly cpuMs: number;
  /** Statements of PostgreSQL meanwhile. */
  readonly joins: number;
  readonly snapshots: number;
}

export const stampede: Scenario = (bench) =>
  withPostgres((server) => withFolder((dataDir) => run(bench, server, dataDir)), {
    shared_preload_libraries: "pg_stat_statements",
  });

async function run({ rounds, command, lines }: Bench, server: TestPostgres, dataDir: string): Promise<void> {
  const databaseUrl = await server.createDatabase();
  const got: Return[] = [];
  for (let round = 0; round < rounds; round++) {
    await seedTaskwire(databaseUrl, dataDir, size);
    got.push(await killAndReturn(taskwireUpdate({ databaseUrl, command }, dataDir), databaseUrl));
  }
  const add = (measure: string, figure: (one: Return) => number, most?: number) =>
    lines.add({
      scenario: "stampede",
      case: `${connections} sockets`,
      measure,
      taskwire: median(got.map(figure)),
      unit: measure.startsWith("s ") ? "s" : "",
      ...(most !== undefined && { bound: { of: "value", is: "at most", figure: most } as const }),
    });
  add("s from kill -9 until the last has resumed", ({ startS, resumeS }) => startS + resumeS, 10);
  add("s of it until the new process is healthy", ({ startS }) => startS);
  add("ms CPU to come back, each", ({ cpuMs }) => cpuMs);
  add("statements that join, a socket", ({ joins }) => joins / connections);
  add("snapshot queries, a room", ({ snapshots }) => snapshots / size.rooms, 1);
}

async function killAndReturn(target: ReturnType<typeof taskwireUpdate>, databaseUrl: string): Promise<Return> {
  const first = await startServer(target);
  const rooms = roomsOf(size, size.rooms, "taskwire");
  const idle = roomsOf(size, 0, "taskwire");
  const written = await drive(first, { mode: "rate", seconds: 2, rooms, settings: { rate, inflight: 64 } });
  if (!written.ok) throw new Error(`the writing before lost something: ${JSON.stringify(written)}`);
  await drive(first, {
    mode: "connect",
    seconds: 2,
    rooms: idle,
    settings: { inflight: 64 },
    connected: () => process.kill(first.pid, "SIGKILL"),
  });
  await first.stop();
  const second = await startServer(target);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`create extension if not exists pg_stat_statements`;
    await sql`select pg_stat_statements_reset()`;
    // Everybody at once; each has missed what was written since the beginning, and needs no snapshot to catch up.
    const server = { ...second, target: { ...target, script: resuming } };
    const back = await drive(server, { mode: "connect", seconds: 1, rooms: idle, settings: { inflight: connections } });
    const cpuMs = ((back.connect_cpu_server_s ?? 0) * 1000) / connections;
    const [joins, snapshots] = [await countCalls(sql, joinStatements.project.page), await countCalls(sql, stateSql)];
    await takeSnapshot(second);
    if (joins < connections || (await countCalls(sql, stateSql)) !== snapshots + 1)
      throw new Error(
        `not every statement was counted that was sent: ${joins} joins, ${snapshots} snapshots before one more`,
      );
    return { startS: second.startMs / 1000, resumeS: back.connect_s ?? Number.NaN, cpuMs, joins, snapshots };
  } finally {
    await sql.end();
    await second.stop();
  }
}

async function takeSnapshot({ port }: Running): Promise<void> {
  const url = `http://127.0.0.1:${port}/api/projects/${roomUuid(1)}/snapshot`;
  const { status } = await fetch(url, { headers: { Authorization: `Bearer ${token(1)}` } });
  if (status !== 200) throw new Error(`a snapshot was answered with ${status}`);
}

/** How often a statement was run, whatever its parameters and constants were. */
async function countCalls(sql: postgres.Sql, statement: string): Promise<number> {
  const shape = (text: string): string => text.replaceAll(/\$\d+|'[^']*'|\b(?:\d+|true|false)\b|\s/g, "");
  const rows = await sql<{ query: string; calls: string }[]>`select query, calls from pg_stat_statements`;
  const own = rows.filter(({ query }) => shape(query) === shape(statement));
  return own.reduce((sum, { calls }) => sum + Number(calls), 0);
}

/** Joins with a position of the log that the seed began: whoever is not recovered never gets through. */
const resuming = (room: number): readonly string[] => [
  '<"connected"',
  `>{"id":0,"event":"join_project","data":{"project_id":"${roomUuid(room)}","since":{"epoch":"e","seq":0}}}`,
  '<"recovered":true',
];
