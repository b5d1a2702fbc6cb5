/** Jobs that do nothing: what the queue itself costs, from the claim to the end of each. */

import { systemClock } from "../../../src/core/clock.ts";
import { createLog } from "../../../src/core/log.ts";
import { migrateUp } from "../../../src/db/migrate.ts";
import { type Database, openDatabase } from "../../../src/db/open.ts";
import { createJobLoop, type JobLoop } from "../../../src/jobs/loop.ts";
import { enqueue, type Job, type NewJob } from "../../../src/jobs/queue.ts";
import { percentile } from "../../support/load.ts";
import { median } from "../harness.ts";
import { type Bench, type Scenario, withFolder, withPostgres } from "../scenario.ts";

/** Jobs that wait at the start of a round; the embedded database has fewer, that a round takes a few seconds on both. */
const waiting = { postgres: 30_000, embedded: 8_000 } as const satisfies Record<Database["kind"], number>;
const promised = { postgres: 3_000, embedded: 800 } as const satisfies Record<Database["kind"], number>;
const names = { postgres: "PostgreSQL", embedded: "embedded" } as const satisfies Record<Database["kind"], string>;
const concurrency = 256;
const alone = 200;

interface Got {
  readonly perSecond: number;
  /** From the commit of a job, nothing else being there, to its beginning. */
  readonly waitMs: number;
}

export const jobs: Scenario = (bench) =>
  withPostgres((postgres) =>
    withFolder(async (dataDir) => {
      await measure(bench, await openDatabase({ databaseUrl: await postgres.createDatabase(), dataDir, poolSize: 4 }));
      await measure(bench, await openDatabase({ dataDir, poolSize: 1 }));
    }),
  );

async function measure({ rounds, lines }: Bench, database: Database): Promise<void> {
  await migrateUp(database);
  const all: Got[] = [];
  for (let round = 0; round < rounds; round++)
    all.push({ perSecond: await drain(database, waiting[database.kind]), waitMs: await waitAlone(database) });
  const name = names[database.kind];
  await database.close();
  lines.add({
    scenario: "jobs",
    case: `${name}, empty jobs that wait`,
    measure: "jobs/s",
    taskwire: median(all.map(({ perSecond }) => perSecond)),
    unit: "jobs/s",
    bound: { of: "value", is: "at least", figure: promised[database.kind] },
  });
  lines.add({
    scenario: "jobs",
    case: `${name}, one job at a time`,
    measure: "ms from its commit to its beginning, p99",
    taskwire: median(all.map(({ waitMs }) => waitMs)),
  });
}

const log = createLog({ logLevel: "error", logFormat: "json" });

const startLoop = (database: Database, run: (job: Job) => void): JobLoop => {
  const backoff = { firstMs: 1_000, maxMs: 1_000 };
  const kind = { name: "empty", concurrency, attemptsMax: 3, backoff, run: async (job: Job) => run(job) };
  const loop = createJobLoop({ database, clock: systemClock, log, kinds: [kind] });
  loop.start();
  return loop;
};

const add = (database: Database, jobs: readonly NewJob[]) => database.orm.transaction((orm) => enqueue(orm, jobs));

/** Jobs a second, until none has a row any more. Throws where one ran twice. */
async function drain(database: Database, count: number): Promise<number> {
  const batch = Array.from({ length: 1_000 }, (): NewJob => ({ kind: "empty", payload: {} }));
  for (let made = 0; made < count; made += batch.length) await add(database, batch);
  await database.sql`analyze jobs`;
  const ran = new Set<string>();
  const done = Promise.withResolvers<void>();
  let runs = 0;
  const from = performance.now();
  const loop = startLoop(database, ({ id }) => {
    ran.add(id);
    if (++runs === count) done.resolve();
  });
  await done.promise;
  await loop.stop();
  const seconds = (performance.now() - from) / 1_000;
  const left = await database.sql`select from jobs limit 1`;
  if (left.length > 0 || ran.size !== count || runs !== count) throw new Error(`${runs} runs of ${count} jobs`);
  return count / seconds;
}

/** Milliseconds, p99. */
async function waitAlone(database: Database): Promise<number> {
  let began = Promise.withResolvers<void>();
  const loop = startLoop(database, () => began.resolve());
  const waitsMs: number[] = [];
  for (let i = 0; i < alone; i++) {
    began = Promise.withResolvers<void>();
    await add(database, [{ kind: "empty", payload: {} }]);
    const from = performance.now();
    loop.wake();
    await began.promise;
    waitsMs.push(performance.now() - from);
  }
  await loop.stop();
  return percentile(waitsMs, 0.99);
}
