/** Fan-out of ephemeral events to clients of Socket.IO, as `fanout` has it for native ones: one room, CPU per delivery. */
import { drive, type Measured, median, type Target } from "../harness.ts";
import { type Bench, once, type Scenario, withFolder } from "../scenario.ts";
import { byHandFanout, type Size, seedTaskwire, taskwireSocketIo } from "../targets.ts";

const size: Size = { rooms: 1, members: 200, tasks: 1 };
const most = 2;

export const socketio: Scenario = (bench) =>
  withFolder(async (dataDir) => {
    await seedTaskwire(undefined, dataDir, size);
    for (const inFlight of [1, 32]) await measure(bench, taskwireSocketIo(dataDir), inFlight);
  });

async function measure({ rounds, seconds, lines }: Bench, target: Target, inFlight: number): Promise<void> {
  const senders = inFlight === 1 ? 1 : 4;
  const rooms = [{ members: size.members, senders, tasks: [] }];
  const settings = { window: inFlight / senders };
  const run = (which: Target) => once(which, (server) => drive(server, { mode: "fanout", seconds, rooms, settings }));
  const got: { ours: Measured[]; bare: Measured[] } = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    got.ours.push(await run(target));
    got.bare.push(await run(byHandFanout));
  }
  const cpu = (all: readonly Measured[]) => median(all.map((one) => one.cpu_server_s_per_M));
  lines.add({
    scenario: "socketio",
    case: `room of 200 Socket.IO clients, ${inFlight} in flight`,
    measure: "µs CPU a delivery",
    taskwire: cpu(got.ours),
    limit: cpu(got.bare),
    than: "bare Bun",
    bound: { of: "ratio", is: "at most", figure: most },
  });
}
