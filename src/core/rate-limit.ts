/** Two limits: a token bucket for what one connection does, a window for what one key (person, address) does. */
import type { Clock } from "./clock.ts";

/** The state of one bucket: two numbers, so that an idle connection costs next to nothing. */
export interface TokenBucket {
  tokens: number;
  filledAtMs: number;
}

export interface BucketLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export const createBucket = (limit: BucketLimit, nowMs: number): TokenBucket => ({
  tokens: limit.burst,
  filledAtMs: nowMs,
});

/** Sums of fractions miss a whole number by less than this. */
const rounding = 1e-6;

/** Takes one token and answers 0, or takes none and answers the milliseconds until there is one. Allocates nothing. */
export function takeToken(bucket: TokenBucket, limit: BucketLimit, nowMs: number): number {
  const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs); // a clock set back must not take tokens away
  bucket.tokens = Math.min(limit.burst, bucket.tokens + (elapsedMs * limit.perSecond) / 1000);
  bucket.filledAtMs = nowMs;
  const missing = 1 - bucket.tokens;
  if (missing <= rounding) {
    bucket.tokens -= 1;
    return 0;
  }
  return Math.ceil((missing * 1000) / limit.perSecond - rounding);
}

export interface WindowLimiter {
  /** Counts one use of `key` and answers 0, or refuses it and answers the milliseconds until the window ends. */
  take(key: string): number;
  /** What `take` would answer if it refused, else 0; counts nothing. */
  wait(key: string): number;
}

/** A limit that all servers may count together: what it answers may have to be asked for. */
export interface Limiter {
  /** As of WindowLimiter. Never rejects. */
  take(key: string): number | Promise<number>;
  wait(key: string): number | Promise<number>;
}

export interface Limit {
  /** Tells its keys from those of other limits. */
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
}

export type MakeLimiter = (limit: Limit) => Limiter;

interface Window {
  startedAtMs: number;
  count: number;
}

interface WindowOptions extends Omit<Limit, "name"> {
  readonly clock: Clock;
  /** Memory is bounded by twice this many keys; beyond it the oldest are forgotten (default 100,000). */
  readonly maxKeys?: number;
}

/**
 * `limit` uses a window, which begins with a key's first use. Keys live in two generations: when the younger one is a
 * window old (or full) it becomes the older one, whose windows have all ended by then. No timers, no scans.
 */
export function createWindowLimiter({ limit, windowMs, clock, maxKeys = 100_000 }: WindowOptions): WindowLimiter {
  let young = new Map<string, Window>();
  let old = new Map<string, Window>();
  let turnedAtMs = clock.now();
  const turn = (nowMs: number) => {
    const age = nowMs - turnedAtMs;
    if (age < windowMs && age >= 0 && young.size < maxKeys) return;
    old = age < 2 * windowMs ? young : new Map();
    young = new Map();
    turnedAtMs = nowMs;
  };
  return {
    wait(key) {
      const nowMs = clock.now();
      turn(nowMs);
      const window = young.get(key) ?? old.get(key);
      const left = window ? window.startedAtMs + windowMs - nowMs : 0;
      return window && window.count >= limit && left > 0 && left <= windowMs ? left : 0;
    },
    take(key) {
      const nowMs = clock.now();
      turn(nowMs);
      const window = young.get(key) ?? old.get(key);
      const left = window ? window.startedAtMs + windowMs - nowMs : 0;
      if (!window || left <= 0 || left > windowMs) {
        young.set(key, { startedAtMs: nowMs, count: 1 });
        return 0;
      }
      if (window.count >= limit) return left;
      window.count += 1;
      return 0;
    },
  };
}

/** Limits that this process counts alone. */
export const createOwnLimits =
  (clock: Clock): MakeLimiter =>
  ({ limit, windowMs }) =>
    createWindowLimiter({ limit, windowMs, clock });
