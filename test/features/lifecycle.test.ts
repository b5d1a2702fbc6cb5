import { describe, expect, test } from "bun:test";
import { createLifecycle, type Part } from "../../src/core/lifecycle.ts";
import { createLog } from "../../src/core/log.ts";
import { createMovableClock } from "../support/clock.ts";

const open = (parts: readonly Part[]) => {
  const clock = createMovableClock();
  const log = createLog({ logLevel: "silent", logFormat: "json" });
  return { clock, lifecycle: createLifecycle(parts, { log, clock, stopDeadlineMs: 4000 }) };
};

const recording = (name: string, seen: string[], extra: Partial<Part> = {}): Part => ({
  name,
  start: () => void seen.push(`start ${name}`),
  stop: () => void seen.push(`stop ${name}`),
  ...extra,
});

describe("starting and stopping", () => {
  test("parts start in order and stop in reverse, once", async () => {
    const seen: string[] = [];
    const { lifecycle } = open([recording("db", seen), recording("broker", seen), recording("http", seen)]);
    await lifecycle.start();
    expect(await Promise.all([lifecycle.stop(), lifecycle.stop()])).toEqual([[], []]);
    expect(seen).toEqual(["start db", "start broker", "start http", "stop http", "stop broker", "stop db"]);
  });

  test("a part that does not start stops what runs, and its error is thrown", async () => {
    const seen: string[] = [];
    const broken = recording("http", seen, { start: () => Promise.reject(new Error("port taken")) });
    const { lifecycle } = open([recording("db", seen), broken, recording("jobs", seen)]);
    await expect(lifecycle.start()).rejects.toThrow("port taken");
    expect(seen).toEqual(["start db", "stop http", "stop db"]);
  });

  test("a part that never stops is left at the deadline, and the others still stop", async () => {
    const seen: string[] = [];
    const told = Promise.withResolvers<AbortSignal>();
    const stop = (deadline: AbortSignal) => {
      told.resolve(deadline);
      return new Promise<void>(() => {});
    };
    const stuck: Part = { name: "sockets", stop };
    const { lifecycle, clock } = open([recording("db", seen), stuck, recording("http", seen)]);
    await lifecycle.start();
    const stopped = lifecycle.stop();
    const deadline = await told.promise;
    expect(deadline.aborted).toBe(false);
    clock.advance(4000);
    expect(deadline.aborted).toBe(true);
    expect(await stopped).toEqual(["sockets"]);
    expect(seen).toEqual(["start db", "start http", "stop http", "stop db"]);
  });

  test("a part that fails to stop is named, and the others still stop", async () => {
    const seen: string[] = [];
    const failing = recording("broker", seen, { stop: () => Promise.reject(new Error("gone")) });
    const { lifecycle } = open([recording("db", seen), failing]);
    await lifecycle.start();
    expect(await lifecycle.stop()).toEqual(["broker"]);
    expect(seen).toEqual(["start db", "start broker", "stop db"]);
  });
});
