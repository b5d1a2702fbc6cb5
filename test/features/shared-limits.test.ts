import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createMeter, type Meter } from "../../src/core/meter.ts";
import type { Limiter } from "../../src/core/rate-limit.ts";
import { createRedis, type Redis } from "../../src/core/redis.ts";
import { createSharedLimits } from "../../src/core/shared-limits.ts";
import { createMovableClock } from "../support/clock.ts";
import { hasRedis, startRedis, type TestRedis } from "../support/redis.ts";

describe.if(hasRedis())("[S8] limits counted over Redis", () => {
  let server: TestRedis;
  const nodes: Redis[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const node of nodes) node.stop();
    await server.stop();
  });

  interface Node {
    readonly limiter: Limiter;
    readonly redis: Redis;
    readonly meter: Meter;
  }

  /** Three uses in a minute, counted by `count` servers of one installation. */
  async function open(count: number, prefix: string): Promise<Node[]> {
    const started: Node[] = [];
    for (let i = 0; i < count; i++) {
      const redis = createRedis({ url: server.url });
      await redis.start();
      nodes.push(redis);
      const meter = createMeter();
      const make = createSharedLimits({ keyspace: { redis, prefix }, clock: createMovableClock(), meter });
      started.push({ limiter: make({ name: "test", limit: 3, windowMs: 60_000 }), redis, meter });
    }
    return started;
  }

  test("three servers together admit as many uses as one alone, and each says how long to wait", async () => {
    const [a, b, c] = await open(3, "together:");
    for (const node of [a, b, c]) expect(await node?.limiter.take("ana")).toBe(0);
    for (const node of [a, b, c]) {
      const waitMs = await node?.limiter.take("ana");
      expect(waitMs).toBeGreaterThan(58_000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      expect(await node?.limiter.wait("ana")).toBeGreaterThan(58_000);
      expect(await node?.limiter.wait("bo")).toBe(0);
    }
    expect(await a?.limiter.take("bo")).toBe(0);
  });

  test("the window ends with the time Redis keeps, and keys name nobody", async () => {
    const [a, b] = await open(2, "window:");
    for (const node of [a, b, a]) expect(await node?.limiter.take("ana@example.org")).toBe(0);
    expect(await b?.limiter.take("ana@example.org")).toBeGreaterThan(0);
    const key = String(await a?.redis.send("KEYS", ["window:*"]));
    expect(key).toMatch(/^window:limit:test:[\w-]{22}$/);
    // What is left of the minute passes at once: Redis has its own clock.
    await a?.redis.send("PEXPIRE", [key, "1"]);
    while (Number(await a?.redis.send("EXISTS", [key])) > 0);
    expect(await b?.limiter.take("ana@example.org")).toBe(0);
  });

  test("installations on one Redis do not count for each other", async () => {
    const [[a], [b]] = [await open(1, "one:"), await open(1, "other:")];
    for (let i = 0; i < 3; i++) await a?.limiter.take("ana");
    expect(await b?.limiter.take("ana")).toBe(0);
  });

  test("when Redis fails each server goes on by itself at once, and together again when it is back", async () => {
    const [a, b] = await open(2, "failing:");
    for (const node of [a, b]) expect(await node?.limiter.take("ana")).toBe(0);
    server.pause();
    const startedMs = performance.now();
    expect(await a?.limiter.take("ana")).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(450);
    expect(a?.limiter.take("ana")).toBe(0); // a number and no promise: nobody is asked
    expect(a?.limiter.take("ana")).toBeGreaterThan(0); // the fourth use that this server saw
    expect([a?.meter.limitsAlone, b?.meter.limitsAlone]).toEqual([2, 0]);
    server.resume();
    while (!a?.redis.up() || !b?.redis.up()) await Bun.sleep(5);
    for (const node of [a, b, a]) expect(await node?.limiter.take("ben")).toBe(0);
    expect(await b?.limiter.take("ben")).toBeGreaterThan(0);
  });
});
