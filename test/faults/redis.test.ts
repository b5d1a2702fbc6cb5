/** Redis fails in every way there is: nodes hear of events later and lose none (G9), and nobody waits for it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createLog } from "../../src/core/log.ts";
import { createRedis, RedisUnavailable } from "../../src/core/redis.ts";
import type { Broker } from "../../src/realtime/broker/broker.ts";
import { createRedisBroker } from "../../src/realtime/broker/redis.ts";
import { joinProject } from "../../src/realtime/join.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeNode, makeProject, write } from "../support/nodes.ts";
import { hasRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { freePort } from "../support/services.ts";

/** Settles when it is so; the test's own deadline ends the wait. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(5);
}

function makeBroker(url: string): Broker {
  const redis = createRedis({ url });
  const broker = createRedisBroker({ redis, url, prefix: "test:" });
  return {
    ...broker,
    async start(listener) {
      await redis.start();
      await broker.start(listener);
    },
    async stop() {
      await broker.stop();
      redis.stop();
    },
  };
}

describe.if(hasRedis())("without Redis events come later and none is lost", () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await (databases[0] ?? expect.unreachable("there is a database")).open();
  });
  afterAll(() => db.close());

  /** Two nodes that hear one project; `fail` breaks Redis, `mend` makes it work again. */
  async function outage(url: string, fail: () => Promise<void> | void, mend: () => Promise<void> | void) {
    const [first, second] = [makeBroker(url), makeBroker(url)];
    const [a, b] = [makeNode(db.database, first), makeNode(db.database, second)];
    await Promise.all([a.node.start(), b.node.start()]);
    try {
      const ana = makeActor("Ana");
      const project = await makeProject(db.database, [ana], 3);
      const join = (node: typeof a) =>
        joinProject({ database: db.database, ...node.node.live }, node.connect(ana), project.id, undefined);
      await Promise.all([join(a), join(b)]);
      // A node's first write prepares its statements: that is no waiting for Redis.
      const before = await makeProject(db.database, [makeActor("Ben")], 1);
      for (const node of [a, b]) await write(node, before, ana, "before");
      await fail();
      await until(() => !first.healthy() && !second.healthy());
      const tookMs: number[] = [];
      for (const [node, title] of [[a, "one"] as const, [a, "two"] as const, [b, "three"] as const]) {
        const startedMs = performance.now();
        await write(node, project, ana, title);
        tookMs.push(performance.now() - startedMs);
      }
      // Nobody waits for Redis, which takes a quarter of a second each time; a slow disk may hold one of them up.
      expect(tookMs.toSorted((x, y) => x - y)[1]).toBeLessThan(200);
      for (const node of [a, b]) node.clock.advance(1_000);
      expect([(await a.heard(project.room, 3)).length, (await b.heard(project.room, 3)).length]).toEqual([3, 3]);
      await mend();
      await until(() => first.healthy() && second.healthy());
      // No clock moves from here on, so no poll goes: what is heard came through Redis.
      await write(a, project, ana, "four");
      const seqs = (await b.heard(project.room, 4)).map((frame) => Number(/"seq":(\d+)/.exec(frame)?.[1]));
      expect(seqs).toEqual([1, 2, 3, 4]);
      return [first.reconnects(), second.reconnects()];
    } finally {
      await Promise.all([a.node.stop(), b.node.stop()]);
    }
  }

  const withRedis = async (run: (redis: TestRedis) => Promise<void>): Promise<void> => {
    const redis = await startRedis();
    try {
      await run(redis);
    } finally {
      redis.resume();
      await redis.stop();
    }
  };

  test("[G9] paused: its connections stay open and nothing answers", () =>
    withRedis(async (redis) => {
      expect(await outage(redis.url, redis.pause, redis.resume)).toEqual([1, 1]);
    }));

  test("[G9] killed and started again", () =>
    withRedis(async (redis) => {
      expect(await outage(redis.url, redis.kill, redis.restart)).toEqual([1, 1]);
    }));

  test("[G9] absent when the nodes start", async () => {
    const port = freePort();
    let late: TestRedis | undefined;
    const start = async () => {
      late = await startRedis({ port });
    };
    try {
      expect(await outage(`redis://127.0.0.1:${port}`, () => {}, start)).toEqual([1, 1]);
    } finally {
      await late?.stop();
    }
  });
});

describe.if(hasRedis())("a connection to Redis", () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis({ password: "correct horse:@/" });
  });
  afterAll(() => server.stop());

  /** What is logged of a Redis that cannot be used, and how fast a command is refused. */
  async function refusal(url: string) {
    const lines: string[] = [];
    const log = createLog({ logLevel: "info", logFormat: "json" }, (line) => void lines.push(line));
    const redis = createRedis({ url, log });
    await redis.start();
    const startedMs = performance.now();
    const error: unknown = await redis.send("PING", []).catch((thrown: unknown) => thrown);
    expect(performance.now() - startedMs).toBeLessThan(50);
    expect([redis.up(), error instanceof RedisUnavailable]).toEqual([false, true]);
    redis.stop();
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain("hunter2");
    return JSON.parse(lines.join("")).reason;
  }

  test("works with a password of any characters", async () => {
    const redis = createRedis({ url: server.url });
    await redis.start();
    expect([redis.up(), await redis.send("PING", [])]).toEqual([true, "PONG"]);
    redis.stop();
  });

  test("says once why Redis cannot be used, and tells no secret", async () => {
    const [port, place] = [freePort(), `127.0.0.1:${server.port}`];
    const refused = `${place} refuses the user or password of REDIS_URL`;
    expect(await refusal(`redis://:hunter2@${place}`)).toBe(refused);
    expect(await refusal(`redis://nobody:hunter2@${place}`)).toBe(refused);
    expect(await refusal(`redis://${place}`)).toBe(refused);
    expect(await refusal(`${server.url}/4711`)).toBe(`${place} says: ERR DB index is out of range`);
    expect(await refusal(`redis://:hunter2@127.0.0.1:${port}`)).toBe(
      `nothing listens at 127.0.0.1:${port} of REDIS_URL`,
    );
    expect(await refusal("redis://nowhere.invalid")).toBe("the host nowhere.invalid of REDIS_URL is not known");
  });

  test("a command is given up after a quarter of a second when Redis is paused, the next one at once", async () => {
    const redis = createRedis({ url: server.url });
    await redis.start();
    server.pause();
    const timed = async () => {
      const startedMs = performance.now();
      const error: unknown = await redis.send("PING", []).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RedisUnavailable);
      return performance.now() - startedMs;
    };
    expect(await timed()).toBeLessThan(450);
    expect(await timed()).toBeLessThan(50);
    server.resume();
    await until(redis.up);
    expect([await redis.send("PING", []), redis.reconnects()]).toEqual(["PONG", 1]);
    redis.stop();
  });
});
