/** A clock that stands still until a test moves it. */
import type { Clock } from "../../src/core/clock.ts";

export interface MovableClock extends Clock {
  /** Moves forward, running every timer that falls due on the way, in order of time, each at its own time. */
  advance(ms: number): void;
  /** Jumps like a wall clock set anew: nothing on the way runs, timers keep their remaining delay. */
  jump(ms: number): void;
}

interface Timer {
  dueAt: number;
  intervalMs: number | undefined;
  run: () => void;
}

export function createMovableClock(startMs = Date.parse("2026-11-21T10:00:00.000Z")): MovableClock {
  let now = startMs;
  const timers = new Set<Timer>();
  const add = (run: () => void, delayMs: number, intervalMs: number | undefined) => {
    const timer = { dueAt: now + delayMs, intervalMs, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.dueAt <= until && (!next || timer.dueAt < next.dueAt)) next = timer;
    return next;
  };
  return {
    now: () => now,
    setTimeout: (run, delayMs) => add(run, delayMs, undefined),
    setInterval: (run, intervalMs) => add(run, intervalMs, Math.max(1, intervalMs)),
    advance(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        now = Math.max(now, timer.dueAt);
        if (timer.intervalMs === undefined) timers.delete(timer);
        else timer.dueAt += timer.intervalMs;
        timer.run();
      }
      now = until;
    },
    jump(ms) {
      now += ms;
      for (const timer of timers) timer.dueAt += ms;
    },
  };
}
