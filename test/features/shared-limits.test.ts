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

  /** Three uses in `windowMs`, counted by `count` servers of one installation. */
  async function open(count: number, prefix: string, windowMs = 60_000): Promise<Node[]> {
    const started: Node[] = [];
    for (let i = 0; i < count; i++) {
      const redis = createRedis({ url: server.url });
      await redis.start();
      nodes.push(redis);
      const meter = createMeter();
      const make = createSharedLimits({ keyspace: { redis, prefix }, clock: createMovableClock(), meter });
      started.push({ limiter: make({ name: "test", limit: 3, windowMs }), redis, meter });
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
    const [a, b] = await open(2, "window:", 1_000);
    for (const node of [a, b, a]) expect(await node?.limiter.take("ana@example.org")).toBe(0);
    const waitMs = (await b?.limiter.take("ana@example.org")) ?? 0;
    expect(waitMs).toBeGreaterThan(0);
    const keys = String(await a?.redis.send("KEYS", ["window:*"]));
    expect(keys).toMatch(/^window:limit:test:[\w-]{22}$/);
    await Bun.sleep(waitMs + 20); // Redis' own clock: there is no event to wait for
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
    const timed = async (node: Node | undefined) => {
      const startedMs = performance.now();
      const waitMs = await node?.limiter.take("ana");
      return [waitMs, performance.now() - startedMs] as const;
    };
    const [first, firstMs] = await timed(a);
    const [second, secondMs] = await timed(a);
    expect([first, second]).toEqual([0, 0]);
    expect(firstMs).toBeLessThan(450);
    expect(secondMs).toBeLessThan(20);
    expect((await timed(a))[0]).toBeGreaterThan(0); // the fourth use that this server saw
    expect([a?.meter.limitsAlone, b?.meter.limitsAlone]).toEqual([2, 0]);
    server.resume();
    while (!a?.redis.up() || !b?.redis.up()) await Bun.sleep(5);
    for (const node of [a, b, a]) expect(await node?.limiter.take("ben")).toBe(0);
    expect(await b?.limiter.take("ben")).toBeGreaterThan(0);
  });
});
