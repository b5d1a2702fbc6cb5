/**
 * One, two and three servers on one PostgreSQL. Everybody's windows are spread over all of them, as a proxy spreads them, so
 * that every server hears of every update: what a further server costs. Then one room that all write to, on two.
 */
import type { TestPostgres } from "../../support/services.ts";
import { drive, type Measured, median, type Running, startServer } from "../harness.ts";
import { type Bench, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { roomsOf, type Size, seedTaskwire, taskwireUpdate } from "../targets.ts";

const size: Size = { rooms: 8, members: 60, tasks: 10_000 };
/** Updates a second, well below what two cores can do, so that all counts of servers do the same work. */
const rate = 400;
const oneRoom: Size = { rooms: 1, members: 200, tasks: 10_000 };
const counts = [1, 2, 3] as const;

export const nodes: Scenario = (bench) =>
  withPostgres(async (postgres) => {
    const databaseUrl = await postgres.createDatabase();
    const spread = new Map<number, Measured[]>();
    const shared = new Map<number, Measured[]>();
    for (let round = 0; round < bench.rounds; round++) {
      for (const count of counts) keep(spread, count, await measure(bench, postgres, databaseUrl, count, size));
      for (const count of [1, 2]) keep(shared, count, await measure(bench, postgres, databaseUrl, count, oneRoom));
    }
    tellSpread(bench, spread);
    tellShared(bench, shared);
  });

function keep(all: Map<number, Measured[]>, count: number, one: Measured): void {
  all.set(count, [...(all.get(count) ?? []), one]);
}

/** 8 rooms at a steady rate, the one room as fast as it goes. */
function measure(bench: Bench, postgres: TestPostgres, databaseUrl: string, count: number, of: Size) {
  const { command, seconds } = bench;
  return withFolder(async (dataDir) => {
    await seedTaskwire(databaseUrl, dataDir, of);
    const target = taskwireUpdate({ databaseUrl, command }, dataDir);
    const servers: Running[] = [];
    try {
      for (let i = 0; i < count; i++)
        servers.push(
          await startServer(target, {
            BROKER: "postgres",
            AUTH_SECRET: "one secret that all servers of the benchmark share",
          }),
        );
      const [first, ...others] = servers;
      if (!first) throw new Error("a benchmark needs a server");
      const rooms = roomsOf(of, of === oneRoom ? of.members : of.rooms * 10, "taskwire");
      const mode = of === oneRoom ? "txn" : "rate";
      const pids = { postgres: postgres.pid };
      const measured = await drive(first, { mode, seconds, rooms, others, pids, settings: { rate } });
      if (!measured.ok) throw new Error(`${count} servers lost or doubled something: ${JSON.stringify(measured)}`);
      return measured;
    } finally {
      for (const server of servers) await server.stop();
    }
  });
}

const of = (all: readonly Measured[] | undefined, figure: (one: Measured) => number): number =>
  median((all ?? []).map(figure));

function tellSpread({ lines }: Bench, got: ReadonlyMap<number, readonly Measured[]>): void {
  const deliveries = size.members;
  const figures = {
    "µs CPU of all servers a delivery": (one: Measured) => one.cpu_server_s_per_M,
    "ms CPU of all servers an update": (one: Measured) => (one.cpu_server_s_per_M * deliveries) / 1000,
    "ms CPU of PostgreSQL an update": (one: Measured) =>
      ((one.cpu_postgres_s ?? 0) * 1000 * deliveries) / one.deliveries,
    "ms to the listener, p99": (one: Measured) => one.p99_ms,
  };
  for (const [measure, figure] of Object.entries(figures))
    for (const count of counts)
      lines.add({
        scenario: "nodes",
        case: `${count} ${count === 1 ? "server" : "servers"}, ${size.rooms} rooms of ${size.members}, ${rate} updates/s`,
        measure,
        taskwire: of(got.get(count), figure),
        ...(count > 1 && { limit: of(got.get(1), figure), than: "one server" }),
        ...(count > 1 &&
          measure.includes("servers") && { bound: { of: "ratio", is: "at most", figure: 1.15 } as const }),
      });
}

function tellShared({ lines }: Bench, got: ReadonlyMap<number, readonly Measured[]>): void {
  const perSecond = (one: Measured) => one.acks_per_s ?? 0;
  lines.add({
    scenario: "nodes",
    case: `2 servers, one room, ${oneRoom.members} writers`,
    measure: "updates/s",
    taskwire: of(got.get(2), perSecond),
    limit: of(got.get(1), perSecond),
    than: "one server",
    bound: { of: "ratio", is: "at least", figure: 0.7 },
  });
}
