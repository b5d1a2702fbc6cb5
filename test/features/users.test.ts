import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { type Account, type AccountServer, signUp, startAccounts } from "../support/accounts.ts";
import { databases, type TestDatabase } from "../support/db.ts";

const List = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string(), email: z.string().optional() })),
  next_cursor: z.string().nullable(),
});

for (const { name, open } of databases) {
  describe(`people on ${name}`, () => {
    let db: TestDatabase;
    let server: AccountServer;
    let admin: Account;
    beforeAll(async () => {
      db = await open();
      server = await startAccounts(db.database);
      admin = await signUp(server.url, { name: "Administrator" });
    });
    afterAll(async () => {
      await server?.stop();
      await db?.close();
    });
    const list = async ({ visitor }: Account, query = "") => {
      const { status, body } = await visitor.call("GET", `/api/users${query}`);
      if (status !== 200) throw new Error(JSON.stringify(body));
      return List.parse(body);
    };
    const namesOf = (page: z.infer<typeof List>) => page.items.map((user) => user.name);
    const share = async (people: readonly Account[]) => {
      const id = Bun.randomUUIDv7();
      await db.database.sql`insert into projects (id, key, name, created_by) values (${id}, ${id}, 'P', ${admin.id})`;
      for (const person of people) {
        await db.database.sql`insert into members (project_id, user_id, role) values (${id}, ${person.id}, 'member')`;
      }
      return id;
    };

    test("[H2] a change of oneself changes what is named and nothing else", async () => {
      const ana = await signUp(server.url);
      const changed = await ana.visitor.call("PATCH", "/api/me", { name: " Ana ", time_zone: "Europe/Vienna" });
      expect(changed.status).toBe(200);
      expect(changed.body).toMatchObject({ id: ana.id, name: "Ana", time_zone: "Europe/Vienna", locale: "en" });
      expect((await ana.visitor.call("PATCH", "/api/me", { locale: "de-AT" })).body).toMatchObject({
        name: "Ana",
        time_zone: "Europe/Vienna",
        locale: "de-AT",
      });
      expect((await ana.visitor.call("PATCH", "/api/me", {})).body).toMatchObject({ name: "Ana" });
      expect((await server.auth.authenticator.fromCookie(ana.visitor.cookie()))?.actor).toMatchObject({
        name: "Ana",
        timeZone: "Europe/Vienna",
        locale: "de-AT",
      });
    });

    test("[H1] a change that does not fit is refused by field", async () => {
      const ana = await signUp(server.url);
      const bad: [object, string][] = [
        [{ name: "" }, "name"],
        [{ name: null }, "name"],
        [{ time_zone: "Mars/Olympus" }, "time_zone"],
        [{ locale: "not a locale" }, "locale"],
      ];
      for (const [body, path] of bad) {
        const answer = await ana.visitor.call("PATCH", "/api/me", body);
        expect([answer.status, answer.body]).toEqual([
          422,
          expect.objectContaining({ errors: [expect.objectContaining({ path })] }),
        ]);
      }
    });

    test("[H4] a retried change is applied once; the same key for another change is refused", async () => {
      const ana = await signUp(server.url);
      const headers = { "idempotency-key": "rename-1" };
      await ana.visitor.call("PATCH", "/api/me", { name: "First" }, headers);
      await ana.visitor.call("PATCH", "/api/me", { name: "Second" });
      expect((await ana.visitor.call("PATCH", "/api/me", { name: "First" }, headers)).body).toMatchObject({
        name: "Second",
      });
      const other = await ana.visitor.call("PATCH", "/api/me", { name: "Third", mutation_id: "rename-1" });
      expect(other.body).toMatchObject({ code: "idempotency_mismatch" });
    });

    test("one sees oneself and those one shares a living project with, without their addresses", async () => {
      const [ana, ben, cem] = [
        await signUp(server.url, { name: "Ana" }),
        await signUp(server.url, { name: "Ben" }),
        await signUp(server.url, { name: "Cem" }),
      ];
      expect(namesOf(await list(ana))).toEqual(["Ana"]);
      await share([ana, ben]);
      await share([ben, cem]);
      const seen = await list(ana);
      expect(seen.items).toEqual([
        { id: ana.id, name: "Ana", email: ana.email },
        { id: ben.id, name: "Ben" },
      ]);
      const gone = await share([ana, cem]);
      expect(namesOf(await list(ana))).toEqual(["Ana", "Ben", "Cem"]);
      await db.database.sql`update projects set deleted_at = now() where id = ${gone}`;
      await db.database.sql`update users set disabled_at = now() where id = ${ben.id}`;
      expect(namesOf(await list(ana))).toEqual(["Ana"]);
    });

    test("the search is for a part of the name, and its signs mean themselves", async () => {
      const ana = await signUp(server.url, { name: "100% Zoë_x" });
      await signUp(server.url, { name: "100 Zoe.x" });
      for (const [q, found] of [
        ["zoë", 1],
        ["0%", 1],
        ["ë_", 1],
        ["_z", 0],
        ["e.", 0],
      ] as const) {
        expect([q, (await list(ana, `?q=${encodeURIComponent(q)}`)).items.length]).toEqual([q, found]);
      }
      const all = await list(admin, "?q=zoe");
      expect(namesOf(all)).toEqual(["100 Zoe.x"]);
    });

    test("[H2] an administrator sees everybody, page by page, each once and in order", async () => {
      const everybody = await list(admin, "?limit=200");
      expect(everybody.next_cursor).toBeNull();
      const paged: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const query: string = cursor === "" ? "?limit=2" : `?limit=2&cursor=${cursor}`;
        const part = await list(admin, query);
        expect(part.items.length).toBeLessThanOrEqual(2);
        paged.push(...part.items.map((user) => user.id));
        cursor = part.next_cursor;
      }
      expect(paged).toEqual(everybody.items.map((user) => user.id));
      expect(everybody.items.find((user) => user.id === admin.id)?.email).toBe(admin.email);
      expect(await list(admin, `?q=${admin.email}`)).toMatchObject({ items: [{ id: admin.id }] });
    });

    test("[H2] an unknown filter, a bad limit and a foreign cursor are refused", async () => {
      for (const query of ["?x=1", "?limit=0", "?limit=201", "?limit=x", "?cursor=x", "?q=a&q=b"]) {
        expect((await admin.visitor.call("GET", `/api/users${query}`)).status).toBe(422);
      }
    });
  });
}
