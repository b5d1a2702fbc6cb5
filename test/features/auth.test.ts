import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { systemCtx } from "../../src/realtime/log.ts";
import {
  type Account,
  type AccountServer,
  bearer,
  createVisitor,
  eventsOf,
  getToken,
  password,
  refusal,
  signUp,
  startAccounts,
  type Visitor,
} from "../support/accounts.ts";
import { databases, type TestDatabase } from "../support/db.ts";

for (const { name, open } of databases) {
  describe(`accounts on ${name}`, () => {
    let db: TestDatabase;
    let server: AccountServer;
    beforeAll(async () => {
      db = await open();
      server = await startAccounts(db.database);
      await signUp(server.url); // the administrator
    });
    afterAll(async () => {
      await server?.stop();
      await db?.close();
    });

    const signIn = async (account: Account, given = password): Promise<Visitor> => {
      const visitor = createVisitor(server.url);
      const body = { email: account.email, password: given };
      expect((await visitor.call("POST", "/api/auth/sign-in/email", body)).status).toBe(200);
      return visitor;
    };
    const status = async (visitor: Visitor, headers = {}) =>
      (await visitor.call("GET", "/api/me", undefined, headers)).status;
    const sessionsOf = async (account: Account) => {
      const rows = await db.database.sql<{ id: string; token: string }[]>`
        select id, token from sessions where user_id = ${account.id} order by id`;
      return [...rows];
    };

    test("who signs up is signed in, has a room and is a plain user", async () => {
      const ana = await signUp(server.url);
      const { status: code, body } = await ana.visitor.call("GET", "/api/me");
      expect(code).toBe(200);
      expect(body).toEqual({
        id: ana.id,
        name: ana.name,
        email: ana.email,
        avatar_url: null,
        role: "user",
        time_zone: "UTC",
        locale: "en",
      });
      const rooms = await db.database.sql`select kind, seq from rooms where id = ${ana.id}`;
      expect([...rooms]).toEqual([{ kind: "user", seq: 0 }]);
      const kept = await db.database.sql<{ password: string }[]>`
        select password from accounts where user_id = ${ana.id}`;
      expect(kept[0]?.password).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
    });

    test("twenty sign-ups at once make twenty people", async () => {
      const made = await Promise.all(Array.from({ length: 20 }, () => signUp(server.url)));
      const ids = await Promise.all(made.map(async ({ visitor }) => (await visitor.call("GET", "/api/me")).body));
      expect(ids).toEqual(made.map(({ id }) => expect.objectContaining({ id, role: "user" })));
    });

    test("one address signed up twice at once makes one account, and the other is told", async () => {
      const body = { email: "twice@example.org", password, name: "Twice" };
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => createVisitor(server.url).call("POST", "/api/auth/sign-up/email", body)),
      );
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 422, 422, 422]);
      for (const answer of answers.filter(({ status: code }) => code === 422)) {
        expect(answer.body).toMatchObject({ code: "invalid", errors: [{ path: "email" }] });
      }
      const left = await db.database.sql`
        select from rooms where id not in (select id from users) and kind = 'user'`;
      expect(left.length).toBe(0);
    });

    test("[H1] what is wrong with a sign-up is said by field, and nothing is made", async () => {
      const visitor = createVisitor(server.url);
      const good = { email: "new@example.org", password, name: "New" };
      const bad: [object, string][] = [
        [{ ...good, password: "short" }, "password"],
        [{ ...good, password: "x".repeat(129) }, "password"],
        [{ ...good, email: "nobody" }, "email"],
        [{ ...good, email: "x@external.invalid" }, "email"],
        [{ ...good, name: " " }, "name"],
        [{ ...good, name: "a\0b" }, "name"],
        [{ ...good, image: "javascript:alert(1)" }, "image"],
        [{ email: good.email, password }, "name"],
      ];
      for (const [body, path] of bad) {
        const answer = await visitor.call("POST", "/api/auth/sign-up/email", body);
        expect(answer.status).toBe(422);
        expect(answer.headers.get("content-type")).toBe("application/problem+json");
        expect(answer.body).toMatchObject({ code: "invalid", status: 422, errors: [{ path }] });
      }
      const made = await db.database.sql`select from users where email = ${good.email}`;
      expect(made.length).toBe(0);
    });

    test("an empty password is a wrong one, whether or not the address is known", async () => {
      const { email } = await signUp(server.url);
      for (const address of [email, "nobody-at-all@example.org"]) {
        const body = { email: address, password: "" };
        const answer = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", body);
        expect([answer.status, answer.body]).toEqual([401, expect.objectContaining({ code: "unauthenticated" })]);
      }
    });

    test("an address is the same in any case", async () => {
      const ana = await signUp(server.url);
      const visitor = createVisitor(server.url);
      const body = { email: ana.email.toUpperCase(), password };
      expect((await visitor.call("POST", "/api/auth/sign-in/email", body)).status).toBe(200);
      expect((await visitor.call("GET", "/api/me")).body).toMatchObject({ id: ana.id });
    });

    test("[S10] signing out ends the session: its cookie and its token die, an event says so", async () => {
      const ana = await signUp(server.url);
      const other = await signIn(ana);
      const cookie = ana.visitor.cookie();
      const { token } = await getToken(ana.visitor);
      expect(await status(createVisitor(server.url), bearer(token))).toBe(200);
      const [first] = await sessionsOf(ana);

      expect((await ana.visitor.call("POST", "/api/auth/sign-out")).status).toBe(200);
      expect(ana.visitor.cookie()).toBe("");
      expect(await status(createVisitor(server.url), { cookie })).toBe(401);
      expect(await status(createVisitor(server.url), bearer(token))).toBe(401);
      expect(await eventsOf(db.database, ana.id)).toEqual([
        { event: "session_ended", data: { session_id: first?.id ?? "", reason: "signed_out" } },
      ]);
      expect(await status(other)).toBe(200);
    });

    test("signing out without a session is no error", async () => {
      const { status: code, body } = await createVisitor(server.url).call("POST", "/api/auth/sign-out");
      expect([code, body]).toEqual([200, { success: true }]);
    });

    test("[S10] a revoked session is dead at once, and only that one", async () => {
      const ana = await signUp(server.url);
      const lost = await signIn(ana);
      expect(await status(lost)).toBe(200);
      const [, second] = await sessionsOf(ana);
      const answer = await ana.visitor.call("POST", "/api/auth/revoke-session", { token: second?.token });
      expect(answer.status).toBe(200);
      expect(await status(lost)).toBe(401);
      expect(await status(ana.visitor)).toBe(200);
      expect(await eventsOf(db.database, ana.id)).toEqual([
        { event: "session_ended", data: { session_id: second?.id ?? "", reason: "revoked" } },
      ]);
    });

    test("nobody revokes another person's session", async () => {
      const [ana, ben] = [await signUp(server.url), await signUp(server.url)];
      const [session] = await sessionsOf(ben);
      await ana.visitor.call("POST", "/api/auth/revoke-session", { token: session?.token });
      expect(await status(ben.visitor)).toBe(200);
      expect(await eventsOf(db.database, ben.id)).toEqual([]);
    });

    test("[S10] a new password ends all of 130 sessions, each with its event", async () => {
      const ana = await signUp(server.url);
      const before = ana.visitor.cookie();
      await db.database.sql`insert into sessions (id, user_id, token, expires_at)
        select gen_random_uuid(), ${ana.id}, gen_random_uuid()::text, now() + interval '1 day' from generate_series(1, 129)`;
      const ids = (await sessionsOf(ana)).map((session) => session.id);
      expect(ids.length).toBe(130);

      const wrong = { currentPassword: "not it at all", newPassword: "another password" };
      const refused = await ana.visitor.call("POST", "/api/auth/change-password", wrong);
      expect(refused.body).toMatchObject({ code: "invalid", errors: [{ path: "currentPassword" }] });
      expect(await eventsOf(db.database, ana.id)).toEqual([]);

      const right = { ...wrong, currentPassword: password };
      expect((await ana.visitor.call("POST", "/api/auth/change-password", right)).status).toBe(200);
      expect(await status(createVisitor(server.url), { cookie: before })).toBe(401);
      expect(await status(ana.visitor)).toBe(200);
      const ended = (await eventsOf(db.database, ana.id)).map(({ data }) => data);
      expect(ended.length).toBe(130);
      expect(ended).toEqual(expect.arrayContaining(ids.map((session_id) => ({ session_id, reason: "revoked" }))));
      const old = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", {
        email: ana.email,
        password,
      });
      expect(old.status).toBe(401);
      await signIn(ana, right.newPassword);
    });

    test("[S10] a disabled person is out everywhere and cannot come back until enabled", async () => {
      const ana = await signUp(server.url);
      const { token } = await getToken(ana.visitor);
      const cookie = ana.visitor.cookie();
      const ctx = systemCtx({ store: { database: db.database, committed: () => {} } }, "test");
      await server.auth.disableUser(ctx, ana.id);
      expect(await status(createVisitor(server.url), { cookie })).toBe(401);
      expect(await status(createVisitor(server.url), bearer(token))).toBe(401);
      expect(await eventsOf(db.database, ana.id)).toEqual([
        { event: "session_ended", data: { session_id: null, reason: "disabled" } },
      ]);
      await server.auth.disableUser(ctx, ana.id);
      expect((await eventsOf(db.database, ana.id)).length).toBe(1);
      const body = { email: ana.email, password };
      const refused = await createVisitor(server.url).call("POST", "/api/auth/sign-in/email", body);
      expect([refused.status, (await sessionsOf(ana)).length]).toEqual([403, 0]);
      await server.auth.enableUser(ctx, ana.id);
      await signIn(ana);
    });

    test("only administrators disable people, and never the last of themselves", async () => {
      const store = { database: db.database, committed: () => {} };
      const ana = await signUp(server.url);
      const { token } = await getToken(ana.visitor);
      const actor = (await server.auth.authenticator.fromToken(token))?.actor;
      if (!actor) throw new Error("no actor");
      const [admin] = await db.database.sql<{ id: string }[]>`select id from users where role = 'admin'`;
      const ctx = systemCtx({ store }, "test");
      expect(await refusal(server.auth.disableUser({ ...ctx, actor }, admin?.id ?? ""))).toBe("forbidden");
      expect(await refusal(server.auth.disableUser(ctx, admin?.id ?? ""))).toBe("conflict");
      expect(await refusal(server.auth.disableUser(ctx, Bun.randomUUIDv7()))).toBe("not_found");
    });

    test("an account made by the operator signs in like any other", async () => {
      const email = "Operator@Example.org";
      const id = await server.auth.createUser({ email, name: "Op", password, role: "admin" });
      const visitor = createVisitor(server.url);
      expect((await visitor.call("POST", "/api/auth/sign-in/email", { email, password })).status).toBe(200);
      expect((await visitor.call("GET", "/api/me")).body).toMatchObject({ id, role: "admin", name: "Op" });
      const again = server.auth.createUser({ email, name: "Op", password, role: "user" });
      expect(await refusal(again)).toBe("conflict");
    });

    test("an account's name changed by its own path is the actor's at once", async () => {
      const ana = await signUp(server.url);
      expect((await ana.visitor.call("POST", "/api/auth/update-user", { name: "Anna" })).status).toBe(200);
      const identity = await server.auth.authenticator.fromCookie(ana.visitor.cookie());
      expect(identity?.actor.name).toBe("Anna");
    });
  });
}
