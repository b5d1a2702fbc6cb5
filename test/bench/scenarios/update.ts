/** Durable updates: 8 rooms of 50, each update committed, heard by its room and answered. */
import type { TestPostgres } from "../../support/services.ts";
import { drive, type Measured, median, type Target } from "../harness.ts";
import { type Bench, once, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { byHandUpdate, roomsOf, type Size, seedByHand, seedTaskwire, taskwireUpdate } from "../targets.ts";

const size: Size = { rooms: 8, members: 50, tasks: 10_000 };
/** In flight → the least ratio that is promised. */
const promises: ReadonlyMap<number, number | undefined> = new Map([
  [1, undefined],
  [16, 1.2],
  [64, 1.2],
]);

type Got = Record<"taskwire" | "byHand" | "embedded", Measured[]>;

export const update: Scenario = (bench) =>
  withPostgres(async (postgres) => {
    const [ours, theirs] = [await postgres.createDatabase(), await postgres.createDatabase()];
    for (const [inFlight, least] of promises) {
      const got: Got = { taskwire: [], byHand: [], embedded: [] };
      for (let round = 0; round < bench.rounds; round++) await measure(bench, postgres, ours, theirs, inFlight, got);
      tell(bench, inFlight, least, got);
    }
  });

function measure(bench: Bench, postgres: TestPostgres, ours: string, theirs: string, inFlight: number, got: Got) {
  const { command, seconds } = bench;
  const pids = { postgres: postgres.pid };
  const run = (target: Target, kind: "taskwire" | "byHand") =>
    once(target, (server) => drive(server, { mode: "txn", seconds, rooms: roomsOf(size, inFlight, kind), pids }));
  return withFolder(async (dataDir) => {
    await seedTaskwire(ours, dataDir, size);
    got.taskwire.push(await run(taskwireUpdate({ databaseUrl: ours, command }, dataDir), "taskwire"));
    await seedByHand(theirs, size);
    got.byHand.push(await run(byHandUpdate(theirs), "byHand"));
    await seedTaskwire(undefined, dataDir, size);
    got.embedded.push(await run(taskwireUpdate({ databaseUrl: undefined, command }, dataDir), "taskwire"));
  });
}

function tell({ lines }: Bench, inFlight: number, least: number | undefined, got: Got): void {
  const of = (all: readonly Measured[], figure: (one: Measured) => number) => median(all.map(figure));
  const add = (kind: "PostgreSQL" | "embedded", measure: string, figure: (one: Measured) => number, bound?: number) =>
    lines.add({
      scenario: "update",
      case: `${kind}, ${inFlight} in flight`,
      measure,
      taskwire: of(kind === "embedded" ? got.embedded : got.taskwire, figure),
      limit: of(got.byHand, figure),
      than: "the statement by hand",
      ...(bound !== undefined && { bound: { of: "ratio", is: "at least", figure: bound } as const }),
    });
  const perSecond = (one: Measured) => one.acks_per_s ?? 0;
  const cpuMs = (one: Measured, seconds: number) => (seconds * 1000) / (one.acks ?? 1);
  add("PostgreSQL", "updates/s", perSecond, least);
  add("embedded", "updates/s", perSecond);
  add("PostgreSQL", "ms CPU an update, room of 50 included", (one) => cpuMs(one, one.cpu_server_s));
  add("PostgreSQL", "ms CPU of PostgreSQL an update", (one) => cpuMs(one, one.cpu_postgres_s ?? 0));
}
