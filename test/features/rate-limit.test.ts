import { describe, expect, test } from "bun:test";
import { createBucket, createWindowLimiter, takeToken } from "../../src/core/rate-limit.ts";
import { createMovableClock } from "../support/clock.ts";

describe("[S8] token bucket", () => {
  const limit = { perSecond: 20, burst: 60 };

  test("60 frames at once pass, the next waits 50 ms, then exactly one more passes", () => {
    const bucket = createBucket(limit, 0);
    for (let i = 0; i < 60; i++) expect(takeToken(bucket, limit, 0)).toBe(0);
    expect(takeToken(bucket, limit, 0)).toBe(50);
    expect(takeToken(bucket, limit, 49)).toBe(1);
    expect(takeToken(bucket, limit, 50)).toBe(0);
    expect(takeToken(bucket, limit, 50)).toBe(50);
  });

  test("20 frames a second pass for ever", () => {
    const bucket = createBucket(limit, 0);
    for (let i = 0; i < 2000; i++) expect(takeToken(bucket, limit, i * 50)).toBe(0);
  });

  test("a clock set back takes nothing away", () => {
    const bucket = createBucket(limit, 1_000_000);
    expect(takeToken(bucket, limit, 0)).toBe(0);
    expect(bucket.tokens).toBe(59);
  });
});

describe("[S8] limit of a window", () => {
  const open = (maxKeys?: number) => {
    const clock = createMovableClock();
    return { clock, limiter: createWindowLimiter({ limit: 3, windowMs: 60_000, clock, ...(maxKeys && { maxKeys }) }) };
  };

  test("the fourth use in a minute is refused until the minute since the first is over", () => {
    const { clock, limiter } = open();
    clock.advance(50_000);
    expect([1, 2, 3].map(() => limiter.take("ana"))).toEqual([0, 0, 0]);
    clock.advance(15_000);
    expect(limiter.take("ana")).toBe(45_000);
    expect(limiter.take("bo")).toBe(0);
    clock.advance(44_999);
    expect(limiter.take("ana")).toBe(1);
    clock.advance(1);
    expect(limiter.take("ana")).toBe(0);
  });

  test("no window is lost or outlives its minute, whenever it began", () => {
    const { clock, limiter } = open();
    for (let start = 0; start < 300; start++) {
      const key = `key ${start}`;
      expect([1, 2, 3].map(() => limiter.take(key))).toEqual([0, 0, 0]);
      clock.advance(997);
      expect(limiter.take(key)).toBe(59_003);
    }
    clock.advance(60_000);
    expect(limiter.take("key 299")).toBe(0);
  });

  test("a flood of keys is counted in bounded memory", () => {
    const { limiter } = open(1000);
    Bun.gc(true);
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 200_000; i++) limiter.take(`address ${i}`);
    Bun.gc(true);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
    expect(limiter.take("address 199999")).toBe(0);
  });
});
