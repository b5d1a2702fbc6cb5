import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { systemCtx } from "../../src/realtime/log.ts";
import { type AccountServer, bearer, createVisitor, eventsOf, signUp, startAccounts } from "../support/accounts.ts";
import { databases, type TestDatabase } from "../support/db.ts";

const secret = "a secret the host application shares with us";

interface Given {
  readonly key?: string;
  readonly expires?: string | number | undefined;
  readonly issuer?: string;
  readonly audience?: string;
}

/** A token as a host application signs it. */
async function hostToken(claims: Readonly<Record<string, unknown>>, given: Given = {}): Promise<string> {
  const jwt = new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" });
  jwt.setIssuer(given.issuer ?? "https://host.example.org").setAudience(given.audience ?? "taskwire");
  if (!("expires" in given)) jwt.setExpirationTime("5m");
  else if (given.expires !== undefined) jwt.setExpirationTime(given.expires);
  return jwt.sign(new TextEncoder().encode(given.key ?? secret));
}

for (const { name, open } of databases) {
  describe(`people of a host application, on ${name}`, () => {
    let db: TestDatabase;
    let server: AccountServer;
    beforeAll(async () => {
      db = await open();
      server = await startAccounts(db.database, {
        env: {
          TRUSTED_JWT_SECRET: secret,
          TRUSTED_JWT_ISSUER: "https://host.example.org",
          TRUSTED_JWT_AUDIENCE: "taskwire",
        },
      });
    });
    afterAll(async () => {
      await server?.stop();
      await db?.close();
    });
    const me = (token: string) => createVisitor(server.url).call("GET", "/api/me", undefined, bearer(token));
    const people = async (externalId: string) => [
      ...(await db.database.sql<{ id: string; name: string; role: string }[]>`
        select id, name, role from users where external_id = ${externalId}`),
    ];

    test("twenty first requests at once make one person with a room, who is nobody's administrator", async () => {
      const token = await hostToken({ sub: "h1", name: "Hana" });
      const answers = await Promise.all(Array.from({ length: 20 }, () => me(token)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const made = await people("https://host.example.org|h1");
      expect(made).toEqual([{ id: expect.any(String), name: "Hana", role: "user" }]);
      expect(answers[0]?.body).toEqual({
        id: made[0]?.id,
        name: "Hana",
        avatar_url: null,
        role: "user",
        time_zone: "UTC",
        locale: "en",
      });
      expect((await db.database.sql`select from rooms where id = ${made[0]?.id ?? ""}`).length).toBe(1);
    });

    test("the first who signs up after them is still the administrator", async () => {
      await me(await hostToken({ sub: "early" }));
      const { visitor } = await signUp(server.url);
      expect((await visitor.call("GET", "/api/me")).body).toMatchObject({ role: "admin" });
    });

    test("a new name in the token is the person's name at once; no name is no change", async () => {
      await me(await hostToken({ sub: "h2", name: "Old" }));
      expect((await me(await hostToken({ sub: "h2", name: "New" }))).body).toMatchObject({ name: "New" });
      expect((await me(await hostToken({ sub: "h2" }))).body).toMatchObject({ name: "New" });
      expect((await people("https://host.example.org|h2")).map((person) => person.name)).toEqual(["New"]);
    });

    test("an address in the token links to nobody and takes nobody's", async () => {
      const ana = await signUp(server.url);
      const { body } = await me(await hostToken({ sub: "thief", email: ana.email }));
      expect(body).not.toMatchObject({ id: ana.id });
      expect(body).not.toHaveProperty("email");
      await me(await hostToken({ sub: "squatter", email: "later@example.org" }));
      await signUp(server.url, { email: "later@example.org" });
    });

    test("a token without an end, past its end, of another key, issuer or audience is refused", async () => {
      const bad = [
        await hostToken({ sub: "h3" }, { expires: undefined }),
        await hostToken({ sub: "h3" }, { expires: "-1s" }),
        await hostToken({ sub: "h3" }, { key: "another secret of the same length and more" }),
        await hostToken({ sub: "h3" }, { issuer: "https://evil.example.org" }),
        await hostToken({ sub: "h3" }, { audience: "another" }),
        await hostToken({ sub: "" }),
        await hostToken({}),
      ];
      for (const token of bad) expect((await me(token)).status).toBe(401);
      expect(await people("https://host.example.org|h3")).toEqual([]);
    });

    test("a token that ends beyond the calendar ends at its last moment", async () => {
      const token = await hostToken({ sub: "h6" }, { expires: 1e15 });
      const { expiresAtMs } = (await server.auth.authenticator.fromToken(token)) ?? {};
      expect(new Date(expiresAtMs ?? Number.NaN).toISOString()).toBe("9999-12-31T23:59:59.999Z");
    });

    test("such a person has no session, so no token is made for them", async () => {
      const token = await hostToken({ sub: "h4" });
      const { status } = await createVisitor(server.url).call("POST", "/api/token", undefined, bearer(token));
      expect(status).toBe(403);
      expect((await server.auth.authenticator.fromToken(token))?.actor.sessionId).toBeNull();
    });

    test("a disabled one is refused, and all their connections are told to end", async () => {
      const token = await hostToken({ sub: "h5" });
      await me(token);
      const [person] = await people("https://host.example.org|h5");
      const ctx = systemCtx({ store: { database: db.database, committed: () => {} } }, "test");
      await server.auth.disableUser(ctx, person?.id ?? "");
      expect((await me(token)).status).toBe(403);
      expect(await eventsOf(db.database, person?.id ?? "")).toEqual([
        { event: "session_ended", data: { session_id: null, reason: "disabled" } },
      ]);
    });
  });
}
