import { beforeEach, describe, expect, test } from "bun:test";
import { type Cache, createCaches } from "../../src/core/cache.ts";
import { createMeter, type Meter } from "../../src/core/meter.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";

interface Person {
  readonly id: string;
  readonly role: string;
}

describe("what a server remembers of the database", () => {
  let clock: MovableClock;
  let meter: Meter;
  let sessions: Cache<Person>;
  let projects: Cache<string>;
  beforeEach(() => {
    clock = createMovableClock(1_000_000);
    meter = createMeter();
    const makeCache = createCaches(clock, meter);
    sessions = makeCache({ name: "sessions", entriesMax: 3, believedForMs: 1_000, about: ({ id }) => id });
    projects = makeCache({ name: "projects", entriesMax: 3 });
  });

  /** A database whose answers a test gives, in any order. */
  function makeLoads<Value>() {
    const loads: ((value: Value | undefined) => void)[] = [];
    const load = () => new Promise<Value | undefined>((resolve) => loads.push(resolve));
    return { loads, load };
  }
  const ana = (role: string): Person => ({ id: "ana", role });

  test("is read once for all who ask at the same time, and told at once from then on", async () => {
    const { loads, load } = makeLoads<string>();
    const asked = [projects.get("p", load), projects.get("p", load)];
    expect([projects.peek("p"), loads.length]).toEqual([undefined, 1]);
    loads[0]?.("rules");
    expect(await Promise.all(asked)).toEqual(["rules", "rules"]);
    expect(projects.peek("p")).toBe("rules");
    clock.advance(100_000_000);
    expect(projects.peek("p")).toBe("rules");
    expect(meter.caches.projects).toEqual({ hits: 3, misses: 1, entries: 1 });
  });

  test("is believed for a second from when its reading began, and not with a clock that was set back", async () => {
    const { loads, load } = makeLoads<Person>();
    const asked = sessions.get("cookie", load);
    clock.advance(400);
    loads[0]?.(ana("member"));
    await asked;
    clock.advance(599);
    expect(sessions.peek("cookie")).toEqual(ana("member"));
    clock.advance(1);
    expect(sessions.peek("cookie")).toBeUndefined();
    await sessions.get("cookie", async () => ana("admin"));
    clock.jump(-1);
    expect(sessions.peek("cookie")).toBeUndefined();
  });

  test("is forgotten by whom it is about; what was being read is used once, shared with nobody and not kept", async () => {
    await sessions.get("cookie", async () => ana("member"));
    await sessions.get("other", async () => ({ id: "bo", role: "member" }));
    const { loads, load } = makeLoads<Person>();
    const before = sessions.get("token", load);
    sessions.forget("ana");
    expect([sessions.peek("cookie"), sessions.peek("other")?.id]).toEqual([undefined, "bo"]);
    const after = sessions.get("token", load);
    expect(loads.length).toBe(2);
    loads[1]?.(ana("viewer"));
    expect((await after)?.role).toBe("viewer");
    loads[0]?.(ana("member"));
    expect((await before)?.role).toBe("member");
    expect(sessions.peek("token")?.role).toBe("viewer");
  });

  test("of one project is forgotten without the others, and everything by clear", async () => {
    for (const key of ["a", "b"]) await projects.get(key, async () => key);
    const { loads, load } = makeLoads<string>();
    const [first, second] = [projects.get("c", load), projects.get("d", load)];
    projects.forget("a");
    projects.forget("c");
    loads[0]?.("c");
    loads[1]?.("d");
    await Promise.all([first, second]);
    expect(["a", "b", "c", "d"].map(projects.peek)).toEqual([undefined, "b", undefined, "d"]);
    projects.clear();
    expect(["b", "d"].map(projects.peek)).toEqual([undefined, undefined]);
    expect(meter.caches.projects.entries).toBe(0);
  });

  test("has a bound: the oldest go first, and what nobody may believe any more goes by itself", async () => {
    for (const key of ["a", "b", "c", "d"]) await projects.get(key, async () => key);
    expect(["a", "b", "c", "d"].map(projects.peek)).toEqual([undefined, "b", "c", "d"]);
    await sessions.get("cookie", async () => ana("member"));
    expect(meter.caches.sessions.entries).toBe(1);
    clock.advance(2_000);
    expect(meter.caches.sessions.entries).toBe(0);
  });

  test("what is not there, and what could not be read, is asked for again", async () => {
    expect(await projects.get("p", async () => undefined)).toBeUndefined();
    const failure = await projects.get("p", () => Promise.reject(new Error("away"))).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(await projects.get("p", async () => "rules")).toBe("rules");
    expect(meter.caches.projects).toEqual({ hits: 0, misses: 3, entries: 1 });
  });

  test("what ends by itself is told until then", async () => {
    const tokens = createCaches(
      clock,
      meter,
    )<{ endsAtMs: number }>({
      name: "tokens",
      entriesMax: 3,
      endsAtMs: (token) => token.endsAtMs,
    });
    await tokens.get("t", async () => ({ endsAtMs: clock.now() + 5_000 }));
    clock.advance(4_999);
    expect(tokens.peek("t")).toBeDefined();
    clock.advance(1);
    expect(tokens.peek("t")).toBeUndefined();
  });
});
