import { describe, expect, test } from "bun:test";
import { ConnectionLost, callApi, openClient, Refused } from "../support/contract-client.ts";
import { type Figures, type Load, runLoad } from "../support/load.ts";
import type { ServerProcess } from "../support/server.ts";
import { faultKinds, report, rounds, roundsTimeoutMs, seedOf, total } from "./rounds.ts";

/** An outage is known to all callers within … */
const noticeMs = 2_000;
/** … and over within so long after the database is back. */
const recoverMs = 3_000;
const mutations = 600;

for (const { name, postgres, server: startServer } of await faultKinds()) {
  if (!postgres) continue;
  describe("PostgreSQL goes away under load", () => {
    test(
      "[G11] paused: 503 within 2 s, nothing acknowledged falsely, healthy within 3 s after it goes on",
      async () => {
        const outage = { begin: async () => postgres.pause(), end: async () => postgres.resume() };
        const { figures, ...times } = await withOutages(startServer, outage);
        report("PostgreSQL paused", name, figures, times);
        expect(times.notice_max_ms).toBeLessThan(noticeMs);
        expect(times.recover_max_ms).toBeLessThan(recoverMs);
      },
      roundsTimeoutMs,
    );

    test(
      "[G11] killed: 503 at once, nothing acknowledged falsely, healthy within 3 s after it is back",
      async () => {
        const outage = { begin: () => postgres.kill(), end: () => postgres.restart() };
        const { figures, ...times } = await withOutages(startServer, outage);
        report("PostgreSQL killed", name, figures, times);
        expect(times.notice_max_ms).toBeLessThan(noticeMs);
        expect(times.recover_max_ms).toBeLessThan(recoverMs);
      },
      roundsTimeoutMs,
    );
  });
}

interface Outage {
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
}

async function withOutages(startServer: () => Promise<ServerProcess>, outage: Outage) {
  await using server = await startServer();
  const all: Figures[] = [];
  const notices: number[] = [];
  const recoveries: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const figures = await runLoad([server], { seed: seedOf(round), mutations }, async (load) => {
      await load.acked(load.random.int(mutations / 2));
      notices.push(...(await duringOutage(server, load, outage)));
      recoveries.push(await untilHealthy(server, load));
      expect(load.ledger.unavailable).toBeGreaterThan(0);
    });
    all.push(figures);
  }
  return { figures: total(all), notice_max_ms: Math.max(...notices), recover_max_ms: Math.max(...recoveries) };
}

/** How long a read, a write and a socket's write waited for the answer that the database is not there, in ms. */
async function duringOutage(server: ServerProcess, load: Load, outage: Outage): Promise<number[]> {
  const caller = { url: server.url, token: await server.token("writer-1") };
  const projectId = load.targets[0]?.projectId ?? "";
  const client = await openClient(caller);
  await outage.begin();
  try {
    const startedAt = performance.now();
    const passed = () => Math.round(performance.now() - startedAt);
    const refusedOverHttp = async (method: string, path: string, body?: object): Promise<number> => {
      const answer = await callApi(caller, method, path, body);
      const waitedMs = passed();
      expect([answer.status, answer.body.code]).toEqual([503, "unavailable"]);
      expect(answer.headers.get("content-type")).toStartWith("application/problem+json");
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      return waitedMs;
    };
    const refusedOnSocket = async (): Promise<number> => {
      const answer = await client.request("task_create", { project_id: projectId, title: "never" }).catch(String);
      const waitedMs = passed();
      expect(answer).toStartWith("Refused: unavailable");
      return waitedMs;
    };
    const notReady = async (): Promise<number> => {
      while ((await fetch(`${server.url}/health/ready`)).status !== 503 && passed() < 2 * noticeMs) await Bun.sleep(20);
      return passed();
    };
    const waits = await Promise.all([
      refusedOverHttp("GET", `/api/projects/${projectId}/snapshot`),
      refusedOverHttp("POST", `/api/projects/${projectId}/tasks`, { title: "never" }),
      refusedOnSocket(),
      notReady(),
    ]);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    return waits;
  } finally {
    await outage.end();
    client.close();
  }
}

/** From the end of the outage until the server says it is ready and a write goes through, in ms. */
async function untilHealthy(server: ServerProcess, load: Load): Promise<number> {
  const startedAt = performance.now();
  const token = await server.token("writer-1");
  const title = `after the outage ${startedAt}`;
  for (;;) {
    const ready = (await fetch(`${server.url}/health/ready`)).status === 200;
    if (ready && (await writes({ url: server.url, token }, load.targets[0]?.projectId ?? "", title))) break;
    await Bun.sleep(20); // a health check polls
  }
  return Math.round(performance.now() - startedAt);
}

async function writes(caller: { url: string; token: string }, projectId: string, title: string): Promise<boolean> {
  try {
    const client = await openClient(caller);
    await client.request("task_create", { project_id: projectId, title, mutation_id: title });
    client.close();
    return true;
  } catch (error) {
    if (error instanceof ConnectionLost || (error instanceof Refused && error.error.code === "unavailable"))
      return false;
    throw error;
  }
}
