/** How long to stay away after a failure. */

const leastDelayMs = 500;
const mostDelayMs = 20_000;

/**
 * Milliseconds: exponential backoff with full jitter, 0.5 to 20 s, so that a thousand clients of one restarted server do
 * not come back in one instant. At least `leastMs`; drawn over at least `spreadMs`. `random` is from [0, 1).
 */
export function backoffMs(attempt: number, random: number, leastMs = 0, spreadMs = 0): number {
  const doubled = Math.min(mostDelayMs, leastDelayMs * 2 ** Math.min(attempt, 16));
  const least = Math.max(leastMs, leastDelayMs);
  return Math.min(Math.max(mostDelayMs, spreadMs), least + random * Math.max(doubled, spreadMs));
}
