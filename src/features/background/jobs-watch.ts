/** A server without jobs says so when no other one runs them: what it leaves to them waits. */
import type { CancelTimer, Clock } from "../../core/clock.ts";
import type { Part } from "../../core/lifecycle.ts";
import type { Log } from "../../core/log.ts";
import type { Others } from "../../jobs/turns.ts";

export interface JobsWatchOptions extends Others {
  readonly clock: Clock;
  readonly log: Log;
}

const lookMs = 2_000;
/** Looks in a row, 10 s: one that is started again, or after this one, is not missed. */
const patience = 5;

export function createJobsWatch({ peers, connected, clock, log }: JobsWatchOptions): Part {
  let missed = 0;
  let stopLooking: CancelTimer = () => {};
  const look = (): void => {
    if (peers.withJobs().size > 0) {
      if (missed >= patience) log.info({}, "a server runs jobs again");
      missed = 0;
    } else if (connected() && ++missed === patience) {
      log.warn({}, 'no server runs jobs: notifications, reminders and mail wait. Start one with "jobs" in ROLES');
    }
  };
  return {
    name: "jobs watch",
    start() {
      stopLooking = clock.setInterval(look, lookMs);
    },
    stop: () => stopLooking(),
  };
}
