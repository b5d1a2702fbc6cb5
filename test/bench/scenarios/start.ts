/** From the start of the process to the first good answer of its health check, on data that is there. */
import { median, residentKb, startServer } from "../harness.ts";
import type { Lines } from "../lines.ts";
import { type Bench, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { taskwireUpdate } from "../targets.ts";

interface Times {
  readonly firstMs: number;
  readonly laterMs: number;
  readonly mb: number;
}

export const start: Scenario = (bench) =>
  withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      const onPostgres = await measure(bench, dataDir, await postgres.createDatabase());
      const embedded = await measure(bench, dataDir, undefined);
      tell(bench.lines, "PostgreSQL", "ms", onPostgres.laterMs, 150);
      tell(bench.lines, "embedded", "ms", embedded.laterMs, 600);
      tell(bench.lines, "embedded, first start", "ms", embedded.firstMs, 1_000);
      tell(bench.lines, "PostgreSQL", "MB resident", onPostgres.mb, 120);
      tell(bench.lines, "embedded", "MB resident", embedded.mb, 260);
    }),
  );

const tell = (lines: Lines, name: string, measure: string, taskwire: number, figure: number): void =>
  lines.add({
    scenario: "start",
    case: name,
    measure,
    taskwire,
    unit: measure.split(" ")[0] ?? "",
    bound: { of: "value", is: "at most", figure },
  });

async function measure({ rounds, command }: Bench, dataDir: string, databaseUrl: string | undefined): Promise<Times> {
  const all: { ms: number; kb: number }[] = [];
  for (let round = 0; round <= 2 * rounds; round++) {
    const server = await startServer(taskwireUpdate({ databaseUrl, command }, dataDir));
    all.push({ ms: server.startMs, kb: residentKb(server.pid) });
    await server.stop();
  }
  return {
    firstMs: all[0]?.ms ?? 0,
    laterMs: median(all.slice(1).map(({ ms }) => ms)),
    mb: median(all.map(({ kb }) => kb)) / 1024,
  };
}
