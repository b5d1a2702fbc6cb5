import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Database } from "../../src/db/open.ts";
import { createJobLoop, Hopeless, type JobKind, type JobLoop } from "../../src/jobs/loop.ts";
import { cancel, claim, enqueue, finish, type Job, type NewJob, renew } from "../../src/jobs/queue.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { silent } from "../support/nodes.ts";

const second = 1_000;
const other = "00000000-0000-7000-8000-00000000000b";

for (const { name, open } of databases) {
  describe(`jobs on ${name}`, () => {
    let db: TestDatabase;
    const loops: JobLoop[] = [];
    beforeAll(async () => {
      db = await open();
    });
    afterEach(async () => {
      for (const loop of loops.splice(0)) await loop.stop();
      await db.database.sql`delete from jobs`;
    });
    afterAll(() => db.close());

    const add = (...jobs: NewJob[]) => db.database.orm.transaction((orm) => enqueue(orm, jobs));
    const rows = async () =>
      db.database.sql<{ kind: string; attempts: number; last_error: string | null; dead: boolean; due: boolean }[]>`
        select kind, attempts, last_error, dead_at is not null as dead, due_at <= now() as due from jobs order by id`;

    /** A loop whose ticks the test makes. */
    const start = (...kinds: Partial<JobKind>[]) => startOn(db.database, ...kinds);
    const startOn = (database: Database, ...kinds: Partial<JobKind>[]) => {
      const clock = createMovableClock();
      const loop = createJobLoop({
        database,
        clock,
        log: silent,
        kinds: kinds.map((kind) => ({
          name: "work",
          concurrency: 4,
          attemptsMax: 3,
          backoff: { firstMs: 1, maxMs: 1 },
          run: async () => {},
          ...kind,
        })),
      });
      loops.push(loop);
      loop.start();
      return { loop, clock };
    };

    /** Collects what runs and settles when so many did. */
    const collect = (count: number) => {
      const jobs: Job[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const run = async (job: Job) => {
        jobs.push(job);
        if (jobs.length === count) resolve();
      };
      return { jobs, run, all: promise };
    };
    const gone = async (clock: { advance(ms: number): void }) => {
      while ((await rows()).length > 0) clock.advance(second);
    };

    test("a job that was committed runs once and is gone", async () => {
      const work = collect(50);
      const { loop, clock } = start({ run: work.run });
      await add(...Array.from({ length: 50 }, (_, n): NewJob => ({ kind: "work", payload: { n } })));
      loop.wake();
      await work.all;
      await gone(clock);
      expect(new Set(work.jobs.map(({ payload }) => JSON.stringify(payload)))).toEqual(
        new Set(Array.from({ length: 50 }, (_, n) => JSON.stringify({ n }))),
      );
      expect(work.jobs.length).toBe(50);
      expect(work.jobs.every(({ attempt }) => attempt === 1)).toBe(true);
    });

    test("a job of a transaction that was rolled back never runs", async () => {
      const work = collect(1);
      const { loop } = start({ run: work.run });
      const rolledBack = db.database.orm.transaction(async (orm) => {
        await enqueue(orm, [{ kind: "work", payload: { n: "never" } }]);
        throw new Error("no");
      });
      expect(await rolledBack.catch((error: Error) => error.message)).toBe("no");
      await add({ kind: "work", payload: { n: "committed" } });
      loop.wake();
      await work.all;
      expect(work.jobs.map(({ payload }) => payload)).toEqual([{ n: "committed" }]);
    });

    test("two loops share jobs, and each runs once", async () => {
      const work = collect(300);
      const [a, b] = [start({ run: work.run }), start({ run: work.run })];
      await add(...Array.from({ length: 300 }, (_, n): NewJob => ({ kind: "work", payload: { n } })));
      a.loop.wake();
      b.loop.wake();
      await work.all;
      await gone(a.clock);
      expect(new Set(work.jobs.map(({ id }) => id)).size).toBe(300);
      expect(work.jobs.length).toBe(300);
    });

    test("no more of a kind run at a time than it allows, whatever other kinds do", async () => {
      let now = 0;
      let most = 0;
      const release = Promise.withResolvers<void>();
      const quick = collect(5);
      const slow: Partial<JobKind> = {
        name: "slow",
        concurrency: 2,
        async run() {
          most = Math.max(most, ++now);
          await release.promise;
          now--;
        },
      };
      const { loop, clock } = start(slow, { name: "quick", run: quick.run });
      await add(...Array.from({ length: 6 }, (): NewJob => ({ kind: "slow", payload: {} })));
      await add(...Array.from({ length: 5 }, (): NewJob => ({ kind: "quick", payload: {} })));
      loop.wake();
      await quick.all;
      release.resolve();
      await gone(clock);
      expect(most).toBe(2);
    });

    test("what is more urgent goes first, then what was due first, and nothing before its time", async () => {
      const at = (ms: number) => new Date(Date.now() + ms).toISOString();
      await add(
        { kind: "work", payload: { n: "later" }, runAt: at(3_600_000), priority: 0 },
        { kind: "work", payload: { n: 3 }, runAt: at(-1_000), priority: 2 },
        { kind: "work", payload: { n: 2 }, runAt: at(-1_000) },
        { kind: "work", payload: { n: 1 }, runAt: at(-2_000) },
        { kind: "work", payload: { n: 0 }, priority: 0, runAt: at(-10) },
      );
      const work = collect(4);
      start({ concurrency: 1, run: work.run });
      await work.all;
      expect(work.jobs.map(({ payload }) => payload)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
      await loops.splice(0)[0]?.stop();
      expect(await rows()).toMatchObject([{ attempts: 0, due: false }]);
    });

    test("of a kind and key one waits; it may come again when the first is done", async () => {
      await add({ kind: "work", key: "k", payload: { n: 1 } });
      await add({ kind: "work", key: "k", payload: { n: 2 } });
      await add({ kind: "other", key: "k", payload: { n: 3 } });
      const work = collect(1);
      const { loop, clock } = start({ run: work.run });
      await work.all;
      while ((await rows()).length > 1) clock.advance(second);
      await add({ kind: "work", key: "k", payload: { n: 4 } });
      loop.wake();
      while ((await rows()).length > 1) clock.advance(second);
      expect(work.jobs.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 4 }]);
    });

    test("a job that fails is tried again after a while, and is kept as dead after its last attempt", async () => {
      const attempts: number[] = [];
      const { clock } = start({
        async run({ attempt }) {
          attempts.push(attempt);
          throw new Error(`failure ${attempt}`);
        },
      });
      await add({ kind: "work", payload: {} });
      while (!(await rows())[0]?.dead) clock.advance(second);
      expect(attempts).toEqual([1, 2, 3]);
      expect(await rows()).toMatchObject([{ attempts: 3, last_error: "failure 3", dead: true }]);
    });

    test("a job that takes its process along each time is given up", async () => {
      await add({ kind: "work", payload: {} });
      // As three processes left it that died while they had it.
      await db.database.sql`update jobs set attempts = 3, claimed_by = ${other}, due_at = now() - interval '1 s'`;
      const { clock } = start({ attemptsMax: 3 });
      while (!(await rows())[0]?.dead) clock.advance(second);
      expect((await rows())[0]?.last_error).toContain("given up");
    });

    test("a hopeless job is dead at once", async () => {
      const { clock } = start({
        async run() {
          throw new Hopeless("there is no such address");
        },
      });
      await add({ kind: "work", payload: {} });
      while (!(await rows())[0]?.dead) clock.advance(second);
      expect(await rows()).toMatchObject([{ attempts: 1, last_error: "there is no such address" }]);
    });

    test("the job of a process that died is taken over when its lease is over, not before", async () => {
      await add({ kind: "work", payload: { n: 1 } }, { kind: "work", payload: { n: 2 } });
      const rooms = [{ kind: "work", free: 1 }];
      expect(await claim(db.database, crypto.randomUUID(), rooms, 60_000)).toHaveLength(1);
      const [dead] = await claim(db.database, other, rooms, -second);
      const work = collect(1);
      start({ run: work.run });
      await work.all;
      expect(work.jobs).toMatchObject([{ id: dead?.id, attempt: 2 }]);
    });

    test("who lost a lease can neither renew nor finish what another does now", async () => {
      await add({ kind: "work", payload: {} });
      const rooms = [{ kind: "work", free: 1 }];
      const first = await claim(db.database, other, rooms, -second);
      const taken = await claim(db.database, crypto.randomUUID(), rooms, 60_000);
      expect(taken.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
      expect([...(await renew(db.database, other, first, 60_000))]).toEqual([]);
      await finish(db.database, other, first);
      expect(await rows()).toMatchObject([{ attempts: 2 }]);
    });

    test("a running job keeps its lease, also one that was renewed too late, and hears when it is cancelled", async () => {
      const running = Promise.withResolvers<void>();
      const beside = Promise.withResolvers<void>();
      const aborted = Promise.withResolvers<void>();
      const ran: (string | null)[] = [];
      const { loop, clock } = start({
        async run({ key }, { signal }) {
          ran.push(key);
          if (key === "beside") return beside.resolve();
          const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          running.resolve();
          await stopped;
          aborted.resolve();
        },
      });
      await add({ kind: "work", key: "long", payload: {} });
      loop.wake();
      await running.promise;
      // Its lease is over before it was renewed, while the loop has room for more of its kind and looks for it.
      await db.database.sql`update jobs set due_at = now()`;
      await add({ kind: "work", key: "beside", payload: {} });
      loop.wake();
      await beside.promise;
      while ((await rows())[0]?.due) clock.advance(second);
      while ((await rows()).length > 1);
      expect(await rows()).toMatchObject([{ attempts: 1, due: false }]);
      expect(await claim(db.database, other, [{ kind: "work", free: 1 }], second)).toEqual([]);
      expect(await db.database.orm.transaction((orm) => cancel(orm, "work", "long"))).toBe(true);
      expect(await db.database.orm.transaction((orm) => cancel(orm, "work", "long"))).toBe(false);
      const tick = setInterval(() => clock.advance(second), 5);
      await aborted.promise;
      clearInterval(tick);
      expect(ran).toEqual(["long", "beside"]);
    });

    test("a renewal that comes late takes nothing away from the next attempt", async () => {
      const release = Promise.withResolvers<void>();
      let renewal: Promise<unknown> | undefined;
      let holds = false;
      const guard: Database["guard"] = (work) => {
        if (!holds) return db.database.guard(work);
        holds = false;
        const late = release.promise.then(() => db.database.guard(work));
        renewal = late;
        return late;
      };
      const fail = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      const signals: AbortSignal[] = [];
      const { loop, clock } = startOn(
        { ...db.database, guard },
        {
          concurrency: 1,
          async run({ attempt }, { signal }) {
            signals.push(signal);
            if (attempt > 1) return end.promise;
            await fail.promise;
            throw new Error("once");
          },
        },
      );
      await add({ kind: "work", payload: {} });
      loop.wake();
      while (signals.length < 1) await rows();
      // Its only room is taken: what the loop asks next is to keep it.
      holds = true;
      while (holds) clock.advance(second);
      fail.resolve();
      for (; signals.length < 2; await rows()) clock.advance(second);
      release.resolve();
      await renewal;
      expect(await rows()).toMatchObject([{ attempts: 2 }]);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
      end.resolve();
      await gone(clock);
    });

    test("a stop waits for what runs; what is late is given back at once, and its attempt does not count", async () => {
      const running = Promise.withResolvers<void>();
      const { loop } = start({
        run: (_, { signal }) => {
          running.resolve();
          return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
        },
      });
      await add({ kind: "work", payload: {} });
      loop.wake();
      await running.promise;
      await loop.stop(AbortSignal.abort());
      expect(await rows()).toMatchObject([{ attempts: 0, due: true, dead: false }]);
      const work = collect(1);
      start({ run: work.run });
      await work.all;
      expect(work.jobs).toMatchObject([{ attempt: 1 }]);
    });
  });
}
