import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createRedis } from "../../src/core/redis.ts";
import type { RoomName } from "../../src/protocol/rooms.ts";
import type { Broker } from "../../src/realtime/broker/broker.ts";
import { createMemoryBroker, createMemoryBus } from "../../src/realtime/broker/memory.ts";
import { createPostgresBroker } from "../../src/realtime/broker/postgres.ts";
import { createRedisBroker } from "../../src/realtime/broker/redis.ts";
import { joinProject } from "../../src/realtime/join.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { createFaultyBroker } from "../support/faulty-broker.ts";
import { makeActor, makeNode, makeProject, type TestNode, write } from "../support/nodes.ts";
import { createRandom } from "../support/random.ts";
import { hasRedis, startRedis } from "../support/redis.ts";

const redisServer = hasRedis() ? await startRedis() : undefined;
afterAll(() => redisServer?.stop());

interface Case {
  readonly name: string;
  readonly database: (typeof databases)[number];
  /** A fresh pair of brokers that reach each other. */
  readonly pair: (db: TestDatabase) => readonly [Broker, Broker];
}

const cases: Case[] = databases.flatMap((database): Case[] => {
  const memory: Case = {
    name: `memory, on ${database.name}`,
    database,
    pair() {
      const bus = createMemoryBus();
      return [createMemoryBroker(bus), createMemoryBroker(bus)];
    },
  };
  if (database.kind !== "postgres") return [memory];
  const postgres: Case = {
    name: "postgres",
    database,
    pair(db) {
      const make = () => createPostgresBroker({ databaseUrl: db.url ?? "", failed: () => {} });
      return [make(), make()];
    },
  };
  if (!redisServer) return [memory, postgres];
  const redis: Case = {
    name: "redis",
    database,
    pair() {
      const prefix = `${Bun.randomUUIDv7()}:`;
      return [createOwnRedisBroker(redisServer.url, prefix), createOwnRedisBroker(redisServer.url, prefix)];
    },
  };
  return [memory, postgres, redis];
});

/** With a connection that speaks for it alone. */
function createOwnRedisBroker(url: string, prefix: string): Broker {
  const redis = createRedis({ url });
  const broker = createRedisBroker({ redis, url, prefix });
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

for (const { name, database, pair } of cases) {
  describe(`broker ${name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await database.open();
    });
    afterAll(() => db.close());

    const between = async (run: (a: TestNode, b: TestNode) => Promise<void>, brokers = pair(db)) => {
      const [a, b] = [makeNode(db.database, brokers[0]), makeNode(db.database, brokers[1])];
      await a.node.start();
      await b.node.start();
      try {
        await meet(a, b, "project:from-a");
        await meet(b, a, "project:from-b");
        await run(a, b);
      } finally {
        await a.node.stop();
        await b.node.stop();
      }
    };
    /** A node that has not heard of another one yet keeps quiet: says something until the other hears it. */
    const meet = async (from: TestNode, to: TestNode, room: RoomName) => {
      let met = false;
      void to.heard(room, 1).then(() => {
        met = true;
      });
      while (!met) {
        from.node.cast(room, "{}");
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const join = (node: TestNode, projectId: string, actor: ReturnType<typeof makeActor>) =>
      joinProject({ database: db.database, ...node.node.live }, node.connect(actor), projectId, undefined);
    const seqs = (frames: readonly string[]) => frames.map((frame) => Number(/"seq":(\d+)/.exec(frame)?.[1]));
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

    test("[S6] two nodes publish the same events in the same order", () =>
      between(async (a, b) => {
        const ana = makeActor("Ana");
        const project = await makeProject(db.database, [ana], 5);
        await join(a, project.id, ana);
        await join(b, project.id, ana);
        await Promise.all(Array.from({ length: 60 }, (_, i) => write(i % 2 ? a : b, project, ana, `title ${i}`)));
        const [atA, atB] = [await a.heard(project.room, 60), await b.heard(project.room, 60)];
        expect(seqs(atA)).toEqual(upTo(60));
        expect(atB).toEqual([...atA]);
      }));

    test("ephemeral frames reach the listeners of another node", () =>
      between(async (a, b) => {
        const ana = makeActor("Ana");
        const project = await makeProject(db.database, [ana], 1);
        await join(b, project.id, ana);
        await join(a, project.id, ana);
        const frame = '{"event":"user_typing_status","data":{}}';
        const heard = b.heard(project.room, 1);
        a.node.cast(project.room, frame);
        expect(await heard).toEqual([frame]);
      }));

    test("[S6] a broker that loses, doubles and reorders delays events, and never loses, doubles or reorders one", async () => {
      const random = createRandom(7);
      const [first, second] = pair(db);
      const [fa, fb] = [createFaultyBroker(first, random), createFaultyBroker(second, random)];
      await between(
        async (a, b) => {
          const ana = makeActor("Ana");
          const project = await makeProject(db.database, [ana], 5);
          await join(a, project.id, ana);
          await join(b, project.id, ana);
          const lostBefore = fa.faults.lost + fb.faults.lost;
          for (let i = 0; i < 80; i++) await write(i % 3 ? a : b, project, ana, `title ${i}`);
          // The poll every five seconds repairs what was lost.
          a.clock.advance(5_000);
          b.clock.advance(5_000);
          const [atA, atB] = [await a.heard(project.room, 80), await b.heard(project.room, 80)];
          expect(seqs(atA)).toEqual(upTo(80));
          expect(atB).toEqual([...atA]);
          expect(fa.faults.lost + fb.faults.lost).toBeGreaterThan(lostBefore);
        },
        [fa, fb],
      );
    });
  });
}
