import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type AccountServer,
  bearer,
  createVisitor,
  getToken,
  password,
  signUp,
  startAccounts,
} from "../support/accounts.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";

const dayMs = 86_400_000;

describe("sessions and tokens in time", () => {
  let db: TestDatabase;
  let server: AccountServer;
  const clock = createMovableClock(Date.now());
  beforeAll(async () => {
    const kind = databases[0];
    if (!kind) throw new Error("no database");
    db = await kind.open();
    server = await startAccounts(db.database, { clock });
  });
  afterAll(async () => {
    await server?.stop();
    await db?.close();
  });
  const me = async (cookie: string) =>
    (await createVisitor(server.url).call("GET", "/api/me", undefined, { cookie })).status;
  const expiry = async (userId: string): Promise<number> => {
    const [row] = await db.database.sql<{ ms: number }[]>`
      select (extract(epoch from expires_at) * 1000)::float8 as ms from sessions where user_id = ${userId}`;
    return row?.ms ?? Number.NaN;
  };

  test("a token lives for fifteen minutes, then it is refused", async () => {
    const ana = await signUp(server.url);
    const { token, expires_at } = await getToken(ana.visitor);
    const ttlMs = Date.parse(expires_at) - clock.now();
    expect(ttlMs).toBeGreaterThan(899_000 - 1);
    expect(ttlMs).toBeLessThanOrEqual(900_000);
    const identity = await server.auth.authenticator.fromToken(token);
    expect(identity?.expiresAtMs).toBe(Date.parse(expires_at));
    clock.advance(ttlMs - 1_000);
    const call = () => createVisitor(server.url).call("GET", "/api/me", undefined, bearer(token));
    expect((await call()).status).toBe(200);
    clock.advance(1_000);
    const late = await call();
    expect([late.status, late.body]).toEqual([401, expect.objectContaining({ code: "unauthenticated" })]);
  });

  test("a session past its end is refused", async () => {
    const ana = await signUp(server.url);
    const cookie = ana.visitor.cookie();
    const { token } = await getToken(ana.visitor);
    await db.database
      .sql`update sessions set expires_at = ${new Date(clock.now() + 5_000).toISOString()} where user_id = ${ana.id}`;
    clock.advance(1_000);
    const ends = await expiry(ana.id);
    expect((await server.auth.authenticator.fromToken(token))?.expiresAtMs).toBe(ends);
    clock.advance(4_000);
    expect(await me(cookie)).toBe(401);
    expect((await createVisitor(server.url).call("GET", "/api/me", undefined, bearer(token))).status).toBe(401);
  });

  test("a session used a day after its last renewal lives thirty days from then; sooner it is left alone", async () => {
    const ana = await signUp(server.url);
    const cookie = ana.visitor.cookie();
    const made = await expiry(ana.id);
    expect((await server.auth.authenticator.fromCookie(cookie))?.expiresAtMs).toBe(made);
    const aged = made - dayMs - 60_000;
    await db.database.sql`update sessions set expires_at = ${new Date(aged).toISOString()} where user_id = ${ana.id}`;
    clock.advance(2_000);
    expect(await expiry(ana.id)).toBe(aged);
    expect(await me(cookie)).toBe(200);
    // In the background of that request; the test's timeout is the deadline.
    while ((await expiry(ana.id)) === aged);
    expect(await expiry(ana.id)).toBeGreaterThanOrEqual(made);
  });

  test("a sign-in for this browser session alone sets a cookie that ends with it, any other a lasting one", async () => {
    const ana = await signUp(server.url);
    const body = { email: ana.email, password };
    const lasting = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", body);
    expect(lasting.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^taskwire\.session_token=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const brief = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", {
      ...body,
      rememberMe: false,
    });
    const [cookie = ""] = brief.headers.getSetCookie().filter((line) => line.startsWith("taskwire.session_token="));
    expect(cookie).toMatch(/^taskwire\.session_token=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test("who changes at another node is seen here within a second", async () => {
    const ana = await signUp(server.url);
    const cookie = ana.visitor.cookie();
    expect(await me(cookie)).toBe(200);
    await db.database.sql`delete from sessions where user_id = ${ana.id}`; // as another node does
    clock.advance(1_000);
    expect(await me(cookie)).toBe(401);
  });
});

test("over https the cookie is Secure and only https pages can have set it", async () => {
  const kind = databases[0];
  if (!kind) throw new Error("no database");
  const db = await kind.open();
  const server = await startAccounts(db.database, { env: { PUBLIC_URL: "https://tasks.example.org" } });
  try {
    const { visitor } = await signUp(server.url);
    const [name = ""] = visitor.cookie().split("=");
    expect(name).toBe("__Secure-taskwire.session_token");
    const { headers } = await visitor.call("POST", "/api/auth/sign-out");
    expect(headers.getSetCookie()[0]).toContain("; Secure");
  } finally {
    await server.stop();
    await db.close();
  }
});
