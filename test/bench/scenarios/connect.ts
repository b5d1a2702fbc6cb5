/** Idle sockets: authenticated, in one room of 50 each. */
import { drive, median, residentKb, startServer, type Target } from "../harness.ts";
import { type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { byHandFanout, type Size, seedTaskwire, taskwireUpdate } from "../targets.ts";

const size: Size = { rooms: 200, members: 50, tasks: 200 };
const connections = size.rooms * size.members;
/** Idle, not just connected: what connecting left behind is collected by then, and a heartbeat went round. */
const idleSeconds = 30;

/** Of one connection. */
interface Cost {
  readonly kb: number;
  readonly cpuMs: number;
}

export const connect: Scenario = ({ rounds, command, lines }) =>
  withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      const databaseUrl = await postgres.createDatabase();
      await seedTaskwire(databaseUrl, dataDir, size);
      const got: { ours: Cost[]; bare: Cost[] } = { ours: [], bare: [] };
      for (let round = 0; round < rounds; round++) {
        got.ours.push(await measure(taskwireUpdate({ databaseUrl, command }, dataDir)));
        got.bare.push(await measure(byHandFanout));
      }
      const shared = { scenario: "connect", case: `${connections} sockets` };
      const of = (figure: (cost: Cost) => number) => ({
        taskwire: median(got.ours.map(figure)),
        limit: median(got.bare.map(figure)),
      });
      const bound = { of: "value", is: "at most", figure: 8 } as const;
      lines.add({ ...shared, measure: "KB a socket, idle", ...of(({ kb }) => kb), unit: "KB", bound });
      lines.add({ ...shared, measure: "ms CPU to connect and join", ...of(({ cpuMs }) => cpuMs) });
    }),
  );

async function measure(target: Target): Promise<Cost> {
  const rooms = Array.from({ length: size.rooms }, () => ({ members: size.members, senders: 0, tasks: [] }));
  const server = await startServer(target);
  await Bun.sleep(2_000); // what is loaded after the start is not a connection's
  const before = residentKb(server.pid);
  let after = 0;
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
}
