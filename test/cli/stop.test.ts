import { afterAll, describe, expect, test } from "bun:test";
import { type RunningServer, startServer } from "../support/program.ts";
import { startPostgres } from "../support/services.ts";

const cluster = await startPostgres();
afterAll(() => cluster?.stop());

/** Resolves when the server has written `text` to its standard output. */
const written = async (server: RunningServer, text: string): Promise<void> => {
  while (!server.stdout().includes(text)) await new Promise((resolve) => setImmediate(resolve));
};

describe.skipIf(cluster === undefined)("[G10] stopping while the database does not answer", () => {
  const start = async (): Promise<RunningServer> =>
    startServer({ env: { DATABASE_URL: (await cluster?.createDatabase()) ?? "", LOG_LEVEL: "info" } });

  test("takes less than 5 s and ends with 0", async () => {
    const server = await start();
    cluster?.pause();
    const startedAt = performance.now();
    server.signal("SIGTERM");
    expect((await server.ended).exitCode).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    cluster?.resume();
  });

  test("a second signal ends it at once", async () => {
    const server = await start();
    cluster?.pause();
    server.signal("SIGTERM");
    await written(server, '"msg":"stopping"');
    const startedAt = performance.now();
    server.signal("SIGTERM");
    const { exitCode, stdout } = await server.ended;
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect([exitCode, stdout.includes('"msg":"stopped"')]).toEqual([143, false]);
    cluster?.resume();
  });
});
