/**
 * Limits that all servers on one Redis count together, by rate-limiter-flexible. Each server also counts for itself: what
 * it alone has seen too much of is refused without a question, and when Redis fails it goes on with its own count.
 */
import { createHash } from "node:crypto";
import RateLimiterRedis from "rate-limiter-flexible/lib/RateLimiterRedis.js";
import RateLimiterRes from "rate-limiter-flexible/lib/RateLimiterRes.js";
import type { Clock } from "./clock.ts";
import type { Meter } from "./meter.ts";
import { createWindowLimiter, type Limiter, type MakeLimiter } from "./rate-limit.ts";
import type { Keyspace, Redis } from "./redis.ts";

export interface SharedLimitsOptions {
  readonly keyspace: Pick<Keyspace, "redis" | "prefix">;
  readonly clock: Clock;
  readonly meter: Meter;
}

export function createSharedLimits({ keyspace, clock, meter }: SharedLimitsOptions): MakeLimiter {
  const { redis, prefix } = keyspace;
  const storeClient = storeOf(redis);
  return ({ name, limit, windowMs }) => {
    const alone = createWindowLimiter({ limit, windowMs, clock });
    const shared = new RateLimiterRedis({
      storeClient,
      keyPrefix: `${prefix}limit:${name}`,
      points: limit,
      duration: windowMs / 1000,
    });
    const failedOver = (): number => {
      meter.limitsAlone++;
      return 0;
    };
    const take = (key: string): Promise<number> =>
      shared.consume(digest(key)).then(
        () => 0,
        (refused: unknown) => (refused instanceof RateLimiterRes ? leftOf(refused) : failedOver()),
      );
    const wait = (key: string): Promise<number> =>
      shared.get(digest(key)).then((state) => (state && state.consumedPoints >= limit ? leftOf(state) : 0), failedOver);
    return {
      take: (key) => alone.take(key) || (redis.up() ? take(key) : failedOver()),
      wait: (key) => alone.wait(key) || (redis.up() ? wait(key) : failedOver()),
    } satisfies Limiter;
  };
}

/** At least a millisecond: 0 would be an admission. */
const leftOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, msBeforeNext);

/** Keys name people and addresses: Redis is not told whom. */
const digest = (key: string): string => createHash("sha256").update(key).digest("base64url").slice(0, 22);

/** Of a client of Redis, what rate-limiter-flexible 11.4.0 asks for: the shape of ioredis. */
function storeOf(redis: Redis) {
  let script = "";
  let scriptHash = "";
  return {
    defineCommand(_name: string, { lua }: { lua: string }) {
      script = lua;
      scriptHash = createHash("sha1").update(lua).digest("hex");
    },
    /** `[key, points, seconds, …]` → `[consumed, milliseconds left]`; the script is `script`. */
    async rlflxIncr(words: string[]): Promise<unknown> {
      try {
        return await redis.send("EVALSHA", [scriptHash, "1", ...words]);
      } catch (error) {
        if (!(error instanceof Error && error.message.includes("NOSCRIPT"))) throw error;
        return redis.send("EVAL", [script, "1", ...words]);
      }
    },
    multi: () => ({ get: (key: string) => ({ pttl: () => ({ exec: () => readWindow(redis, key) }) }) }),
  };
}

/** As ioredis answers a transaction: `[error, answer]` for each command. */
async function readWindow(redis: Redis, key: string) {
  const [points, leftMs] = await Promise.all([redis.send("GET", [key]), redis.send("PTTL", [key])]);
  return [
    [null, points],
    [null, leftMs],
  ];
}
