/** Limits on guessing passwords (S8). */
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import { createWindowLimiter } from "../../core/rate-limit.ts";
import { addressBlock } from "../../http/address.ts";
import { AppError } from "../../protocol/errors.ts";

export interface Throttle {
  /** Counts one call of an account path from an address. Throws `rate_limited`. */
  call(address: string): void;
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

type Limits = Pick<Config, "rateLimitEnabled" | "rateLimitSignInsPerMinute" | "rateLimitRequestsPerMinute">;

const refuseFor = (waitMs: number): void => {
  if (waitMs === 0) return;
  const retryAfter = Math.ceil(waitMs / 1000);
  throw new AppError("rate_limited", `too many attempts; try again in ${retryAfter} s`, { retryAfter });
};

export function createThrottle(limits: Limits, clock: Clock): Throttle {
  if (!limits.rateLimitEnabled) return { call: () => undefined, take: () => undefined, failed: () => undefined };
  const limit = limits.rateLimitSignInsPerMinute;
  const calls = createWindowLimiter({ limit: limits.rateLimitRequestsPerMinute, windowMs, clock });
  const attempts = createWindowLimiter({ limit, windowMs, clock });
  const failures = createWindowLimiter({ limit: limit * accountsPerAddress, windowMs, clock });
  return {
    call: (address) => refuseFor(calls.take(addressBlock(address))),
    take(address, secret) {
      const block = addressBlock(address);
      refuseFor(failures.wait(block) || attempts.take(`${block} ${secret}`));
    },
    failed(address) {
      failures.take(addressBlock(address));
    },
  };
}
