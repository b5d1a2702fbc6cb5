/**
 * One, two and three servers on one PostgreSQL, woken by its NOTIFY or by Redis. Everybody's windows are spread over all of
 * them, as a proxy spreads them, so that every server hears of every update: what a further server costs. First each brings
 * people, projects and updates of its own, as a team does that outgrows one; then the same work is divided. Last one room
 * that all write to, on two.
 */
import { hasRedis, startRedis } from "../../support/redis.ts";
import type { TestPostgres } from "../../support/services.ts";
import { drive, type Measured, median, type Running, startServer } from "../harness.ts";
import { type Bench, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { roomsOf, type Size, seedTaskwire, taskwireUpdate } from "../targets.ts";

/** Of one server, and of all where the work is divided. */
const size: Size = { rooms: 8, members: 60, tasks: 10_000 };
/** Updates a second for each server; three of them are well below what two cores can do. */
const rateEach = 300;
/** The same for all of them together, and for one. */
const rateDivided = 400;
const oneRoom: Size = { rooms: 1, members: 200, tasks: 10_000 };
const counts = [1, 2, 3] as const;
/**
 * Before it is measured: each process compiles what is hot in it, and of three each has a third of the writes. Shorter, and
 * it is the compiler that is measured, three times.
 */
const warmup = 10;

export const nodes: Scenario = (bench) =>
  withPostgres(async (postgres) => {
    const databaseUrl = await postgres.createDatabase();
    const redis = hasRedis() ? await startRedis() : undefined;
    const brokers: Broker[] = [{ name: "NOTIFY", env: { BROKER: "postgres" }, pids: {} }];
    if (redis)
      brokers.push({ name: "Redis", env: { BROKER: "redis", REDIS_URL: redis.url }, pids: { redis: redis.pid } });
    const got = new Map<string, Measured[]>();
    const keep = async (key: string, one: Promise<Measured>) => got.set(key, [...(got.get(key) ?? []), await one]);
    const measureOn = (broker: Broker, load: Load) => measure({ bench, postgres, databaseUrl }, broker, load);
    for (let round = 0; round < bench.rounds; round++) {
      for (const count of counts)
        for (const broker of brokers) {
          await keep(`${broker.name} ${count} grown`, measureOn(broker, grown(count)));
          await keep(`${broker.name} ${count} divided`, measureOn(broker, divided(count)));
        }
      for (const count of [1, 2])
        for (const broker of brokers) await keep(`${broker.name} ${count} shared`, measureOn(broker, shared(count)));
    }
    await redis?.stop();
    for (const { name } of brokers) {
      const gotOf = (what: string) => (count: number) => got.get(`${name} ${count} ${what}`) ?? [];
      tellSpread(bench, name, grown, gotOf("grown"));
      tellSpread(bench, name, divided, gotOf("divided"));
      tellShared(bench, name, gotOf("shared"));
    }
  });

interface Load {
  readonly count: number;
  readonly of: Size;
  readonly senders: number;
  /** Updates a second; absent: as fast as it goes. */
  readonly rate?: number;
  /** Is the cost promised to be flat? */
  readonly flat?: boolean;
}

const sendersEach = 10;
const grown = (count: number): Load => {
  const rooms = size.rooms * count;
  return { count, of: { ...size, rooms }, senders: rooms * sendersEach, rate: rateEach * count, flat: true };
};
const divided = (count: number): Load => ({ count, of: size, senders: size.rooms * sendersEach, rate: rateDivided });
const shared = (count: number): Load => ({ count, of: oneRoom, senders: oneRoom.members });

/** Who wakes the servers. */
interface Broker {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pids: Readonly<Record<string, number>>;
}

interface Where {
  readonly bench: Bench;
  readonly postgres: TestPostgres;
  readonly databaseUrl: string;
}

type Got = (count: number) => readonly Measured[];

function measure({ bench, postgres, databaseUrl }: Where, broker: Broker, { count, of, senders, rate }: Load) {
  const { command, seconds } = bench;
  return withFolder(async (dataDir) => {
    await seedTaskwire(databaseUrl, dataDir, of);
    const target = taskwireUpdate({ databaseUrl, command }, dataDir);
    const servers: Running[] = [];
    try {
      for (let i = 0; i < count; i++)
        servers.push(
          await startServer(target, {
            ...broker.env,
            AUTH_SECRET: "one secret that all servers of the benchmark share",
          }),
        );
      const [first, ...others] = servers;
      if (!first) throw new Error("a benchmark needs a server");
      const rooms = roomsOf(of, senders, "taskwire");
      const mode = rate === undefined ? "txn" : "rate";
      const pids = { postgres: postgres.pid, ...broker.pids };
      const settings = { warmup, ...(rate !== undefined && { rate }) };
      const measured = await drive(first, { mode, seconds, rooms, others, pids, settings });
      if (!measured.ok) throw new Error(`${count} servers lost or doubled something: ${JSON.stringify(measured)}`);
      return measured;
    } finally {
      for (const server of servers) await server.stop();
    }
  });
}

const of = (all: readonly Measured[], figure: (one: Measured) => number): number => median(all.map(figure));

function tellSpread({ lines }: Bench, broker: string, load: (count: number) => Load, got: Got): void {
  const deliveries = size.members;
  const figures = {
    "µs CPU of all servers a delivery": (one: Measured) => one.cpu_server_s_per_M,
    "ms CPU of all servers an update": (one: Measured) => (one.cpu_server_s_per_M * deliveries) / 1000,
    "ms CPU of PostgreSQL an update": (one: Measured) =>
      ((one.cpu_postgres_s ?? 0) * 1000 * deliveries) / one.deliveries,
    "ms to the listener, p99": (one: Measured) => one.p99_ms,
  };
  for (const [measure, figure] of Object.entries(figures))
    for (const count of counts) {
      const { of: rooms, rate, flat } = load(count);
      lines.add({
        scenario: "nodes",
        case: `${count} ${count === 1 ? "server" : "servers"}, ${broker}, ${rooms.rooms} rooms of ${rooms.members}, ${rate} updates/s`,
        measure,
        taskwire: of(got(count), figure),
        ...(count > 1 && { limit: of(got(1), figure), than: "one server" }),
        ...(count > 1 &&
          flat &&
          measure.includes("servers") && { bound: { of: "ratio", is: "at most", figure: 1.15 } as const }),
      });
    }
}

function tellShared({ lines }: Bench, broker: string, got: Got): void {
  const perSecond = (one: Measured) => one.acks_per_s ?? 0;
  lines.add({
    scenario: "nodes",
    case: `2 servers, ${broker}, one room, ${oneRoom.members} writers`,
    measure: "updates/s",
    taskwire: of(got(2), perSecond),
    limit: of(got(1), perSecond),
    than: "one server",
    bound: { of: "ratio", is: "at least", figure: 0.7 },
  });
}
