/** Many small rooms: 1,000 of 10, in which now and then something is said, or a task changes. */
import type { TestPostgres } from "../../support/services.ts";
import { drive, type Measured, median } from "../harness.ts";
import { type Bench, once, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import {
  byHandFanout,
  byHandUpdate,
  roomsOf,
  type Size,
  seedByHand,
  seedTaskwire,
  taskwireFanout,
  taskwireUpdate,
} from "../targets.ts";

const size: Size = { rooms: 1_000, members: 10, tasks: 10_000 };
/** Ephemeral messages a second, over all rooms. */
const rate = 1_000;
const inFlight = 64;

interface Got {
  readonly ours: Measured[];
  readonly bare: Measured[];
}

export const rooms: Scenario = async (bench) => {
  await withFolder((dataDir) => ephemeral(bench, dataDir));
  await withPostgres((postgres) => withFolder((dataDir) => durable(bench, postgres, dataDir)));
};

async function ephemeral({ rounds, seconds, lines }: Bench, dataDir: string): Promise<void> {
  await seedTaskwire(undefined, dataDir, size);
  const plan = Array.from({ length: size.rooms }, () => ({ members: size.members, senders: 1, tasks: [] }));
  const got: Got = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [all, target] of [
      [got.ours, taskwireFanout(undefined, dataDir)],
      [got.bare, byHandFanout],
    ] as const)
      all.push(
        await once(target, (server) => drive(server, { mode: "rate", seconds, rooms: plan, settings: { rate } })),
      );
  }
  const add = (measure: string, figure: (one: Measured) => number, most: number) =>
    lines.add({
      ...of(got, figure),
      case: `${size.rooms} rooms of ${size.members}, ${rate} messages/s`,
      measure,
      than: "bare Bun",
      bound: { of: "ratio", is: "at most", figure: most },
    });
  add("µs CPU a delivery", (one) => one.cpu_server_s_per_M, 1.3);
  add("ms to the listener, p99", (one) => one.p99_ms, 1.5);
}

async function durable(
  { rounds, seconds, command, lines }: Bench,
  postgres: TestPostgres,
  dataDir: string,
): Promise<void> {
  const [ours, theirs] = [await postgres.createDatabase(), await postgres.createDatabase()];
  const got: Got = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    await seedTaskwire(ours, dataDir, size);
    await seedByHand(theirs, size);
    for (const [all, target, kind] of [
      [got.ours, taskwireUpdate({ databaseUrl: ours, command }, dataDir), "taskwire"],
      [got.bare, byHandUpdate(theirs), "byHand"],
    ] as const)
      all.push(
        await once(target, (server) => drive(server, { mode: "txn", seconds, rooms: roomsOf(size, inFlight, kind) })),
      );
  }
  lines.add({
    ...of(got, (one) => one.acks_per_s ?? 0),
    case: `${size.rooms} rooms of ${size.members}, ${inFlight} in flight`,
    measure: "updates/s",
    than: "the statement by hand",
    bound: { of: "ratio", is: "at least", figure: 1.2 },
  });
}

const of = ({ ours, bare }: Got, figure: (one: Measured) => number) => ({
  scenario: "rooms",
  taskwire: median(ours.map(figure)),
  limit: median(bare.map(figure)),
});
