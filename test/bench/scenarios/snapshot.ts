/** The snapshot of a project with 2,000 tasks, one after the other, packed. */
import { median, type Target } from "../harness.ts";
import { type Answered, driveHttp } from "../http-load.ts";
import { once, type Scenario, withFolder, withPostgres } from "../scenario.ts";
import { describeTasks, restByHand, roomUuid, type Size, seedTaskwire, taskwireUpdate, token } from "../targets.ts";

const size: Size = { rooms: 1, members: 50, tasks: 2_000 };
const request = {
  method: "GET",
  path: `/api/projects/${roomUuid(1)}/snapshot`,
  headers: { Authorization: `Bearer ${token(1)}`, "Accept-Encoding": "gzip" },
};

type Kind = "PostgreSQL" | "embedded";

export const snapshot: Scenario = ({ rounds, seconds, command, lines }) =>
  withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      const databaseUrl = await postgres.createDatabase();
      for (const url of [databaseUrl, undefined]) {
        await seedTaskwire(url, dataDir, size);
        await describeTasks(url, dataDir);
      }
      const got: Record<Kind | "bare", Answered[]> = { PostgreSQL: [], embedded: [], bare: [] };
      const run = (target: Target) => once(target, (server) => driveHttp(server, [[request]], seconds));
      for (let round = 0; round < rounds; round++) {
        got.PostgreSQL.push(await run(taskwireUpdate({ databaseUrl, command }, dataDir)));
        got.bare.push(await run(restByHand(databaseUrl)));
        got.embedded.push(await run(taskwireUpdate({ databaseUrl: undefined, command }, dataDir)));
      }
      const add = (kind: Kind, measure: string, unit: string, most: number, figure: (one: Answered) => number) =>
        lines.add({
          scenario: "snapshot",
          case: `${size.tasks} tasks, ${kind}`,
          measure,
          taskwire: median(got[kind].map(figure)),
          limit: median(got.bare.map(figure)),
          unit,
          bound: { of: "value", is: "at most", figure: most },
        });
      for (const kind of ["PostgreSQL", "embedded"] as const) add(kind, "ms, median", "ms", 60, (one) => one.p50_ms);
      add("PostgreSQL", "KB, packed", "KB", 120, (one) => one.bytes_each / 1024);
    }),
  );
