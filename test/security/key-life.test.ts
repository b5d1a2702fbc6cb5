/** Keys end: by the clock, by deletion, with their person; and nobody finds one by guessing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fits, makeKeyText, prefixOf } from "../../src/features/auth/key-text.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";
import { databases } from "../support/db.ts";
import { holder, makeHolder, makeKey } from "../support/keys.ts";
import { caller, makePerson, ok, type Person } from "../support/people.ts";
import { openWire, type Wire } from "../support/wire.ts";

const connect = async (app: TestApp, token: string): Promise<Wire> => {
  const wire = await openWire(app.url, { token });
  await wire.take("connected");
  return wire;
};
const minuteMs = 60_000;

describe.each(databases.map(({ name, kind }) => ({ name, kind })))("the life of a key on $name", ({ kind }) => {
  let clock: MovableClock;
  let app: TestApp;
  let ana: Person;
  beforeAll(async () => {
    clock = createMovableClock(Date.now());
    app = await startApp({ kind, overrides: { clock } });
    ana = await makePerson(app, "life-ana");
  });
  afterAll(() => app?.stop());
  /** In steps, for a connection that is silent for too long is closed. */
  const wait = async (seconds: number, wires: readonly Wire[]): Promise<void> => {
    for (let left = seconds; left > 0; left -= 20) {
      for (const wire of wires) await wire.ask("ping");
      clock.advance(Math.min(20, left) * 1000);
    }
  };

  test("a key ends at its time: its requests, its tokens and its connections", async () => {
    const { key, robot } = await makeHolder(app, ana, { expires_at: new Date(clock.now() + 90_000).toISOString() });
    const { token } = ok(await robot.call<{ token: string }>("POST", "/api/token"), 200);
    const wires = [await connect(app, key.key), await connect(app, token)];
    await wait(45, wires);
    for (const wire of wires) expect((await wire.take("token_expiring")).data.expires_at).toBe(key.expires_at);
    ok(await robot.call("GET", "/api/projects"), 200);
    await wait(45, wires);
    for (const wire of wires) expect((await wire.closed).code).toBe(4401);
    expect((await robot.call("GET", "/api/projects")).status).toBe(401);
    expect((await caller(app, token)("GET", "/api/projects")).status).toBe(401);
    expect((await openWire(app.url, { token: key.key })).status).toBe(401);
  });

  test("[S10] the sockets of a deleted key are closed before the deletion is answered, and no others", async () => {
    const [gone, stays] = [await makeHolder(app, ana), await makeHolder(app, ana)];
    const { token } = ok(await gone.robot.call<{ token: string }>("POST", "/api/token"), 200);
    const wires = [await connect(app, gone.key.key), await connect(app, token)];
    const others = [await connect(app, stays.key.key), await connect(app, ana.token)];
    ok(await ana.call("DELETE", `/api/api-keys/${gone.key.id}`), 204);
    for (const wire of wires) expect((await wire.closed).code).toBe(4403);
    for (const wire of others) {
      expect((await wire.take("session_ended")).data.session_id).toBe(gone.key.id);
      expect((await wire.ask("ping")).ok).toBe(true);
      wire.destroy();
    }
    const late = await openWire(app.url);
    expect((await late.ask("authenticate", { token })).error?.code).toBe("unauthenticated");
    expect((await late.closed).code).toBe(4401);
  });

  test("a key for certain projects, which hears nothing of its person's room, is closed all the same", async () => {
    const project = ok(await ana.call<{ id: string }>("POST", "/api/projects", { name: "P" }), 201);
    const { key } = await makeHolder(app, ana, { project_ids: [project.id] });
    const wire = await connect(app, key.key);
    ok(await ana.call("DELETE", `/api/api-keys/${key.id}`), 204);
    expect((await wire.closed).code).toBe(4403);
    expect(wire.frames.map(({ event }) => event)).toEqual(["connected"]);
  });

  test("the last use is written to the minute", async () => {
    const { key, robot } = await makeHolder(app, ana);
    const usedAt = async (): Promise<number | undefined> => {
      const rows = await app.database.sql<{ at: number | null }[]>`
        select extract(epoch from last_used_at)::float8 * 1000 as at from api_keys where id = ${key.id}`;
      return rows[0]?.at ?? undefined;
    };
    /** The write is off the request's way: it is waited for by asking the database, which takes turns. */
    const until = async (wanted: number): Promise<void> => {
      while ((await usedAt()) !== wanted);
    };
    const first = clock.now();
    ok(await robot.call("GET", "/api/me"), 200);
    await until(first);
    clock.advance(minuteMs - 1);
    ok(await robot.call("GET", "/api/me"), 200);
    clock.advance(1);
    ok(await robot.call("GET", "/api/me"), 200);
    await until(first + minuteMs);
  });
});

describe("a disabled person", () => {
  test("has no living keys, on either way in", async () => {
    const app = await startApp();
    try {
      const ben = await makePerson(app, "disabled");
      const { key, robot } = await makeHolder(app, ben);
      const { token } = ok(await robot.call<{ token: string }>("POST", "/api/token"), 200);
      await app.database.sql`update users set disabled_at = now() where id = ${ben.id}`;
      // What was remembered is older than the change: it lives for a second.
      for (const call of [robot.call, caller(app, token)])
        await until(async () => (await call("GET", "/api/me")).status === 401);
      expect((await openWire(app.url, { token: key.key })).status).toBe(401);
    } finally {
      await app.stop();
    }
  });
});

test("[S1] a person of a host application who was disabled opens no socket, and is told to stay away where one can be told", async () => {
  const app = await startApp();
  try {
    const { id, token } = await makePerson(app, "disabled host");
    const { sql } = app.database;
    await sql`update users set disabled_at = now() where id = ${id}`;
    // What was remembered is older than the change: it lives for a second.
    await until(async () => (await openWire(app.url, { token })).status === 403);
    const offered = await openWire(app.url, { protocols: ["taskwire.v1", `bearer.${token}`] });
    expect([await offered.closed, offered.frames]).toMatchObject([{ code: 4403 }, []]);
    const asked = await openWire(app.url);
    expect(await asked.ask("authenticate", { token })).toMatchObject({ ok: false, error: { code: "forbidden" } });
    expect(await asked.closed).toMatchObject({ code: 4403 });
  } finally {
    await app.stop();
  }
});

/** Asks until it holds; the test's own deadline ends it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await Bun.sleep(10);
}

describe.if(databases.some(({ kind }) => kind === "postgres"))("two nodes on one PostgreSQL", () => {
  test("[S10] a key deleted on one is dead within a second on the other: requests, tokens, sockets", async () => {
    const here = await startApp({ kind: "postgres" });
    const clock = createMovableClock(Date.now());
    const there = await startApp({ databaseUrl: here.databaseUrl, overrides: { clock } });
    try {
      const ana = await makePerson(here, "two-nodes");
      const key = await makeKey(ana);
      const robot = holder(there, ana, key.key);
      const { token } = ok(await robot.call<{ token: string }>("POST", "/api/token"), 200);
      const wires = [await connect(there, key.key), await connect(there, token)];
      ok(await robot.call("GET", "/api/projects"), 200);
      ok(await ana.call("DELETE", `/api/api-keys/${key.id}`), 204);
      for (const wire of wires) expect((await wire.closed).code).toBe(4403);
      clock.advance(1_000); // what a node remembers is a second old at most
      for (const call of [robot.call, caller(there, token)])
        expect((await call("GET", "/api/projects")).status).toBe(401);
    } finally {
      await there.stop();
      await here.stop();
    }
  });
});

describe("guessing keys", () => {
  const limits = { RATE_LIMIT_ENABLED: "true", RATE_LIMIT_SIGN_INS_PER_MINUTE: "1" };
  test("an address that tried too many is refused, and a key that has worked there is not", async () => {
    const clock = createMovableClock(Date.now());
    const app = await startApp({ env: limits, overrides: { clock } });
    try {
      const ana = await makePerson(app, "guess");
      const { robot } = await makeHolder(app, ana);
      const late = await makeKey(ana);
      ok(await robot.call("GET", "/api/me"), 200);
      const guess = (text: string) => caller(app, text)("GET", "/api/me");
      const wrong = `${late.prefix}_${"x".repeat(32)}`;
      for (const text of [makeKeyText().key, "tw_", wrong, ...Array.from({ length: 7 }, () => makeKeyText().key)])
        expect((await guess(text)).status).toBe(401);
      const refused = await guess(makeKeyText().key);
      expect([refused.status, Number(refused.headers.get("retry-after"))]).toEqual([429, 60]);
      expect((await guess(late.key)).status).toBe(429);
      expect((await openWire(app.url, { token: makeKeyText().key })).status).toBe(429);
      ok(await robot.call("GET", "/api/me"), 200);
      ok(await ana.call("GET", "/api/me"), 200);
      clock.advance(60_000);
      ok(await caller(app, late.key)("GET", "/api/me"), 200);
    } finally {
      await app.stop();
    }
  });

  test("a key is one text and no other: cut, lengthened, in other letters, with another's secret", async () => {
    const app = await startApp();
    try {
      const ana = await makePerson(app, "one-text");
      const [{ key }, other] = [await makeKey(ana), await makeKey(ana)];
      const swapped = `${key.slice(0, 14)}${other.key.slice(14)}`;
      for (const text of [key.slice(0, -1), `${key}x`, key.toUpperCase(), swapped, key.slice(0, 13), `x${key}`])
        expect((await caller(app, text)("GET", "/api/me")).status).toBe(401);
      for (const path of [`/api/me?key=${key}`, `/api/me?x=Bearer%20${key}`, "/api/me?api_key=x"])
        expect((await caller(app, key)("GET", path)).status).toBe(401);
      expect((await openWire(app.url, { path: `/ws?k=${key}` })).status).toBe(401);
      ok(await caller(app, key)("GET", "/api/me"), 200);
      expect(app.logged.join("")).not.toContain(key.slice(14));
    } finally {
      await app.stop();
    }
  });

  test("keys are made of all letters alike, and never twice", () => {
    const count = new Map<string, number>();
    const keys = new Set(Array.from({ length: 2_000 }, () => makeKeyText().key));
    expect(keys.size).toBe(2_000);
    for (const key of keys) for (const letter of key.slice(14)) count.set(letter, (count.get(letter) ?? 0) + 1);
    expect(count.size).toBe(62);
    // 64,000 letters of 62: 1,032 each, with a deviation of 32.
    for (const [letter, times] of count) expect([letter, Math.abs(times - 1032) < 200]).toEqual([letter, true]);
  });

  test("a hash is compared whole, wherever it differs", () => {
    const { key, hash, prefix } = makeKeyText();
    expect([prefixOf(key), fits(key, hash)]).toEqual([prefix, true]);
    for (const at of [0, 31, 63]) {
      const changed = hash.slice(0, at) + (hash[at] === "0" ? "1" : "0") + hash.slice(at + 1);
      expect(fits(key, changed)).toBe(false);
    }
    expect([fits(key, ""), fits(key, hash.slice(1)), prefixOf(`${key} `), prefixOf(hash)]).toEqual([
      false,
      false,
      undefined,
      undefined,
    ]);
  });
});
