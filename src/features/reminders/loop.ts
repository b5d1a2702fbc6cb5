/** The tick that tells reminders, and now and then forgets what was told long ago. */
import type { CancelTimer, Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Store } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { systemCtx } from "../../realtime/log.ts";
import type { Available } from "../notifications/settings.ts";
import { type Fired, fireDue } from "./fire.ts";

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

export function createReminderLoop({ store, clock, log, available, tickMs, wake }: ReminderLoopOptions): ReminderLoop {
  const ctx = systemCtx({ store }, "reminders");
  let running: Promise<void> | undefined;
  let stopped = false;
  let timers: CancelTimer[] = [];

  const failed = (error: unknown): void =>
    log.warn({ err: error }, "reminders could not be told; the next tick tries again");

  /** One at a time: a tick that falls into a long run is passed over. */
  const run = (work: () => Promise<void>): void => {
    if (stopped) return;
    running ??= work()
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
  };

  const fire = async (): Promise<void> => {
    const { told }: Fired = await fireDue(ctx, available, () => !stopped);
    if (told > 0) wake();
  };

  const forget = async (): Promise<void> => {
    while (!stopped) {
      const gone = await query(ctx, forgetSql, []);
      if (gone.length < forgetMax) return;
    }
  };

  return {
    start() {
      timers = [clock.setInterval(() => run(fire), tickMs), clock.setInterval(() => run(forget), forgetMs)];
      run(fire);
    },
    async stop() {
      stopped = true;
      for (const cancel of timers) cancel();
      await running;
    },
  };
}
