/** A server is killed under 10,000 sockets; all of them come back at one moment, without any jitter, and resume. */
import { drive, median, startServer } from "../harness.ts";
import { type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { roomsOf, roomUuid, type Size, seedTaskwire, taskwireUpdate } from "../targets.ts";

const size: Size = { rooms: 200, members: 50, tasks: 2_000 };
const connections = size.rooms * size.members;
/** Written before the kill, a second; what those who come back have missed. */
const rate = 500;

interface Return {
  /** From the kill until the new process is healthy, and from there until the last client has resumed. */
  readonly startS: number;
  readonly resumeS: number;
  readonly cpuMs: number;
}

export const stampede: Scenario = ({ rounds, command, lines }) =>
  withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      const databaseUrl = await postgres.createDatabase();
      const got: Return[] = [];
      for (let round = 0; round < rounds; round++) {
        await seedTaskwire(databaseUrl, dataDir, size);
        got.push(await killAndReturn(taskwireUpdate({ databaseUrl, command }, dataDir)));
      }
      const add = (measure: string, figure: (one: Return) => number, most?: number) =>
        lines.add({
          scenario: "stampede",
          case: `${connections} sockets`,
          measure,
          taskwire: median(got.map(figure)),
          unit: "s",
          ...(most !== undefined && { bound: { of: "value", is: "at most", figure: most } as const }),
        });
      add("s from kill -9 until the last has resumed", ({ startS, resumeS }) => startS + resumeS, 10);
      add("s of it until the new process is healthy", ({ startS }) => startS);
      add("ms CPU to come back, each", ({ cpuMs }) => cpuMs);
    }),
  );

async function killAndReturn(target: ReturnType<typeof taskwireUpdate>): Promise<Return> {
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
  try {
    // Everybody at once; each has missed what was written since the beginning, and needs no snapshot to catch up.
    const server = { ...second, target: { ...target, script: resuming } };
    const back = await drive(server, { mode: "connect", seconds: 1, rooms: idle, settings: { inflight: connections } });
    const cpuMs = ((back.connect_cpu_server_s ?? 0) * 1000) / connections;
    return { startS: second.startMs / 1000, resumeS: back.connect_s ?? Number.NaN, cpuMs };
  } finally {
    await second.stop();
  }
}

/** Joins with a position of the log that the seed began: whoever is not recovered never gets through. */
const resuming = (room: number): readonly string[] => [
  '<"connected"',
  `>{"id":0,"event":"join_project","data":{"project_id":"${roomUuid(room)}","since":{"epoch":"e","seq":0}}}`,
  '<"recovered":true',
];
