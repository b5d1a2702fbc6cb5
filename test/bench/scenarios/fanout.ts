/** Fan-out of ephemeral events: one room, CPU of the server per delivery. */
import { drive, type Measured, median, type Target } from "../harness.ts";
import { type Bench, once, type Scenario, withFolder } from "../scenario.ts";
import { byHandFanout, type Size, seedTaskwire, taskwireFanout } from "../targets.ts";

const size: Size = { rooms: 1, members: 200, tasks: 1 };

export const fanout: Scenario = (bench) =>
  withFolder(async (dataDir) => {
    await seedTaskwire(undefined, dataDir, size);
    const target = taskwireFanout(undefined, dataDir);
    for (const [inFlight, most] of [
      [1, 1.1],
      [32, 1.4],
    ] as const)
      await measure(bench, target, inFlight, most);
  });

async function measure(bench: Bench, target: Target, inFlight: number, most: number): Promise<void> {
  const senders = inFlight === 1 ? 1 : 4;
  const rooms = [{ members: size.members, senders, tasks: [] }];
  const settings = { window: inFlight / senders };
  const run = (which: Target) =>
    once(which, (server) => drive(server, { mode: "fanout", seconds: bench.seconds, rooms, settings }));
  const got: { ours: Measured[]; bare: Measured[] } = { ours: [], bare: [] };
  for (let round = 0; round < bench.rounds; round++) {
    got.ours.push(await run(target));
    got.bare.push(await run(byHandFanout));
  }
  const cpu = (all: readonly Measured[]) => median(all.map((one) => one.cpu_server_s_per_M));
  bench.lines.add({
    scenario: "fanout",
    case: `room of 200, ${inFlight} in flight`,
    measure: "µs CPU a delivery",
    taskwire: cpu(got.ours),
    limit: cpu(got.bare),
    than: "bare Bun",
    bound: { of: "ratio", is: "at most", figure: most },
  });
}
