/** Guessing passwords is slow, lying about one's address does not help, and nobody is locked out by a stranger. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  type Account,
  type AccountServer,
  createVisitor,
  password,
  signUp,
  startAccounts,
} from "../support/accounts.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";

describe("[S8] guessing passwords", () => {
  let db: TestDatabase;
  let server: AccountServer;
  let clock: MovableClock;
  let ana: Account;
  const start = async (env: Readonly<Record<string, string>>) => {
    const kind = databases.at(-1);
    if (!kind) throw new Error("no database");
    db = await kind.open();
    clock = createMovableClock(Date.now());
    server = await startAccounts(db.database, { clock, env: { RATE_LIMIT_ENABLED: "true", ...env } });
    ana = await signUp(server.url);
  };
  const stop = async () => {
    await server?.stop();
    await db?.close();
  };
  const signIn = (email: string, given: string, headers: Readonly<Record<string, string>> = {}) =>
    createVisitor(server.url).call("POST", "/api/auth/sign-in/email", { email, password: given }, headers);

  describe("from an address", () => {
    beforeEach(() => start({ RATE_LIMIT_SIGN_INS_PER_MINUTE: "3" }));
    afterEach(stop);

    test("an account can be tried so often a minute, then the right password must wait too", async () => {
      for (let i = 0; i < 3; i++) expect((await signIn(ana.email, "wrong guess")).status).toBe(401);
      const refused = await signIn(ana.email.toUpperCase(), password);
      expect(refused.status).toBe(429);
      expect(refused.body).toMatchObject({ code: "rate_limited" });
      const seconds = Number(refused.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      clock.advance(seconds * 1000);
      expect((await signIn(ana.email, password)).status).toBe(200);
    });

    test("a forged X-Forwarded-For (or our own header) is no other address", async () => {
      for (let i = 0; i < 3; i++) await signIn(ana.email, "wrong guess");
      for (const name of ["x-forwarded-for", "x-real-ip", "forwarded", "x-taskwire-client-address"]) {
        expect((await signIn(ana.email, password, { [name]: "203.0.113.9" })).status).toBe(429);
      }
    });

    test("many accounts cannot be tried either: failures count for the address", async () => {
      let refused = 0;
      for (let i = 0; i < 32; i++) {
        const { status } = await signIn(`nobody${i}@example.org`, "winter2026");
        if (status === 429) refused++;
      }
      expect(refused).toBe(2);
    });

    test("who holds a session cannot guess its password any faster", async () => {
      const body = { currentPassword: "a wrong guess", newPassword: "another password" };
      const statuses: number[] = [];
      for (let i = 0; i < 4; i++)
        statuses.push((await ana.visitor.call("POST", "/api/auth/change-password", body)).status);
      expect(statuses).toEqual([422, 422, 422, 429]);
    });
  });

  describe("by making accounts", () => {
    beforeEach(() => start({ RATE_LIMIT_REQUESTS_PER_MINUTE: "5" }));
    afterEach(stop);

    test("an address makes no more calls of account paths a minute than any other calls", async () => {
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) {
        const { status } = await createVisitor(server.url).call("POST", "/api/auth/sign-up/email", {});
        statuses.push(status);
      }
      expect(statuses).toEqual([422, 422, 422, 422, 429, 429]); // one went to the sign-up of the set-up
      clock.advance(60_000);
      await signUp(server.url);
    });
  });

  describe("behind a proxy we trust", () => {
    beforeEach(() => start({ RATE_LIMIT_SIGN_INS_PER_MINUTE: "3", TRUSTED_PROXIES: "127.0.0.1" }));
    afterEach(stop);

    test("a stranger's guesses do not lock the owner out, who comes from elsewhere", async () => {
      const from = (address: string) => ({ "x-forwarded-for": address });
      for (let i = 0; i < 6; i++) await signIn(ana.email, "wrong guess", from("203.0.113.9"));
      expect((await signIn(ana.email, password, from("203.0.113.9"))).status).toBe(429);
      expect((await signIn(ana.email, password, from("198.51.100.7"))).status).toBe(200);
      // What the client wrote itself stands further left and is not believed.
      expect((await signIn(ana.email, password, from("198.51.100.8, 203.0.113.9"))).status).toBe(429);
      const [row] = await db.database.sql<{ ip_address: string }[]>`
        select ip_address from sessions where user_id = ${ana.id} order by created_at desc limit 1`;
      expect(row?.ip_address).toBe("198.51.100.7");
    });
  });

  describe("with limits turned off", () => {
    beforeEach(() => start({ RATE_LIMIT_ENABLED: "false", RATE_LIMIT_SIGN_INS_PER_MINUTE: "1" }));
    afterEach(stop);

    test("nothing is counted, by better-auth neither", async () => {
      for (let i = 0; i < 6; i++) expect((await signIn(ana.email, "wrong guess")).status).toBe(401);
      await Promise.all(Array.from({ length: 6 }, () => signUp(server.url)));
    });
  });
});
