import { describe, expect, test } from "bun:test";
import { type AccountServer, createVisitor, password, signUp, startAccounts } from "../support/accounts.ts";
import { databases } from "../support/db.ts";

const person = (name: string) => ({ email: `${name}@example.org`, name, password });
const path = "/api/auth/sign-up/email";

for (const [i, { name, open }] of databases.entries()) {
  // Each needs a database that nobody has signed up on: what does not depend on its kind runs on the fastest alone.
  const once = (title: string, run: () => Promise<void>) => {
    if (i === databases.length - 1) test(title, run);
  };
  const withServer = async (signUpMode: string, work: (server: AccountServer) => Promise<void>) => {
    const db = await open();
    const server = await startAccounts(db.database, { env: { SIGN_UP: signUpMode } });
    try {
      await work(server);
    } finally {
      await server.stop();
      await db.close();
    }
  };
  const state = async ({ url }: AccountServer) => (await createVisitor(url).call("GET", "/api/auth/sign-up")).body;
  const roles = async ({ database }: AccountServer) => {
    const rows = await database.sql<{ role: string }[]>`select role from users order by role`;
    return rows.map(({ role }) => role);
  };

  describe(`who may sign up, on ${name}`, () => {
    test("of ten first sign-ups at once exactly one is the administrator", () =>
      withServer("open", async (server) => {
        await Promise.all(Array.from({ length: 10 }, () => signUp(server.url)));
        expect(await roles(server)).toEqual(["admin", ...Array.from({ length: 9 }, () => "user")]);
      }));

    test("by invitation the setup link makes the first account, once; then nobody signs up", () =>
      withServer("invite", async (server) => {
        const link = new URL((await server.auth.setupUrl()) ?? "");
        expect([link.origin, link.pathname]).toEqual([server.url, "/setup"]);
        expect(await server.auth.setupUrl()).toBe(link.href);
        expect(await state(server)).toEqual({ sign_up: "setup_link" });
        const setup_token = link.searchParams.get("token");

        const without = await createVisitor(server.url).call("POST", path, person("a"));
        const wrong = await createVisitor(server.url).call("POST", path, { ...person("a"), setup_token: "guess" });
        for (const answer of [without, wrong]) {
          expect([answer.status, answer.body]).toEqual([403, expect.objectContaining({ code: "forbidden" })]);
        }
        const first = await createVisitor(server.url).call("POST", path, { ...person("b"), setup_token });
        expect(first.status).toBe(200);
        expect(await server.auth.setupUrl()).toBeUndefined();
        expect(await state(server)).toEqual({ sign_up: "invite" });
        const second = await createVisitor(server.url).call("POST", path, { ...person("c"), setup_token });
        expect([second.status, second.body]).toEqual([
          403,
          expect.objectContaining({ detail: "accounts on this server are made by invitation; ask its administrator" }),
        ]);
        expect(await roles(server)).toEqual(["admin"]);
        expect((await server.database.sql`select from meta where key = 'setup_token'`).length).toBe(0);
      }));

    once("one setup link used by five at once makes one account", () =>
      withServer("invite", async (server) => {
        const setupToken = new URL((await server.auth.setupUrl()) ?? "").searchParams.get("token") ?? "";
        const answers = await Promise.all(
          ["a", "b", "c", "d", "e"].map((each) =>
            createVisitor(server.url).call("POST", path, person(each), { "x-setup-token": setupToken }),
          ),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
        expect(await roles(server)).toEqual(["admin"]);
        expect((await server.database.sql`select from rooms`).length).toBe(1);
      }),
    );

    once("a sign-up that fails leaves the setup link good", () =>
      withServer("invite", async (server) => {
        await server.database
          .sql`insert into users (id, name, email) values (${Bun.randomUUIDv7()}, 'x', 'a@example.org')`;
        const setup_token = new URL((await server.auth.setupUrl()) ?? "").searchParams.get("token");
        const taken = await createVisitor(server.url).call("POST", path, { ...person("a"), setup_token });
        expect(taken.status).toBe(422);
        const { status } = await createVisitor(server.url).call("POST", path, { ...person("b"), setup_token });
        expect(status).toBe(200);
      }),
    );

    once("closed means closed, also for the first", () =>
      withServer("closed", async (server) => {
        const { status, body } = await createVisitor(server.url).call("POST", path, person("a"));
        expect([status, body]).toEqual([403, expect.objectContaining({ code: "forbidden" })]);
        expect(await server.auth.setupUrl()).toBeUndefined();
        expect(await state(server)).toEqual({ sign_up: "closed" });
        expect(await roles(server)).toEqual([]);
      }),
    );

    once("after an account made by the operator there is no setup link, and no sign-up is the administrator's", () =>
      withServer("open", async (server) => {
        await server.auth.createUser({ ...person("op"), role: "user" });
        await signUp(server.url);
        expect(await roles(server)).toEqual(["user", "user"]);
        expect(await state(server)).toEqual({ sign_up: "open" });
      }),
    );
  });
}
