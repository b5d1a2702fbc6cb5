/** How much one connection may say (S8). */
import type { Config } from "../../core/config.ts";
import { type TokenBucket, takeToken } from "../../core/rate-limit.ts";

export interface Metered extends TokenBucket {
  /** Frames refused since `refusedSinceMs`. */
  refusals: number;
  refusedSinceMs: number;
}

export type FrameLimitConfig = Pick<Config, "rateLimitEnabled" | "rateLimitFramesPerSecond" | "rateLimitFramesBurst">;

/** Answer for one that goes on and on after being refused: close it. */
export const flooding = -1;
/** Refusals are counted for so long … */
const abuseWindowMs = 10_000;
/** … and more than so many bursts of them are abuse. */
const abuseBursts = 3;

export interface FrameLimit {
  fill(socket: Metered, nowMs: number): void;
  /** 0: the frame may pass; above: milliseconds to wait; `flooding`: close. */
  take(socket: Metered, nowMs: number): number;
}

export function createFrameLimit(config: FrameLimitConfig): FrameLimit {
  const limit = { perSecond: config.rateLimitFramesPerSecond, burst: config.rateLimitFramesBurst };
  return {
    fill(socket, nowMs) {
      socket.tokens = limit.burst;
      socket.filledAtMs = nowMs;
    },
    take(socket, nowMs) {
      if (!config.rateLimitEnabled) return 0;
      const waitMs = takeToken(socket, limit, nowMs);
      if (waitMs === 0) return 0;
      const age = nowMs - socket.refusedSinceMs;
      if (age > abuseWindowMs || age < 0) {
        socket.refusedSinceMs = nowMs;
        socket.refusals = 0;
      }
      return ++socket.refusals > abuseBursts * limit.burst ? flooding : waitMs;
    },
  };
}
