/** Fan-out of ephemeral events: one room, CPU of the server per delivery. */
import { drive, type Measured, median, type Target } from "../harness.ts";
import { type Bench, once, type Scenario, withFolder } from "../scenario.ts";
import { byHandFanout, type Size, seedTaskwire, taskwireFanout, taskwireSocketIo } from "../targets.ts";

const size: Size = { rooms: 1, members: 200, tasks: 1 };

interface Case {
  readonly scenario: string;
  readonly listeners: string;
  readonly inFlight: number;
  /** Times the CPU of bare Bun. */
  readonly most: number;
}

export const fanout: Scenario = (bench) =>
  withFolder(async (dataDir) => {
    await seedTaskwire(undefined, dataDir, size);
    const target = taskwireFanout(undefined, dataDir);
    for (const [inFlight, most] of [
      [1, 1.1],
      [32, 1.4],
    ] as const)
      await measure(bench, target, { scenario: "fanout", listeners: "room of 200", inFlight, most });
  });

/** The same, to clients of Socket.IO. */
export const socketio: Scenario = (bench) =>
  withFolder(async (dataDir) => {
    await seedTaskwire(undefined, dataDir, size);
    const to = { scenario: "socketio", listeners: "room of 200 Socket.IO clients", most: 2 };
    for (const inFlight of [1, 32]) await measure(bench, taskwireSocketIo(dataDir), { ...to, inFlight });
  });

async function measure(bench: Bench, target: Target, { scenario, listeners, inFlight, most }: Case): Promise<void> {
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
    scenario,
    case: `${listeners}, ${inFlight} in flight`,
    measure: "µs CPU a delivery",
    taskwire: cpu(got.ours),
    limit: cpu(got.bare),
    than: "bare Bun",
    bound: { of: "ratio", is: "at most", figure: most },
  });
}
