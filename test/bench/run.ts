/**
 * `bun run bench [scenario …] [--rounds 3] [--seconds 5]`: each scenario measures Taskwire and its limit side by side,
 * round about, and prints the medians with the ratio that is promised (docs/benchmarks.md).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../../src/core/version.ts";
import { startPostgres, type TestPostgres } from "../support/services.ts";
import { drive, type Measured, median, type Running, residentKb, startServer, type Target } from "./harness.ts";
import {
  byHandFanout,
  byHandUpdate,
  roomsOf,
  type Size,
  seedByHand,
  seedTaskwire,
  taskwireFanout,
  taskwireUpdate,
} from "./targets.ts";

const root = join(import.meta.dirname, "../..");
const { values: options, positionals } = parseArguments();
const rounds = options.rounds;
const seconds = options.seconds;
const executable = join(root, "dist/taskwire");
const command = (await Bun.file(executable).exists()) ? [executable] : [process.execPath, join(root, "src/main.ts")];

/** One line of a result: what was measured, on what, and how it stands to what was promised. */
interface Line {
  readonly scenario: string;
  readonly case: string;
  readonly measure: string;
  readonly taskwire: number;
  readonly limit: number | undefined;
  readonly ratio: number | undefined;
  readonly promised: string;
  readonly kept: boolean;
  readonly rounds: number;
}

const lines: Line[] = [];

function parseArguments() {
  const words = process.argv.slice(2);
  const take = (name: string, otherwise: number): number => {
    const at = words.indexOf(`--${name}`);
    return at < 0 ? otherwise : Number(words.splice(at, 2)[1]);
  };
  const values = { rounds: take("rounds", 3), seconds: take("seconds", 5) };
  return { values, positionals: words };
}

function add(line: Omit<Line, "ratio" | "rounds">, kept = line.kept): void {
  const ratio = line.limit === undefined ? undefined : line.taskwire / line.limit;
  lines.push({ ...line, kept, ratio, rounds });
  const beside = line.limit === undefined ? "" : `, limit ${short(line.limit)}, ratio ${short(ratio ?? 0)}`;
  console.log(
    `  ${line.case}: ${short(line.taskwire)} ${line.measure}${beside}  (${line.promised}: ${kept ? "kept" : "MISSED"})`,
  );
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

async function withPostgres(run: (server: TestPostgres) => Promise<void>): Promise<void> {
  const server = await startPostgres({ fsync: true });
  if (!server) throw new Error("this scenario needs PostgreSQL: apt-get install postgresql");
  try {
    await run(server);
  } finally {
    await server.stop();
  }
}

/** Starts, measures, stops; a run that lost a delivery is no result. */
async function once(target: Target, measure: (server: Running) => Promise<Measured>): Promise<Measured> {
  const server = await startServer(target);
  try {
    const measured = await measure(server);
    if (!measured.ok) throw new Error(`${target.name} lost or doubled deliveries: ${JSON.stringify(measured)}`);
    return measured;
  } finally {
    await server.stop();
  }
}

/** Durable updates: 8 rooms of 50, each update committed, heard by its room and answered. */
async function update(): Promise<void> {
  const size: Size = { rooms: 8, members: 50, tasks: 10_000 };
  await withPostgres(async (postgres) => {
    const [ours, theirs] = [await postgres.createDatabase(), await postgres.createDatabase()];
    for (const inFlight of [1, 16, 64]) {
      const got: Record<"taskwire" | "byHand" | "embedded", Measured[]> = { taskwire: [], byHand: [], embedded: [] };
      const run = (target: Target, kind: "taskwire" | "byHand") =>
        once(target, (server) =>
          drive(server, {
            mode: "txn",
            seconds,
            rooms: roomsOf(size, inFlight, kind),
            pids: { postgres: postgres.pid },
          }),
        );
      for (let round = 0; round < rounds; round++) {
        const dataDir = mkdtempSync(join(tmpdir(), "taskwire-bench-"));
        await seedTaskwire(ours, dataDir, size);
        got.taskwire.push(await run(taskwireUpdate({ databaseUrl: ours, command }, dataDir), "taskwire"));
        await seedByHand(theirs, size);
        got.byHand.push(await run(byHandUpdate(theirs), "byHand"));
        await seedTaskwire(undefined, dataDir, size);
        got.embedded.push(await run(taskwireUpdate({ databaseUrl: undefined, command }, dataDir), "taskwire"));
        rmSync(dataDir, { recursive: true, force: true });
      }
      const perSecond = (all: readonly Measured[]) => median(all.map((one) => one.acks_per_s ?? 0));
      const [a, b, c] = [perSecond(got.taskwire), perSecond(got.byHand), perSecond(got.embedded)];
      const least = { 1: 0, 16: 1.2, 64: 1.2 }[inFlight] ?? 0;
      const promised = least === 0 ? "no promise" : `≥ ${least} × the statement by hand`;
      const shared = { scenario: "update", measure: "updates/s" };
      add({
        ...shared,
        case: `PostgreSQL, ${inFlight} in flight`,
        taskwire: a,
        limit: b,
        promised,
        kept: a >= least * b,
      });
      add({
        ...shared,
        case: `embedded, ${inFlight} in flight`,
        taskwire: c,
        limit: b,
        promised: "no promise",
        kept: true,
      });
      const cpu = (all: readonly Measured[]) => median(all.map((one) => (one.cpu_server_s * 1000) / (one.acks ?? 1)));
      add({
        ...{
          scenario: "update",
          case: `PostgreSQL, ${inFlight} in flight`,
          measure: "ms CPU an update, room of 50 included",
        },
        ...{ taskwire: cpu(got.taskwire), limit: cpu(got.byHand), promised: "no promise", kept: true },
      });
      const pgCpu = (all: readonly Measured[]) =>
        median(all.map((one) => ((one.cpu_postgres_s ?? 0) * 1000) / (one.acks ?? 1)));
      add({
        ...{ scenario: "update", case: `PostgreSQL, ${inFlight} in flight`, measure: "ms CPU of PostgreSQL an update" },
        ...{ taskwire: pgCpu(got.taskwire), limit: pgCpu(got.byHand), promised: "no promise", kept: true },
      });
    }
  });
}

/** Fan-out of ephemeral events: one room, CPU of the server per delivery. */
async function fanout(): Promise<void> {
  const size: Size = { rooms: 1, members: 200, tasks: 1 };
  const dataDir = mkdtempSync(join(tmpdir(), "taskwire-bench-"));
  await seedTaskwire(undefined, dataDir, size);
  const ours = { ...taskwireFanout(undefined) };
  const target: Target = { ...ours, env: { ...ours.env, DATA_DIR: dataDir } };
  for (const inFlight of [1, 32]) {
    const senders = inFlight === 1 ? 1 : 4;
    const room = [{ members: size.members, senders, tasks: [] }];
    const run = (which: Target) =>
      once(which, (server) =>
        drive(server, { mode: "fanout", seconds, rooms: room, settings: { window: inFlight / senders } }),
      );
    const got: { ours: Measured[]; bare: Measured[] } = { ours: [], bare: [] };
    for (let round = 0; round < rounds; round++) {
      got.ours.push(await run(target));
      got.bare.push(await run(byHandFanout));
    }
    const cpu = (all: readonly Measured[]) => median(all.map((one) => one.cpu_server_s_per_M));
    const [a, b] = [cpu(got.ours), cpu(got.bare)];
    const most = inFlight === 32 ? 1.4 : 1.1;
    add({
      ...{ scenario: "fanout", case: `room of 200, ${inFlight} in flight`, measure: "µs CPU a delivery" },
      ...{ taskwire: a, limit: b, promised: `≤ ${most} × bare Bun`, kept: a <= most * b },
    });
  }
  rmSync(dataDir, { recursive: true, force: true });
}

/** Idle sockets: authenticated, in one room of 50 each. */
async function connect(): Promise<void> {
  const size: Size = { rooms: 200, members: 50, tasks: 200 };
  const connections = size.rooms * size.members;
  await withPostgres(async (postgres) => {
    const databaseUrl = await postgres.createDatabase();
    const dataDir = mkdtempSync(join(tmpdir(), "taskwire-bench-"));
    await seedTaskwire(databaseUrl, dataDir, size);
    const rooms = Array.from({ length: size.rooms }, () => ({ members: size.members, senders: 0, tasks: [] }));
    const measure = async (target: Target) => {
      const server = await startServer(target);
      await Bun.sleep(2_000); // what is loaded after the start is not a connection's
      const before = residentKb(server.pid);
      let after = 0;
      // Idle, not just connected: what connecting left behind is collected by then, and a heartbeat went round.
      const idleSeconds = 30;
      const look = () => setTimeout(() => (after = residentKb(server.pid)), idleSeconds * 1_000);
      const measured = await drive(server, {
        mode: "connect",
        seconds: idleSeconds + 1,
        rooms,
        settings: { inflight: 64 },
        connected: look,
      });
      await server.stop();
      return { kb: (after - before) / connections, cpuMs: ((measured.connect_cpu_server_s ?? 0) * 1000) / connections };
    };
    const got = { ours: [] as { kb: number; cpuMs: number }[], bare: [] as { kb: number; cpuMs: number }[] };
    for (let round = 0; round < rounds; round++) {
      got.ours.push(await measure(taskwireUpdate({ databaseUrl, command }, dataDir)));
      got.bare.push(await measure(byHandFanout));
    }
    const kb = (all: readonly { kb: number }[]) => median(all.map((one) => one.kb));
    const cpu = (all: readonly { cpuMs: number }[]) => median(all.map((one) => one.cpuMs));
    const shared = { scenario: "connect", case: `${connections} sockets` };
    const [a, b] = [kb(got.ours), kb(got.bare)];
    add({ ...shared, measure: "KB a socket, idle", taskwire: a, limit: b, promised: "≤ 8 KB", kept: a <= 8 });
    const [x, y] = [cpu(got.ours), cpu(got.bare)];
    add({
      ...shared,
      measure: "ms CPU to connect and join",
      taskwire: x,
      limit: y,
      promised: "no promise",
      kept: true,
    });
    rmSync(dataDir, { recursive: true, force: true });
  });
}

/** From the start of the process to the first good answer of its health check, on data that is there. */
async function start(): Promise<void> {
  await withPostgres(async (postgres) => {
    const databaseUrl = await postgres.createDatabase();
    const dataDir = mkdtempSync(join(tmpdir(), "taskwire-bench-"));
    const times = async (url: string | undefined) => {
      const all: { ms: number; kb: number }[] = [];
      for (let round = 0; round <= 2 * rounds; round++) {
        const server = await startServer(taskwireUpdate({ databaseUrl: url, command }, dataDir));
        all.push({ ms: server.startMs, kb: residentKb(server.pid) });
        await server.stop();
      }
      return {
        first: all[0]?.ms ?? 0,
        later: median(all.slice(1).map((one) => one.ms)),
        kb: median(all.map((one) => one.kb)),
      };
    };
    const shared = { scenario: "start", limit: undefined };
    const [pg, embedded] = [await times(databaseUrl), await times(undefined)];
    add({
      ...shared,
      case: "PostgreSQL",
      measure: "ms",
      taskwire: pg.later,
      promised: "≤ 150 ms",
      kept: pg.later <= 150,
    });
    add({
      ...shared,
      case: "embedded",
      measure: "ms",
      taskwire: embedded.later,
      promised: "≤ 600 ms",
      kept: embedded.later <= 600,
    });
    add({
      ...shared,
      case: "embedded, first start",
      measure: "ms",
      taskwire: embedded.first,
      promised: "≤ 1,000 ms",
      kept: embedded.first <= 1_000,
    });
    add({
      ...shared,
      case: "PostgreSQL",
      measure: "MB resident",
      taskwire: pg.kb / 1024,
      promised: "≤ 120 MB",
      kept: pg.kb <= 120 * 1024,
    });
    add({
      ...shared,
      case: "embedded",
      measure: "MB resident",
      taskwire: embedded.kb / 1024,
      promised: "≤ 260 MB",
      kept: embedded.kb <= 260 * 1024,
    });
    rmSync(dataDir, { recursive: true, force: true });
  });
}

function report(): void {
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const machine = { cpu: cpus()[0]?.model ?? "", cores: cpus().length, bun: Bun.version };
  for (const scenario of new Set(lines.map((line) => line.scenario))) {
    const own = lines.filter((line) => line.scenario === scenario);
    writeFileSync(
      join(folder, `${scenario}.json`),
      `${JSON.stringify({ at, version, machine, lines: own }, null, 2)}\n`,
    );
  }
}

const scenarios: Record<string, () => Promise<void>> = { update, fanout, connect, start };
for (const name of positionals.length > 0 ? positionals : Object.keys(scenarios)) {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`there is no scenario ${name}; there are ${Object.keys(scenarios).join(", ")}`);
  console.log(`\n${name}`);
  await scenario();
}
report();
process.exit(lines.every((line) => line.kept) ? 0 : 1);
