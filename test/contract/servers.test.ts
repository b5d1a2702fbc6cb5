/** Who lives on a database, and that all of them have one AUTH_SECRET. */
import { afterEach, describe, expect, test } from "bun:test";
import { createLog } from "../../src/core/log.ts";
import { StartError } from "../../src/core/start-error.ts";
import { countServers, createServers, type Servers } from "../../src/db/servers.ts";
import { startApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeAdministrator } from "../support/keys.ts";
import { ok } from "../support/people.ts";
import { startServer } from "../support/server.ts";
import { createPostgresDatabase } from "../support/services.ts";

const [before, after] = ["one secret of the servers, long enough", "another secret, of a good length, too"];
const changed = "AUTH_SECRET is not the one of before";
const refused = "another server of this database has another AUTH_SECRET";

const logged: string[] = [];
const log = createLog({ logLevel: "info", logFormat: "json" }, (line) => void logged.push(line));
const clock = createMovableClock();
const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
  logged.length = 0;
});

const make = ({ database, url }: TestDatabase, fingerprint: string): Servers => {
  const servers = createServers({ database, databaseUrl: url, fingerprint, clock, log });
  cleanUp.push(() => servers.stop());
  return servers;
};
/** What it is refused with; "" where it is not. */
const startOf = (starting: Promise<unknown>): Promise<string> =>
  starting.then(
    () => "",
    (error: unknown) => {
      if (!(error instanceof StartError)) throw error;
      expect(error.advice).toContain("the same one");
      return error.message;
    },
  );

describe.each(databases)("the servers of $name", ({ kind, open }) => {
  const openOne = async () => {
    const db = await open();
    cleanUp.push(() => db.close());
    return db;
  };

  test("a secret is taken anew when nobody lives who has another, and it is said what has ended", async () => {
    const db = await openOne();
    const first = make(db, before);
    await first.start();
    await first.stop();
    await make(db, before).start();
    expect(logged).toEqual([]);
    for (const stop of cleanUp.splice(1)) await stop();
    await make(db, after).start();
    expect(logged.filter((line) => line.includes(changed)).length).toBe(1);
    expect(logged.join()).not.toContain(after);
  });

  if (kind === "embedded") return;

  test("one with another secret is refused while a server lives, and changes nothing", async () => {
    const db = await openOne();
    await make(db, before).start();
    expect(await startOf(make(db, after).start())).toBe(refused);
    await make(db, before).start();
    expect([await countServers(db.database), logged]).toEqual([2, []]);
  });

  test("of several with different secrets that start at once only those with one of them live", async () => {
    const db = await openOne();
    const secrets = [before, after, before, after, "a third one, which is as long as it has to be"];
    const answers = await Promise.all(secrets.map((secret) => startOf(make(db, secret).start())));
    const living = secrets.filter((_, at) => answers[at] === "");
    expect(new Set(living).size).toBe(1);
    expect(answers.filter((answer) => answer === refused).length).toBe(secrets.length - living.length);
    expect(await countServers(db.database)).toBe(living.length);
  });

  test("one that lost its connection counts again, unless the secret was changed meanwhile: then it says so", async () => {
    const db = await openOne();
    const { sql } = db.database;
    // Each is gone when this is answered: a lock is held until its session has ended.
    const cut =
      () => sql`select pg_terminate_backend(l.pid, 5000) from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and d.datname = current_database()`;
    await make(db, before).start();
    await cut();
    while ((await countServers(db.database)) !== 1) clock.advance(2_000);
    await cut();
    await make(db, after).start();
    const said = () => logged.some((line) => line.includes(refused));
    while (!said()) {
      clock.advance(2_000);
      await countServers(db.database);
    }
    expect(await countServers(db.database)).toBe(1);
  });

  test("the server itself: refused beside one that lives, taken at once when that was killed; its tokens have ended", async () => {
    const databaseUrl = await createPostgresDatabase();
    await using first = await startServer({ databaseUrl, env: { AUTH_SECRET: before } });
    const admin = await makeAdministrator(first);
    ok(await admin.call("GET", "/api/me"), 200);
    const start = () => startApp({ databaseUrl, env: { AUTH_SECRET: after } });
    expect(await startOf(start())).toBe(refused);
    ok(await admin.call("GET", "/api/me"), 200);
    await first.kill("SIGKILL");
    const app = await start();
    cleanUp.push(() => app.stop());
    expect(app.logged.some((line) => line.includes(changed))).toBe(true);
    const headers = { authorization: `Bearer ${admin.token}` };
    expect((await fetch(`${app.url}/api/me`, { headers })).status).toBe(401);
  });
});
