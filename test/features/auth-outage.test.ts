import { describe, expect, test } from "bun:test";
import { migrateUp } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import { createVisitor, password, signUp, startAccounts } from "../support/accounts.ts";
import { createMovableClock } from "../support/clock.ts";
import { findPostgresBinaries, startPostgres } from "../support/services.ts";

describe.skipIf(!findPostgresBinaries())("accounts in an outage of the database", () => {
  test("every call is answered 503 and nobody is signed out; afterwards all goes on", async () => {
    const cluster = await startPostgres();
    if (!cluster) throw new Error("PostgreSQL is not installed");
    const database = await openDatabase({ databaseUrl: await cluster.createDatabase(), dataDir: "", poolSize: 4 });
    await migrateUp(database);
    const clock = createMovableClock(Date.now());
    const server = await startAccounts(database, { clock });
    try {
      const ana = await signUp(server.url);
      const cookie = ana.visitor.cookie();
      const signIn = () =>
        createVisitor(server.url).call("POST", "/api/auth/sign-in/email", { email: ana.email, password });
      const down = new Promise<void>((resolve) => database.onDown(resolve));
      const up = new Promise<void>((resolve) => database.onUp(resolve));

      await cluster.kill();
      await down;
      clock.advance(1_000); // nothing is remembered any more
      const answers = [
        await createVisitor(server.url).call("GET", "/api/me", undefined, { cookie }),
        await signIn(),
        await createVisitor(server.url).call("POST", "/api/auth/sign-out", undefined, { cookie }),
        await createVisitor(server.url).call("GET", "/api/auth/get-session", undefined, { cookie }),
      ];
      for (const { status, headers } of answers) {
        expect([status, headers.get("retry-after"), headers.getSetCookie()]).toEqual([503, "1", []]);
      }

      await cluster.restart();
      await up;
      expect((await ana.visitor.call("GET", "/api/me")).body).toMatchObject({ id: ana.id });
      expect((await signIn()).status).toBe(200);
      expect((await ana.visitor.call("POST", "/api/auth/sign-out")).status).toBe(200);
      expect((await createVisitor(server.url).call("GET", "/api/me", undefined, { cookie })).status).toBe(401);
    } finally {
      await server.stop();
      await database.close();
      await cluster.stop();
    }
  }, 30_000);
});
