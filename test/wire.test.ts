/** Which changes of the wire are additions, and which break clients. */
import { describe, expect, test } from "bun:test";
import { currentWire, type Wire } from "../.ci/wire.ts";
import { compareWires, requireCompatible, wireNotice } from "../.ci/wire-changes.ts";

const now = currentWire();
const task = now.schemas.Task ?? {};
const createTask = now.schemas.CreateTask ?? {};
const withSchema = (name: string, schema: object): Wire => ({
  ...now,
  hash: "another",
  schemas: { ...now.schemas, [name]: schema },
});
const { title, ...untitled } = task.properties ?? {};

const additions: readonly [string, Wire][] = [
  [
    "a field of an answer",
    withSchema("Task", { ...task, properties: { ...task.properties, mood: { type: "string" } } }),
  ],
  [
    "a field that may be sent",
    withSchema("CreateTask", { ...createTask, properties: { ...createTask.properties, mood: { type: "string" } } }),
  ],
  [
    "a new route",
    { ...now, hash: "another", parts: { ...now.parts, "GET /api/moods": { sent: {}, answered: {}, words: {} } } },
  ],
  [
    "more room for what is sent",
    withSchema("CreateTask", {
      ...createTask,
      properties: { ...createTask.properties, title: { type: "string", minLength: 1, maxLength: 900 } },
    }),
  ],
];
const breaks: readonly [string, Wire][] = [
  ["a field that is gone", withSchema("Task", { ...task, properties: untitled })],
  [
    "a field that may be absent from an answer",
    withSchema("Task", { ...task, required: task.required?.filter((name) => name !== "title") ?? [] }),
  ],
  [
    "a field of another type",
    withSchema("Task", { ...task, properties: { ...task.properties, title: { type: "integer" } } }),
  ],
  ["a field that must be sent", withSchema("CreateTask", { ...createTask, required: ["title", "status"] })],
  [
    "less room for what is sent",
    withSchema("CreateTask", {
      ...createTask,
      properties: { ...createTask.properties, title: { type: "string", minLength: 1, maxLength: 100 } },
    }),
  ],
  [
    "a value more in an answer",
    withSchema("PresenceStatus", { type: "string", enum: ["active", "idle", "busy", "away", "offline", "ill"] }),
  ],
  [
    "a route that is gone",
    {
      ...now,
      hash: "another",
      parts: Object.fromEntries(Object.entries(now.parts).filter(([name]) => name !== "GET /api/me")),
    },
  ],
];
const released = { [now.protocol]: { about: "", released: true } };

describe("the wire", () => {
  test("is the same as itself, whatever the order and the prose", () => {
    expect(compareWires(now, now)).toEqual([]);
    expect(wireNotice(now, now)).toBeUndefined();
    expect(currentWire().hash).toBe(now.hash);
    expect(title).toEqual({ type: "string" });
  });

  for (const [what, changed] of additions) {
    test(`${what} is an addition: it is noticed, and may be written`, () => {
      const changes = compareWires(now, changed);
      expect(changes.length).toBeGreaterThan(0);
      expect(changes.filter(({ breaking }) => breaking)).toEqual([]);
      expect(wireNotice(now, changed)).toContain("bun run docs:generate");
      expect(() => requireCompatible(now, changed, released)).not.toThrow();
    });
  }

  for (const [what, changed] of breaks) {
    test(`${what} breaks clients: once the version is released, another one is asked for`, () => {
      expect(compareWires(now, changed).some(({ breaking }) => breaking)).toBe(true);
      expect(wireNotice(now, changed)).toContain("Changes that clients may fail at");
      expect(() => requireCompatible(now, changed, released)).toThrow("raise protocolVersion");
      expect(() => requireCompatible(now, { ...changed, protocol: now.protocol + 1 }, released)).not.toThrow();
      expect(() => requireCompatible(now, changed, { [now.protocol]: { about: "", released: false } })).not.toThrow();
    });
  }
});
