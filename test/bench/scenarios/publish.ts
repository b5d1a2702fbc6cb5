/**
 * Events of another application: POST /api/projects/:id/events into 8 rooms of 50, half of them native clients and half
 * of Socket.IO. Each event is durable, and its arrival at each listener is checked.
 */
import { z } from "zod";
import { escapeText, median, type Running, runClient, startServer } from "../harness.ts";
import { type Bench, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import {
  roomUuid,
  type Size,
  seedTaskwire,
  socketIoPlan,
  type TaskwireOptions,
  taskwireUpdate,
  token,
} from "../targets.ts";

const size: Size = { rooms: 8, members: 50, tasks: 8 };
/** The most that one request may hold. */
const batch = 100;
/** Who publish to each room, each one request after the other: the order of two at once would be anybody's. */
const publishers = 2;
/** For what is under way when the last request was answered. */
const drainSeconds = 8;
const promised = 5_000;

const Counted = z.object({
  error: z.string().optional(),
  deliveries: z.number(),
  gaps: z.number(),
  dups: z.number(),
  malformed: z.number(),
  dead_after_hold: z.number(),
  cpu_server_s: z.number(),
});

interface Got {
  readonly perSecond: number;
  readonly cpuMicrosecondsEach: number;
}

export const publish: Scenario = async (bench) => {
  const got: Got[] = [];
  await withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      const databaseUrl = await postgres.createDatabase();
      for (let round = 0; round < bench.rounds; round++) {
        await seedTaskwire(databaseUrl, dataDir, size);
        got.push(await measure(bench, { databaseUrl, command: bench.command }, dataDir));
      }
    }),
  );
  const line = { scenario: "publish", case: `8 rooms of 25 native and 25 Socket.IO clients, ${batch} a request` };
  const of = (figure: (one: Got) => number) => median(got.map(figure));
  bench.lines.add({
    ...line,
    measure: "events/s",
    taskwire: of(({ perSecond }) => perSecond),
    unit: "events/s",
    bound: { of: "value", is: "at least", figure: promised },
  });
  bench.lines.add({
    ...line,
    measure: "µs CPU an event, with its 50 deliveries",
    taskwire: of(({ cpuMicrosecondsEach }) => cpuMicrosecondsEach),
  });
};

async function measure({ seconds }: Bench, options: TaskwireOptions, dataDir: string): Promise<Got> {
  const server = await startServer(taskwireUpdate(options, dataDir));
  try {
    const sending = Promise.withResolvers<Sent>();
    const output = runClient("wsload", planOf(server, seconds + drainSeconds), () => {
      publishAll(server, seconds).then(sending.resolve, sending.reject);
    });
    const counted = Counted.parse(JSON.parse(await output));
    if (counted.error !== undefined) throw new Error(counted.error);
    const { events, took } = await sending.promise;
    const { gaps, dups, malformed, dead_after_hold, deliveries } = counted;
    if (gaps + dups + malformed + dead_after_hold > 0 || deliveries !== events * size.members)
      throw new Error(`${events} events: ${JSON.stringify(counted)}`);
    return { perSecond: events / took, cpuMicrosecondsEach: (counted.cpu_server_s * 1e6) / events };
  } finally {
    await server.stop();
  }
}

/** People 1 … 50 are in the first room, and so on; every other one speaks Socket.IO. The first of each room have our marks. */
function planOf({ target, port, pid }: Running, hold: number): string {
  const lines = [`port\t${port}`, "mode\tconnect", `hold\t${hold}`, `cpu\tserver\t${pid}`];
  for (let room = 0; room < size.rooms; room++) lines.push(`room\t${roomUuid(room + 1)}`);
  for (let person = 1; person <= size.rooms * size.members; person++) {
    const room = Math.floor((person - 1) / size.members);
    const plan = person % 2 === 0 ? socketIoPlan : target;
    const script = plan
      .script(room + 1)
      .map(escapeText)
      .join("\x1f");
    const flags = (person - 1) % size.members < publishers ? "SP" : "S";
    lines.push(["conn", room, flags, plan.path(person), escapeText(target.headers(person)), "-", script].join("\t"));
  }
  return `${lines.join("\n")}\n`;
}

interface Sent {
  readonly events: number;
  /** Seconds until the last request was answered. */
  readonly took: number;
}

async function publishAll({ port }: Running, seconds: number): Promise<Sent> {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  let events = 0;
  const workers = Array.from({ length: size.rooms * publishers }, async (_, publisher) => {
    const room = Math.floor(publisher / publishers);
    const person = room * size.members + (publisher % publishers) + 1;
    const url = `http://127.0.0.1:${port}/api/projects/${roomUuid(room + 1)}/events`;
    const headers = { authorization: `Bearer ${token(person)}`, "content-type": "application/json" };
    let marks = 0;
    const post = async () => {
      const all = Array.from({ length: batch }, () => ({
        event: "x_tick",
        data: { mark: markOf(publisher, ++marks) },
      }));
      const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ events: all }) });
      if (answer.status !== 201) throw new Error(`answered ${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
      events += batch;
    };
    while (performance.now() < until) await post();
  });
  await Promise.all(workers);
  return { events, took: (performance.now() - startedAt) / 1_000 };
}

/** As the load client knows marks: whose, its number, a time. The rest makes a message of about 200 bytes. */
const markOf = (publisher: number, number: number): string =>
  `~m${hex(publisher, 4)}${hex(number, 8)}${hex(0, 16)}${"x".repeat(100)}`;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
