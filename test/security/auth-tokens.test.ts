/** Attacks on tokens: everything but an untouched, living token of ours is refused. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { loadAuthKeys } from "../../src/features/auth/secrets.ts";
import {
  type Account,
  type AccountServer,
  bearer,
  createVisitor,
  getToken,
  signUp,
  startAccounts,
} from "../support/accounts.ts";
import { databases, type TestDatabase } from "../support/db.ts";

const hostSecret = "a secret the host application shares with us";
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const hmac = (header: object, payload: object, key: string | Uint8Array, hash = "sha256"): string => {
  const body = `${part(header)}.${part(payload)}`;
  return `${body}.${createHmac(hash, key).update(body).digest("base64url")}`;
};

describe("attacks on tokens", () => {
  let db: TestDatabase;
  let server: AccountServer;
  let ana: Account;
  let token: string;
  let key: Uint8Array;
  beforeAll(async () => {
    const kind = databases.at(-1);
    if (!kind) throw new Error("no database");
    db = await kind.open();
    server = await startAccounts(db.database, { env: { TRUSTED_JWT_SECRET: hostSecret } });
    ana = await signUp(server.url);
    token = (await getToken(ana.visitor)).token;
    key = (await loadAuthKeys(server.config)).token;
  });
  afterAll(async () => {
    await server?.stop();
    await db?.close();
  });
  const answer = (given: string) => createVisitor(server.url).call("GET", "/api/me", undefined, bearer(given));
  const expectRefused = async (tokens: readonly string[]) => {
    for (const each of tokens) {
      const { status, body } = await answer(each);
      expect([status, body]).toEqual([401, expect.objectContaining({ code: "unauthenticated" })]);
    }
  };

  test("a token says who, which session, its own id and when, and no more", async () => {
    expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "JWT" });
    const claims = decodeJwt(token);
    expect(Object.keys(claims).sort()).toEqual(["exp", "iat", "iss", "jti", "sid", "sub"]);
    expect([claims.iss, claims.sub, (claims.exp ?? 0) - (claims.iat ?? 0)]).toEqual(["taskwire", ana.id, 900]);
    expect((await answer(token)).status).toBe(200);
  });

  test("the same claims signed here with the right key pass, so that the refusals below are for their cause", async () => {
    expect((await answer(hmac({ alg: "HS256" }, decodeJwt(token), key))).status).toBe(200);
  });

  test("alg none, other algorithms and other keys are refused, whatever the header claims", async () => {
    const claims = decodeJwt(token);
    const body = `${part({ alg: "RS256" })}.${part(claims)}`;
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    await expectRefused([
      `${part({ alg: "none" })}.${part(claims)}.`,
      `${part({ alg: "None", typ: "JWT" })}.${part(claims)}.`,
      `${part({ alg: "none" })}.${part(claims)}.${token.split(".")[2]}`,
      hmac({ alg: "HS384" }, claims, key, "sha384"),
      hmac({ alg: "HS512" }, claims, key, "sha512"),
      hmac({ alg: "HS256" }, claims, key, "sha512"),
      `${body}.${sign("sha256", Buffer.from(body), privateKey).toString("base64url")}`,
      hmac({ alg: "HS256" }, claims, pem),
      hmac({ alg: "HS256" }, claims, ""),
      hmac({ alg: "HS256" }, claims, "\0"),
      hmac({ alg: "HS256", jwk: { kty: "oct", k: part("x") } }, claims, JSON.stringify("x")),
      hmac({ alg: "HS256", kid: "../../dev/null" }, claims, ""),
      hmac({ alg: "HS256", kid: "' union select '" }, claims, ""),
      hmac({ alg: "HS256", jku: "https://evil.example.org/keys" }, claims, "evil"),
      hmac({ alg: "HS256", crit: ["b64"], b64: false }, claims, key),
    ]);
  });

  test("a changed, cut or doubled token is refused", async () => {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const forged = part({ ...decodeJwt(token), sub: Bun.randomUUIDv7() });
    await expectRefused([
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${token}.${signature}`,
      "",
      ".",
      "..",
      "null",
      "x".repeat(8000),
    ]);
  });

  test("claims that do not fit are refused, also under the right key", async () => {
    const claims = decodeJwt(token);
    const other = await signUp(server.url);
    const otherSession = decodeJwt((await getToken(other.visitor)).token).sid;
    const { exp: _exp, ...endless } = claims;
    const { sid: _sid, ...sessionless } = claims;
    const { iss: _iss, ...issuerless } = claims;
    const now = Math.floor(Date.now() / 1000);
    await expectRefused(
      [
        endless,
        sessionless,
        issuerless,
        { ...claims, iss: "another" },
        { ...claims, exp: now - 1 },
        { ...claims, exp: "never" },
        { ...claims, nbf: now + 600 },
        { ...claims, sid: Bun.randomUUIDv7() },
        { ...claims, sid: "' or true --" },
        { ...claims, sid: otherSession },
        { ...claims, sub: other.id },
        { ...claims, sub: [ana.id] },
      ].map((each) => hmac({ alg: "HS256" }, each, key)),
    );
  });

  test("a host application cannot speak for our accounts", async () => {
    const { status, body } = await answer(hmac({ alg: "HS256" }, decodeJwt(token), hostSecret));
    expect(status).toBe(200);
    expect(body).not.toMatchObject({ id: ana.id });
    expect(body).not.toHaveProperty("email");
  });

  test("a token is refused as a cookie, a cookie as a token", async () => {
    await expectRefused([ana.visitor.cookie().split("=")[1] ?? "", decodeURIComponent(ana.visitor.cookie())]);
    const [name = ""] = ana.visitor.cookie().split("=");
    const { status } = await createVisitor(server.url).call("GET", "/api/me", undefined, {
      cookie: `${name}=${token}`,
    });
    expect(status).toBe(401);
  });

  test("a bad token is refused even beside a good cookie, and only Bearer is taken", async () => {
    const visitor = createVisitor(server.url);
    const cookie = ana.visitor.cookie();
    for (const authorization of ["Bearer x", "Basic YTpi", "Bearer", `Token ${token}`, token]) {
      expect((await visitor.call("GET", "/api/me", undefined, { cookie, authorization })).status).toBe(401);
    }
    expect((await visitor.call("GET", "/api/me", undefined, { authorization: `bearer ${token}` })).status).toBe(200);
  });

  test("[S1] a token in the address is refused with 401, good or not, with a good cookie too", async () => {
    for (const path of [
      `/api/me?token=${token}`,
      `/api/me?access_token=${token}`,
      `/api/me?%74oken=${token}`,
      "/api/me?a=b&token=x",
      `/api/auth/get-session?token=${token}`,
    ]) {
      const { status, body } = await ana.visitor.call("GET", path);
      expect([status, body]).toEqual([401, expect.objectContaining({ code: "unauthenticated" })]);
    }
  });

  test("a token makes no token: one that was stolen dies with its fifteen minutes", async () => {
    const { status } = await createVisitor(server.url).call("POST", "/api/token", undefined, bearer(token));
    expect(status).toBe(403);
  });

  test("no token, cookie or password is in any log line", async () => {
    const cookie = ana.visitor.cookie();
    await answer(`${token}x`);
    const lines = server.logged.join("");
    expect(server.logged.length).toBeGreaterThan(0);
    for (const canary of [token, cookie, cookie.split("=")[1] ?? "", "correct horse", hostSecret]) {
      expect(lines).not.toContain(canary);
    }
  });
});
