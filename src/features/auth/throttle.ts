/** Limits on guessing passwords (S8). */
import type { Config } from "../../core/config.ts";
import type { MakeLimiter } from "../../core/rate-limit.ts";
import { addressBlock } from "../../http/address.ts";
import { AppError } from "../../protocol/errors.ts";

export interface Throttle {
  /** Counts one call of an account path from an address. Throws `rate_limited`. */
  call(address: string): Promise<void>;
  /**
   * Counts one attempt on a secret (an account's or a session's) from an address. Throws `rate_limited`. An attempt
   * from one address never keeps its owner out at another: nobody can lock an account by guessing at it.
   */
  take(address: string, secret: string): Promise<void>;
  /** Counts a failed attempt against the address alone, whatever it guessed at. */
  failed(address: string): Promise<void>;
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

export function createThrottle(limits: Limits, make: MakeLimiter): Throttle {
  const none = async (): Promise<void> => {};
  if (!limits.rateLimitEnabled) return { call: none, take: none, failed: none };
  const limit = limits.rateLimitSignInsPerMinute;
  const calls = make({ name: "account-calls", limit: limits.rateLimitRequestsPerMinute, windowMs });
  const attempts = make({ name: "sign-ins", limit, windowMs });
  const failures = make({ name: "failed-sign-ins", limit: limit * accountsPerAddress, windowMs });
  return {
    call: async (address) => refuseFor(await calls.take(addressBlock(address))),
    async take(address, secret) {
      const block = addressBlock(address);
      refuseFor((await failures.wait(block)) || (await attempts.take(`${block} ${secret}`)));
    },
    async failed(address) {
      await failures.take(addressBlock(address));
    },
  };
}
