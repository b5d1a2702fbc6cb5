/** What two nodes, or two requests, do to each other at the worst moment. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import type { Transaction } from "../../src/db/context.ts";
import { createSignUpGate } from "../../src/features/auth/sign-up.ts";
import { type AccountServer, createVisitor, password, refusal, signUp, startAccounts } from "../support/accounts.ts";
import { databases, type TestDatabase } from "../support/db.ts";

const hostSecret = "a secret the host application shares with us";
const person = (name: string) => ({ email: `${name}@example.org`, name, password });
const postgres = databases.find(({ kind }) => kind === "postgres");

describe.skipIf(!postgres)("accounts at the worst moment", () => {
  let db: TestDatabase;
  beforeAll(async () => {
    if (!postgres) throw new Error("PostgreSQL is not installed");
    db = await postgres.open();
  });
  afterAll(() => db?.close());

  /** Does `first` in a transaction that commits once somebody waits for it; answers what `second` came to. */
  const whileUncommitted = async <T>(first: (tx: Transaction) => Promise<unknown>, second: () => Promise<T>) => {
    const started = Promise.withResolvers<void>();
    const committed = db.database.orm.transaction(async (tx) => {
      await first(tx);
      started.resolve();
      for (let waiting = 0; waiting === 0; ) {
        const [row] = await db.database.sql<{ n: number }[]>`
          select count(*) as n from pg_locks l join pg_stat_activity a using (pid)
          where a.datname = current_database() and not l.granted and l.locktype in ('transactionid', 'tuple')`;
        waiting = row?.n ?? 0;
      }
    });
    await started.promise;
    const [answer] = await Promise.all([second(), committed]);
    return answer;
  };

  test("the place of the first account goes to one of two who claim it at once", async () => {
    const gate = createSignUpGate(db.database, "open");
    const roles: string[] = [];
    await whileUncommitted(
      async (tx) => roles.push(await gate.admit(tx, Bun.randomUUIDv7(), undefined)),
      () =>
        db.database.orm.transaction(async (tx) => {
          roles.push(await gate.admit(tx, Bun.randomUUIDv7(), undefined));
        }),
    );
    expect(roles).toEqual(["admin", "user"]);
    await db.database.sql`delete from meta where key = 'first_account'`;
  });

  test("a claim that is rolled back frees the place", async () => {
    const gate = createSignUpGate(db.database, "open");
    const claim = () =>
      db.database.orm.transaction(async (tx) => {
        throw new Error(await gate.admit(tx, Bun.randomUUIDv7(), undefined));
      });
    for (let i = 0; i < 2; i++) expect(await refusal(claim())).toBe("Error: admin");
  });

  test("by invitation a wrong setup token is refused before and inside the transaction", async () => {
    const gate = createSignUpGate(db.database, "invite");
    const token = (await gate.setupToken()) ?? "";
    const admit = (given: string | undefined) =>
      db.database.orm.transaction(async (tx) => {
        throw new Error(await gate.admit(tx, Bun.randomUUIDv7(), given));
      });
    for (const wrong of [undefined, "", "x", `${token}x`, token.slice(1), token.toUpperCase()]) {
      expect(await refusal(gate.requireAdmission(wrong))).toBe("forbidden");
      expect(await refusal(admit(wrong))).toBe("forbidden");
    }
    await gate.requireAdmission(token);
    expect(await refusal(admit(token))).toBe("Error: admin");
    await db.database.sql`delete from meta where key = 'setup_token'`;
  });

  describe("with servers", () => {
    let servers: AccountServer[];
    beforeAll(async () => {
      const env = { AUTH_SECRET: "one secret for all of these servers", TRUSTED_JWT_SECRET: hostSecret };
      servers = await Promise.all(Array.from({ length: 5 }, () => startAccounts(db.database, { env })));
      await signUp(servers[0]?.url ?? "");
    });
    afterAll(async () => {
      for (const server of servers ?? []) await server.stop();
    });

    test("an address taken while its sign-up was under way is told as taken, and nothing of it stays", async () => {
      const taken = person("taken");
      const answer = await whileUncommitted(
        (tx) =>
          tx.execute(`insert into users (id, name, email) values ('${Bun.randomUUIDv7()}', 'x', '${taken.email}')`),
        () => createVisitor(servers[0]?.url ?? "").call("POST", "/api/auth/sign-up/email", taken),
      );
      expect([answer.status, answer.body]).toEqual([
        422,
        expect.objectContaining({ code: "invalid", errors: [expect.objectContaining({ path: "email" })] }),
      ]);
      const [row] = await db.database.sql`
        select (select count(*) from users where email = ${taken.email}) as people,
          (select count(*) from rooms where id not in (select id from users)) as rooms`;
      expect(row).toEqual({ people: 1, rooms: 0 });
    });

    test("five nodes that see a host application's person first make one", async () => {
      const key = new TextEncoder().encode(hostSecret);
      for (let round = 0; round < 10; round++) {
        const jwt = new SignJWT({ sub: `h${round}` }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("5m");
        const token = await jwt.sign(key);
        const found = await Promise.all(servers.map((server) => server.auth.authenticator.fromToken(token)));
        const ids = new Set(found.map((identity) => identity?.actor.id));
        expect([...ids]).toEqual([expect.any(String)]);
      }
      const [row] = await db.database.sql`
        select (select count(*) from users where external_id is not null) as people,
          (select count(*) from rooms where id not in (select id from users)) as rooms`;
      expect(row).toEqual({ people: 10, rooms: 0 });
    });

    test("a session that was begun while its person was disabled opens nothing", async () => {
      const { visitor, id } = await signUp(servers[0]?.url ?? "");
      await db.database.sql`update users set disabled_at = now() where id = ${id}`;
      expect((await visitor.call("GET", "/api/me")).status).toBe(401);
    });

    test("a cookie and a token of one node are good on the others, and dead there after a sign-out", async () => {
      const [one, two] = servers;
      const { visitor, id } = await signUp(one?.url ?? "");
      const cookie = visitor.cookie();
      const { token } = (await one?.auth.authenticator
        .fromCookie(cookie)
        .then((identity) => identity && one.auth.issueToken(identity.actor))) ?? { token: "" };
      expect((await two?.auth.authenticator.fromToken(token))?.actor.id).toBe(id);
      expect((await two?.auth.authenticator.fromCookie(cookie))?.actor.id).toBe(id);
      await visitor.call("POST", "/api/auth/sign-out");
      two?.auth.forgetUser(id); // what it remembers lasts a second; see the sessions' own test
      expect(await two?.auth.authenticator.fromToken(token)).toBeUndefined();
      expect(await two?.auth.authenticator.fromCookie(cookie)).toBeUndefined();
    });
  });
});

for (const { name, open } of databases) {
  test(`a database that fails in a sign-out is answered as a failure, and the session lives on ${name}`, async () => {
    const db = await open();
    const server = await startAccounts(db.database);
    try {
      const { visitor, id } = await signUp(server.url);
      // The event cannot be written: rows and event fail together.
      await db.database.sql`alter table events add constraint broken check (event <> 'session_ended')`;
      const cookie = visitor.cookie();
      const { status, headers } = await visitor.call("POST", "/api/auth/sign-out");
      expect([status, headers.getSetCookie()]).toEqual([500, []]);
      expect((await visitor.call("GET", "/api/me", undefined, { cookie })).body).toMatchObject({ id });
      for (const path of ["revoke-sessions", "revoke-other-sessions"]) {
        await db.database.sql`insert into sessions (id, user_id, token, expires_at)
          values (${Bun.randomUUIDv7()}, ${id}, ${Bun.randomUUIDv7()}, now() + interval '1 day')`;
        expect((await visitor.call("POST", `/api/auth/${path}`)).status).toBe(500);
      }
      expect((await db.database.sql`select from sessions where user_id = ${id}`).length).toBe(3);
    } finally {
      await server.stop();
      await db.close();
    }
  });
}
