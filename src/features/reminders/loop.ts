/** The tick that tells reminders, and now and then forgets what was told long ago. */
import type { CancelTimer, Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { createMeter, type Meter, recordLateness } from "../../core/meter.ts";
import type { Store } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { systemCtx } from "../../realtime/log.ts";
import type { Available } from "../notifications/settings.ts";
import { type Fired, fireDue } from "./fire.ts";
import { planFirst } from "./first-plan.ts";

export interface ReminderLoop {
  start(): void;
  /** Settles when the batch under way is told. */
  stop(): Promise<void>;
}

export interface ReminderLoopOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly available: Available;
  readonly tickMs: number;
  /** Absent: nobody wants to know how late they were. */
  readonly meter?: Meter;
  /** Mail or push may have been asked for. */
  readonly wake: () => void;
}

const forgetMs = 60 * 60 * 1_000;
const forgetMax = 1_000;

/**
 * A row that was told keeps its occurrence from being made again, which may happen only as long as the log behind it is
 * not read to its end. Its inbox entry lives on by itself.
 */
const forgetSql = `delete from reminders where id = any(array(
  select id from reminders where fired_at < now() - interval '30 days' order by fired_at limit ${forgetMax}))
  returning id`;

export function createReminderLoop(options: ReminderLoopOptions): ReminderLoop {
  const { store, clock, log, available, tickMs, wake, meter = createMeter() } = options;
  const ctx = systemCtx({ store }, "reminders");
  const running = new Set<Promise<void>>();
  let stopped = false;
  let timers: CancelTimer[] = [];

  const failed = (error: unknown): void =>
    log.warn({ err: error }, "reminders could not be told; the next tick tries again");

  /** One run at a time of each kind of work: a tick that falls into a long one is passed over. */
  const oneByOne = (work: () => Promise<void>): (() => void) => {
    let under: Promise<void> | undefined;
    return () => {
      if (stopped || under) return;
      const run = work()
        .catch(failed)
        .finally(() => {
          under = undefined;
          running.delete(run);
        });
      under = run;
      running.add(run);
    };
  };

  const fire = oneByOne(async () => {
    const { told }: Fired = await fireDue(
      ctx,
      available,
      () => !stopped,
      (kind, seconds) => recordLateness(meter, kind, seconds),
    );
    if (told > 0) wake();
  });

  let planned = false;
  const plan = oneByOne(async () => {
    await planFirst(ctx, () => !stopped);
    planned = true;
  });

  const forget = oneByOne(async () => {
    while (!stopped) {
      const gone = await query(ctx, forgetSql, []);
      if (gone.length < forgetMax) return;
    }
  });

  const tick = (): void => {
    fire();
    if (!planned) plan();
  };

  return {
    start() {
      timers = [clock.setInterval(tick, tickMs), clock.setInterval(forget, forgetMs)];
      tick();
    },
    async stop() {
      stopped = true;
      for (const cancel of timers) cancel();
      await Promise.all(running);
    },
  };
}
