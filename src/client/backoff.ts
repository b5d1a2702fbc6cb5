/** How long to stay away after a failure. */

const leastDelayMs = 500;
const mostDelayMs = 20_000;

/**
 * Exponential backoff with full jitter, 0.5 to 20 s, so that a thousand clients of one restarted server do not come back
 * in one instant. `random` is from [0, 1).
 */
export function backoffMs(attempt: number, random: number, leastMs = 0): number {
  const ceiling = Math.min(mostDelayMs, leastDelayMs * 2 ** Math.min(attempt, 16));
  return Math.min(mostDelayMs, Math.max(leastMs, leastDelayMs) + random * ceiling);
}
