/** Attacks on the session cookie and on those who hold one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type Account,
  type AccountServer,
  createVisitor,
  password,
  signUp,
  startAccounts,
} from "../support/accounts.ts";
import { databases, type TestDatabase } from "../support/db.ts";

describe("attacks on cookies", () => {
  let db: TestDatabase;
  let server: AccountServer;
  let ana: Account;
  beforeAll(async () => {
    const kind = databases.at(-1);
    if (!kind) throw new Error("no database");
    db = await kind.open();
    server = await startAccounts(db.database, { env: { CORS_ORIGINS: "https://app.example.org" } });
    await signUp(server.url);
    ana = await signUp(server.url);
  });
  afterAll(async () => {
    await server?.stop();
    await db?.close();
  });
  const me = async (cookie: string) =>
    (await createVisitor(server.url).call("GET", "/api/me", undefined, { cookie })).status;

  test("a cookie set by better-auth passes among others; changed, unsigned, cut or doubled it does not", async () => {
    const cookie = ana.visitor.cookie();
    const [name = "", value = ""] = cookie.split("=");
    const [token = "", signature = ""] = decodeURIComponent(value).split(".");
    expect(await me(`a=b; ${cookie}; c=d`)).toBe(200);
    const flipped = `${token.startsWith("a") ? "b" : "a"}${token.slice(1)}`;
    for (const bad of [
      `${flipped}.${signature}`,
      token,
      `${token}.`,
      `.${signature}`,
      `${token}.${signature.slice(0, -1)}`,
      `${token}.${signature}=`,
      `${token}.${signature}.${signature}`,
      `${token}.${signature.toLowerCase()}`,
      "%",
      "",
    ]) {
      expect(await me(`${name}=${bad === "%" ? bad : encodeURIComponent(bad)}`)).toBe(401);
    }
    expect(await me(`${name}=bad; ${cookie}`)).toBe(401);
    expect(await me(`x${cookie}`)).toBe(401);
    expect(await me("")).toBe(401);
  });

  test("a cookie of a server with another secret is refused", async () => {
    const other = await startAccounts(db.database, { env: { AUTH_SECRET: "another secret of a good length!" } });
    const { visitor } = await signUp(other.url);
    await other.stop();
    expect(await me(visitor.cookie())).toBe(401);
  });

  const evil = () => {
    const own = new URL(server.url);
    return [
      "https://evil.example.org",
      "null",
      `${server.url}.evil.example.org`,
      `${own.protocol}//evil${own.host}`,
      `${own.protocol}//${own.hostname}:1`,
      "https://app.example.org.evil.org",
      "http://app.example.org",
      "",
    ];
  };

  test("[H3] no write with a cookie from another site's page, on no path; reading is harmless", async () => {
    for (const origin of evil()) {
      for (const [method, path, body] of [
        ["PATCH", "/api/me", { name: "Owned" }],
        ["POST", "/api/token", undefined],
        ["POST", "/api/auth/sign-out", undefined],
        ["POST", "/api/auth/change-password", { currentPassword: password, newPassword: "owned password" }],
        ["POST", "/api/auth/revoke-sessions", undefined],
      ] as const) {
        const answer = await ana.visitor.call(method, path, body, { origin });
        expect([origin, path, answer.status]).toEqual([origin, path, 403]);
        expect(answer.body).toMatchObject({ code: "forbidden" });
      }
    }
    expect((await ana.visitor.call("GET", "/api/me")).body).toMatchObject({ name: ana.name });
  });

  test("a browser that says the request comes from elsewhere is believed, without an Origin too", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    expect((await ana.visitor.call("PATCH", "/api/me", { name: "Owned" }, headers)).status).toBe(403);
  });

  test("nobody is signed in to another's account by a foreign page", async () => {
    const body = { email: ana.email, password };
    for (const origin of evil()) {
      const answer = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", body, { origin });
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const form = `email=${ana.email}&password=${password}`;
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", form, headers)).status).toBe(415);
    const plain = { "content-type": "text/plain" };
    const sent = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", JSON.stringify(body), plain);
    expect(sent.status).toBe(415);
  });

  test("our own page, the listed site and programs without pages may write", async () => {
    for (const headers of [{ origin: server.url }, { origin: "https://app.example.org" }, {}]) {
      expect((await ana.visitor.call("PATCH", "/api/me", { name: ana.name }, headers)).status).toBe(200);
    }
  });
});

describe("attacks on signing up and in", () => {
  let db: TestDatabase;
  let server: AccountServer;
  beforeAll(async () => {
    const kind = databases.at(-1);
    if (!kind) throw new Error("no database");
    db = await kind.open();
    server = await startAccounts(db.database);
    await signUp(server.url);
  });
  afterAll(async () => {
    await server?.stop();
    await db?.close();
  });

  test("a sign-up sets nothing but what it may", async () => {
    const id = Bun.randomUUIDv7();
    const json = `{"email":"mass@example.org","password":"${password}","name":"Mass","role":"admin","emailVerified":true,
      "id":"${id}","userId":"${id}","externalId":"x|y","external_id":"x|y","disabledAt":null,"createdAt":"2000-01-01T00:00:00Z",
      "__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}},"role":"admin"}`;
    const { status } = await createVisitor(server.url).call("POST", "/api/auth/sign-up/email", json);
    expect(status).toBe(200);
    const rows = await db.database.sql`
      select id = ${id} as chosen, role, email_verified, external_id, created_at > '2020-01-01' as recent
      from users where email = 'mass@example.org'`;
    expect([...rows]).toEqual([
      { chosen: false, role: "user", email_verified: false, external_id: null, recent: true },
    ]);
  });

  test("neither path to one's own profile takes a role or an address", async () => {
    const { visitor, id } = await signUp(server.url);
    for (const body of [{ role: "admin" }, { email: "x@example.org" }, { emailVerified: true }, { id: "x" }]) {
      expect((await visitor.call("PATCH", "/api/me", body)).status).toBe(422);
      expect((await visitor.call("POST", "/api/auth/update-user", body)).status).toBe(422);
    }
    expect((await visitor.call("GET", "/api/me")).body).toMatchObject({ id, role: "user" });
  });

  test("an unknown address and a wrong password are answered alike, in about the same time", async () => {
    const ana = await signUp(server.url);
    const attempt = async (email: string) => {
      const startedAt = performance.now();
      const { status, body } = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", {
        email,
        password: "a wrong password",
      });
      const ms = performance.now() - startedAt;
      const { request_id: _, ...rest } = typeof body === "object" && body !== null ? { request_id: "", ...body } : {};
      return { ms, seen: { status, ...rest } };
    };
    const rounds = 7;
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const [wrong, nobody] = [await attempt(ana.email), await attempt(`nobody${i}@example.org`)];
      expect(nobody.seen).toEqual(wrong.seen);
      expect(wrong.seen).toMatchObject({ status: 401, code: "unauthenticated" });
      known.push(wrong.ms);
      unknown.push(nobody.ms);
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
    // Without a hash for the unknown the ratio is about 20.
    expect(median(known) / median(unknown)).toBeLessThan(3);
    expect(median(unknown) / median(known)).toBeLessThan(3);
  });

  test("bad bodies of any kind are refused, with no trace of what was sent", async () => {
    const canary = "canary-4711";
    for (const body of [
      "{",
      "[]",
      "null",
      `"${canary}"`,
      `{"email":{"$ne":"${canary}"},"password":["x"]}`,
      `{"email":"${canary}' or 1=1 --","password":"${canary}"}`,
      `{"email":"${canary}@example.org\u0000","password":"${canary}"}`,
    ]) {
      const answer = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", body);
      expect(answer.status).toBe(422);
      expect(JSON.stringify(answer.body)).not.toContain(canary);
    }
    const large = JSON.stringify({ email: "a@example.org", password: "x".repeat(20_000) });
    expect((await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", large)).status).toBe(413);
  });

  test("better-auth's other paths are not there, nor other methods", async () => {
    const { visitor } = await signUp(server.url);
    for (const path of ["delete-user", "change-email", "link-social", "sign-in/social", "error", "callback/x", ""]) {
      for (const method of ["GET", "POST"]) {
        expect((await visitor.call(method, `/api/auth/${path}`)).status).toBe(404);
      }
    }
    expect((await visitor.call("GET", "/api/auth/sign-out")).status).toBe(405);
    expect((await visitor.call("PUT", "/api/auth/sign-in/email", {})).status).toBe(405);
    expect((await visitor.call("GET", "/api/me")).status).toBe(200);
  });
});
