/** A token bucket for writes: one at a time goes at once, a long replay at 15 a second (S8: the server takes 20). */
import type { Clock } from "./clock.ts";

const perSecond = 15;
const burst = 10;

export function createPace(clock: Clock) {
  let tokens = burst;
  let filledAtMs = clock.now();
  return {
    /** Takes a token and answers 0, or takes none and answers the milliseconds until there is one. */
    take(): number {
      const nowMs = clock.now();
      // A clock set back must not stop the replay.
      const elapsedMs = Math.max(0, nowMs - filledAtMs);
      tokens = Math.min(burst, tokens + (elapsedMs * perSecond) / 1000);
      filledAtMs = nowMs;
      if (tokens < 1) return Math.max(1, Math.ceil(((1 - tokens) * 1000) / perSecond));
      tokens--;
      return 0;
    },
  };
}
