/** How many requests a minute one person may make, over all their sessions and keys (S8). */
import type { Config } from "../core/config.ts";
import type { MakeLimiter } from "../core/rate-limit.ts";
import { AppError } from "../protocol/errors.ts";

type Limits = Pick<Config, "rateLimitEnabled" | "rateLimitRequestsPerMinute">;

/**
 * Counts one request of a person. Throws (or, where other servers are asked, rejects with) `rate_limited`; answers a
 * promise only where there is something to wait for.
 */
export function createRequestLimit(limits: Limits, makeLimiter: MakeLimiter): (userId: string) => Promise<void> | void {
  if (!limits.rateLimitEnabled) return () => {};
  const perUser = makeLimiter({ name: "requests", limit: limits.rateLimitRequestsPerMinute, windowMs: 60_000 });
  return (userId) => {
    const waitMs = perUser.take(userId);
    return typeof waitMs === "number" ? refuse(waitMs) : waitMs.then(refuse);
  };
}

function refuse(waitMs: number): void {
  if (waitMs === 0) return;
  const retryAfter = Math.ceil(waitMs / 1000);
  throw new AppError("rate_limited", `too many requests; wait ${retryAfter} s`, { retryAfter });
}
