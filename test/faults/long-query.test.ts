import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { createApp } from "../../src/app.ts";
import { loadConfig } from "../../src/core/config.ts";
import type { Database } from "../../src/db/open.ts";
import { openClient } from "../support/contract-client.ts";
import { faultKinds, report, rounds, roundsTimeoutMs, total } from "./rounds.ts";

const rows = 2_000_000;
const secret = "a secret that only this test and its server know";
/** Shorter than this, and nothing was held up that could have been. */
const shortestMs = 250;

for (const kind of await faultKinds()) {
  describe(`a query over 2,000,000 rows, ${kind.name}`, () => {
    test(
      "does not hold up the sockets of the same process",
      async () => {
        const dataDir = mkdtempSync(join(tmpdir(), "taskwire-long-"));
        const url = await kind.database();
        const app = createApp(
          loadConfig({
            MODE: "test",
            PORT: "0",
            DATA_DIR: dataDir,
            TRUSTED_JWT_SECRET: secret,
            RATE_LIMIT_ENABLED: "false",
            LOG_LEVEL: "error",
            ...(url && { DATABASE_URL: url }),
          }),
        );
        const started = await app.start();
        try {
          const slowest: Beside = { query_max_ms: 0, echo_max_ms: 0 };
          for (let round = 0; round < rounds; round++) {
            const { query_max_ms, echo_max_ms } = await echoBeside(started.url, started.database);
            slowest.query_max_ms = Math.max(slowest.query_max_ms, query_max_ms);
            slowest.echo_max_ms = Math.max(slowest.echo_max_ms, echo_max_ms);
          }
          report("a query over 2,000,000 rows", kind.name, total([]), { ...slowest });
        } finally {
          await app.stop();
          rmSync(dataDir, { recursive: true, force: true });
        }
      },
      roundsTimeoutMs,
    );
  });
}

interface Beside {
  query_max_ms: number;
  echo_max_ms: number;
}

/** Round trips of one socket while the query runs, against as long without it. */
async function echoBeside(url: string, database: Database): Promise<Beside> {
  const key = new TextEncoder().encode(secret);
  const token = await new SignJWT({ sub: "echo", name: "Echo" })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(key);
  const client = await openClient({ url, token });
  let trips = 0;
  let slowestMs = 0;
  const echoUntil = async (over: () => boolean): Promise<void> => {
    trips = 0;
    slowestMs = 0;
    while (!over()) {
      const sentAt = performance.now();
      await client.request("ping", {});
      slowestMs = Math.max(slowestMs, performance.now() - sentAt);
      trips++;
    }
  };
  const startedAt = performance.now();
  let done = false;
  const query = database.sql
    .unsafe<{ count: string }[]>(`select count(*) as count from generate_series(1, ${rows}) n where md5(n::text) > ''`)
    .then((answer) => {
      done = true;
      return answer;
    });
  await echoUntil(() => done);
  const [during, slowestDuringMs] = [trips, slowestMs];
  const tookMs = performance.now() - startedAt;
  expect(Number((await query)[0]?.count)).toBe(rows);
  expect(tookMs).toBeGreaterThan(shortestMs);

  const quietUntil = performance.now() + tookMs;
  await echoUntil(() => performance.now() > quietUntil);
  client.close();
  // A loop that is held up makes one round trip, as slow as the query. The machine's cores are shared: a tenth is fair.
  expect(during).toBeGreaterThan(trips / 10);
  expect(slowestDuringMs).toBeLessThan(tookMs / 2);
  return { query_max_ms: Math.round(tookMs), echo_max_ms: Math.round(slowestDuringMs) };
}
