/** Runs jobs: claims as many as may run, renews their leases, tries again what failed, drains at the stop. */
import type { CancelTimer, Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { createMeter, type Meter, raise, recordSeconds } from "../core/meter.ts";
import type { Database } from "../db/open.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { claim, fail, finish, type Job, release, renew } from "./queue.ts";

export interface JobKind {
  readonly name: string;
  /** Jobs of this kind that run at a time, on this node. */
  readonly concurrency: number;
  /** Attempts until it is dead. */
  readonly attemptsMax: number;
  readonly backoff: Backoff;
  /**
   * Does the work. It may be done twice: a crash between its effect and its end cannot be told from one before. Throws to
   * be tried again, `Hopeless` where that would be in vain.
   */
  readonly run: (job: Job, context: JobContext) => Promise<void>;
}

export interface JobContext {
  /** Aborted when somebody cancelled the job, or took it over. */
  readonly signal: AbortSignal;
  /** This loop, as `endIn` takes it. */
  readonly owner: string;
  /** Whatever is thrown now is final. */
  readonly last: boolean;
}

/** No further attempt would do better. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}

export interface JobLoop {
  start(): void;
  /** Something was committed: look now, and not at the next tick. */
  wake(): void;
  /** Takes nothing any more; what runs may finish until `deadline`, and what does not is given back. */
  stop(deadline?: AbortSignal): Promise<void>;
}

export interface JobLoopOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly kinds: readonly JobKind[];
  /** Absent: nobody wants to know. */
  readonly meter?: Pick<Meter, "jobAttempts" | "jobSeconds">;
  /** Of a process that died, jobs are taken over after at most this and a tick. */
  readonly leaseMs?: number;
  /** Jobs that became due are looked for so often. */
  readonly tickMs?: number | undefined;
}

interface Running {
  readonly job: Job;
  readonly abort: AbortController;
}

const defaultTickMs = 1_000;
const defaultLeaseMs = 6_000;

export function createJobLoop(options: JobLoopOptions): JobLoop {
  const { database, clock, log, kinds, meter = createMeter() } = options;
  const { leaseMs = defaultLeaseMs, tickMs = defaultTickMs } = options;
  const owner = Bun.randomUUIDv7();
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const running = new Map<string, Running>();
  const counts = new Map<string, number>();
  let done: Job[] = [];
  let finishing: Promise<void> | undefined;
  let claiming: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let timers: CancelTimer[] = [];
  const idle: (() => void)[] = [];

  const failed = (error: unknown): void => log.warn({ err: error }, "jobs could not be reached; the next tick tries");

  /** Claims until nothing is due or nothing more may run. One at a time; a wake meanwhile makes it look again. */
  const look = (): void => {
    again = true;
    claiming ??= claimAll()
      .catch(failed)
      .finally(() => {
        claiming = undefined;
      });
  };

  const claimAll = async (): Promise<void> => {
    while (again && !stopped) {
      again = false;
      const rooms = kinds
        .map(({ name, concurrency }) => ({ kind: name, free: concurrency - (counts.get(name) ?? 0) }))
        .filter(({ free }) => free > 0);
      if (rooms.length === 0) return;
      const jobs = await database.guard(() => claim(database, owner, rooms, leaseMs, running.keys()));
      for (const job of jobs) void execute(job);
      // A full hand means that there may be more.
      if (jobs.length > 0) again = true;
    }
  };

  const execute = async (job: Job): Promise<void> => {
    const kind = byName.get(job.kind);
    if (!kind) return;
    const abort = new AbortController();
    const from = performance.now();
    const count = (outcome: string): void => raise(meter.jobAttempts, `${kind.name} ${outcome}`);
    running.set(job.id, { job, abort });
    counts.set(job.kind, (counts.get(job.kind) ?? 0) + 1);
    try {
      // Each attempt before ended with its process, or without a word: one more would be no better.
      if (job.attempt > kind.attemptsMax) throw new Hopeless("it was given up after its last attempt was cut off");
      await kind.run(job, { signal: abort.signal, owner, last: job.attempt >= kind.attemptsMax });
      await ended(job);
      count("done");
    } catch (error) {
      // Of a job that was taken away nothing is left to be told.
      count(abort.signal.aborted ? "lost" : isFinal(kind, job, error) ? "dead" : "failed");
      if (!abort.signal.aborted) await lost(kind, job, error).catch(failed);
    } finally {
      recordSeconds(meter.jobSeconds, kind.name, (performance.now() - from) / 1000);
      running.delete(job.id);
      counts.set(job.kind, (counts.get(job.kind) ?? 1) - 1);
      if (!stopped) look();
      if (running.size === 0) for (const resolve of idle.splice(0)) resolve();
    }
  };

  /** Ends are gathered: those that come while a statement is under way go together with the next. */
  const ended = async (job: Job): Promise<void> => {
    done.push(job);
    while (done.includes(job)) {
      finishing ??= flush().finally(() => {
        finishing = undefined;
      });
      await finishing;
    }
  };
  const flush = async (): Promise<void> => {
    // The rest of this tick's ends go along.
    await Promise.resolve();
    const jobs = done;
    done = [];
    await database.guard(() => finish(database, owner, jobs));
  };

  const lost = async (kind: JobKind, job: Job, thrown: unknown): Promise<void> => {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    const dead = isFinal(kind, job, thrown);
    const retryInMs = dead ? undefined : backoffMs(kind.backoff, job.attempt);
    log.warn({ err: thrown, job_id: job.id, kind: job.kind, attempt: job.attempt, dead }, "job failed");
    await database.guard(() => fail(database, owner, { job, error, retryInMs }));
  };

  const renewAll = async (): Promise<void> => {
    const all = [...running.values()];
    const jobs = all.map(({ job }) => job);
    if (jobs.length === 0) return;
    const kept = await database.guard(() => renew(database, owner, jobs, leaseMs));
    // Each of those that ran when it was asked: by now the next attempt of one may run.
    for (const { job, abort } of all) if (!kept.has(job.id)) abort.abort();
  };

  return {
    start() {
      timers = [clock.setInterval(look, tickMs), clock.setInterval(() => void renewAll().catch(failed), leaseMs / 3)];
      look();
    },
    wake: look,
    async stop(deadline) {
      stopped = true;
      timers[0]?.();
      await claiming;
      if (running.size > 0) {
        const drained = new Promise<void>((resolve) => idle.push(resolve));
        const over = new Promise<void>((resolve) => {
          if (deadline?.aborted) resolve();
          deadline?.addEventListener("abort", () => resolve(), { once: true });
        });
        await Promise.race([drained, over]);
      }
      timers[1]?.();
      const left = [...running.values()];
      if (left.length > 0) {
        const jobs = left.map(({ job }) => job);
        await release(database, owner, jobs).catch(failed);
      }
      for (const { abort } of left) abort.abort();
    },
  };
}

const isFinal = ({ attemptsMax }: JobKind, { attempt }: Job, thrown: unknown): boolean =>
  thrown instanceof Hopeless || attempt >= attemptsMax;
