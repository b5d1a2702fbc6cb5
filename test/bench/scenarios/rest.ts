/** REST with 64 connections: a task read, made and changed, each by a person with a JWT. */
import type { TestPostgres } from "../../support/services.ts";
import { median, type Target } from "../harness.ts";
import { type Answered, driveHttp, type Request } from "../http-load.ts";
import { type Bench, once, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { restByHand, roomUuid, type Size, seedTaskwire, taskUuid, taskwireUpdate, token } from "../targets.ts";

const size: Size = { rooms: 8, members: 50, tasks: 10_000 };
const connections = 64;
/** Of what the limit answers; promised of every request. */
const least = 0.5;
/** Other requests of each connection, before it begins again. */
const turns = 50;

interface Kind {
  readonly name: string;
  request(room: number, task: string): Omit<Request, "headers">;
}

const kinds: readonly Kind[] = [
  { name: "GET /api/tasks/:id", request: (_, task) => ({ method: "GET", path: `/api/tasks/${task}` }) },
  {
    name: "POST /api/projects/:id/tasks",
    request: (room) => ({
      method: "POST",
      path: `/api/projects/${roomUuid(room)}/tasks`,
      body: '{"title":"Task %N of the benchmark"}',
    }),
  },
  {
    name: "PATCH /api/tasks/:id",
    request: (_, task) => ({ method: "PATCH", path: `/api/tasks/${task}`, body: '{"title":"Title %N of a task"}' }),
  },
];

/** Of each connection: a member of one room, with tasks of it. */
const plan = ({ request }: Kind): Request[][] =>
  Array.from({ length: connections }, (_, i) => {
    const room = (i % size.rooms) + 1;
    const person = (room - 1) * size.members + Math.floor(i / size.rooms) + 1;
    const headers = { Authorization: `Bearer ${token(person)}` };
    return Array.from({ length: turns }, (_, turn) => {
      // Tasks of a room are every eighth number; a task belongs to one connection.
      const number = room + size.rooms * ((turn * connections + i) % (size.tasks / size.rooms - 1));
      return { ...request(room, taskUuid(number)), headers };
    });
  });

export const rest: Scenario = (bench) =>
  withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      for (const kind of kinds) await measure(bench, postgres, dataDir, kind);
    }),
  );

async function measure(bench: Bench, postgres: TestPostgres, dataDir: string, kind: Kind): Promise<void> {
  const { command, seconds, lines } = bench;
  const [ours, theirs] = [await postgres.createDatabase(), await postgres.createDatabase()];
  const got: { ours: Answered[]; bare: Answered[] } = { ours: [], bare: [] };
  const run = (target: Target) => once(target, (server) => driveHttp(server, plan(kind), seconds));
  for (let round = 0; round < bench.rounds; round++) {
    await seedTaskwire(ours, dataDir, size);
    await seedTaskwire(theirs, dataDir, size);
    got.ours.push(await run(taskwireUpdate({ databaseUrl: ours, command }, dataDir)));
    got.bare.push(await run(restByHand(theirs)));
  }
  const of = (figure: (one: Answered) => number) => ({
    scenario: "rest",
    case: `${kind.name}, ${connections} connections`,
    taskwire: median(got.ours.map(figure)),
    limit: median(got.bare.map(figure)),
  });
  lines.add({
    ...of((one) => one.answers_per_s),
    measure: "answers/s",
    than: "bare Elysia and postgres.js",
    bound: { of: "ratio", is: "at least", figure: least },
  });
  lines.add({ ...of((one) => (one.cpu_server_s * 1000) / one.answers), measure: "ms CPU an answer" });
  lines.add({ ...of((one) => one.p99_ms), measure: "ms, p99" });
}
