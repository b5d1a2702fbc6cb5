import { describe, expect, test } from "bun:test";
import { liveResponse, readyResponse } from "../../src/http/health.ts";

const health = (phase: "starting" | "ready" | "draining", database: boolean) => ({
  version: "1.2.3",
  node: "n1",
  phase,
  parts: { database },
  helpers: {},
});

describe("health", () => {
  test("the process lives whatever its parts do", async () => {
    const answer = liveResponse(health("draining", false));
    expect([answer.status, await answer.json()]).toEqual([200, { status: "ok", version: "1.2.3" }]);
  });

  const cases = [
    ["ready", true, 200, "ready", "ok"],
    ["ready", false, 503, "unavailable", "failing"],
    ["starting", true, 503, "starting", "ok"],
    ["draining", true, 503, "draining", "ok"],
  ] as const;
  for (const [phase, works, status, word, check] of cases) {
    test(`${phase} with the database ${check} is answered ${status} ${word}`, async () => {
      const answer = readyResponse(health(phase, works));
      expect(answer.status).toBe(status);
      expect(answer.headers.get("retry-after")).toBe(status === 200 ? null : "1");
      expect(await answer.json()).toEqual({ status: word, version: "1.2.3", node: "n1", checks: { database: check } });
    });
  }

  test("a helper that fails is told of and keeps nobody out", async () => {
    const answer = readyResponse({ ...health("ready", true), helpers: { broker: false } });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: "ready", version: "1.2.3", node: "n1", checks: { database: "ok", broker: "failing" } },
    ]);
  });
});
