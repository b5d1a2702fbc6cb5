/** Which server is meant where connections are told of by the server they are at. */
import { expect, test } from "bun:test";
import { z } from "zod";
import { runProgram, startServer, temporaryFolder } from "../support/program.ts";
import { createPostgresDatabase } from "../support/services.ts";

const databaseUrl = await createPostgresDatabase();
const Figures = z.object({ nodes: z.array(z.object({ node_id: z.string() })) });

test.skipIf(databaseUrl === undefined)("a server logs its id once and answers it for its health", async () => {
  const env = {
    DATABASE_URL: databaseUrl ?? "",
    DATA_DIR: temporaryFolder(),
    AUTH_SECRET: "a secret of at least thirty-two characters",
    LOG_FORMAT: "json",
  };
  const server = await startServer({ args: ["serve", "--json"], env: { ...env, LOG_LEVEL: "info" } });
  await runProgram(["user", "add", "ana@example.org"], { env });
  const { stdout: token } = await runProgram(["token", "ana@example.org"], { env });
  const headers = { authorization: `Bearer ${token.trim()}` };
  const figures = await (await fetch(`${server.url}/api/metrics/connections`, { headers })).json();
  const ids = Figures.parse(figures).nodes.map(({ node_id }) => node_id);
  expect(ids).toEqual([expect.any(String)]);
  const health = await runProgram(["health", "--json"], { env: { PORT: new URL(server.url).port } });
  expect(JSON.parse(health.stdout).node).toBe(ids[0]);
  server.signal("SIGTERM");
  const lines = (await server.ended).stdout.trim().split("\n");
  const named: unknown[] = lines.map((line) => JSON.parse(line)).filter(({ node }) => node !== undefined);
  expect(named).toEqual([expect.objectContaining({ level: "info", msg: "started", node: ids[0] })]);
});
