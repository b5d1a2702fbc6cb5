/** Limits on guessing passwords (S8). */
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import { createWindowLimiter } from "../../core/rate-limit.ts";
import { addressBlock } from "../../http/address.ts";
import { AppError } from "../../protocol/errors.ts";

export interface Throttle {
  /**
   * Counts one attempt on a secret (an account's or a session's) from an address. Throws `rate_limited`. An attempt
   * from one address never keeps its owner out at another: nobody can lock an account by guessing at it.
   */
  take(address: string, secret: string): void;
  /** Counts a failed attempt against the address alone, whatever it guessed at. */
  failed(address: string): void;
}

const windowMs = 60_000;
/** One address may fail for this many accounts as often as for one: an office behind one address, but no dictionary. */
const accountsPerAddress = 10;

type Limits = Pick<Config, "rateLimitEnabled" | "rateLimitSignInsPerMinute">;

export function createThrottle({ rateLimitEnabled, rateLimitSignInsPerMinute }: Limits, clock: Clock): Throttle {
  if (!rateLimitEnabled) return { take: () => undefined, failed: () => undefined };
  const limit = rateLimitSignInsPerMinute;
  const attempts = createWindowLimiter({ limit, windowMs, clock });
  const failures = createWindowLimiter({ limit: limit * accountsPerAddress, windowMs, clock });
  return {
    take(address, secret) {
      const block = addressBlock(address);
      const waitMs = failures.wait(block) || attempts.take(`${block} ${secret}`);
      if (waitMs === 0) return;
      const retryAfter = Math.ceil(waitMs / 1000);
      throw new AppError("rate_limited", `too many attempts; try again in ${retryAfter} s`, { retryAfter });
    },
    failed(address) {
      failures.take(addressBlock(address));
    },
  };
}
