/** Who lives on a database, and that all of them have one AUTH_SECRET. */
import { afterEach, describe, expect, test } from "bun:test";
import { createLog } from "../../src/core/log.ts";
import { StartError } from "../../src/core/start-error.ts";
import { countServers, createServers, type Servers } from "../../src/db/servers.ts";
import { startApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeAdministrator } from "../support/keys.ts";
import { addMember, makePerson, makeProject, ok } from "../support/people.ts";
import { startServer } from "../support/server.ts";
import { createPostgresDatabase } from "../support/services.ts";
import { openWire } from "../support/wire.ts";

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

const make = ({ database, url }: TestDatabase, fingerprint: string, broker = "postgres"): Servers => {
  const servers = createServers({ database, databaseUrl: url, fingerprint, broker, clock, log });
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

  test("each knows whether others live, and says so once where one is woken in another way", async () => {
    const db = await openOne();
    const first = make(db, before);
    await first.start();
    expect(first.others()).toBe(false);
    const alike = make(db, before);
    await alike.start();
    expect([alike.others(), logged]).toEqual([true, []]);
    const other = make(db, before, "redis");
    await other.start();
    const mixed = () => logged.filter((line) => line.includes("woken in another way")).length;
    expect([other.others(), mixed()]).toEqual([true, 0]);
    // Each says so when it has seen it twice.
    while (mixed() < 3 || !first.others()) {
      clock.advance(2_000);
      await countServers(db.database);
    }
    for (let look = 0; look < 3; look++) {
      clock.advance(2_000);
      await countServers(db.database);
    }
    expect(mixed()).toBe(3);
  });

  test("[S10] one that is woken in another way looks as often as if it had heard of the others", async () => {
    const databaseUrl = await createPostgresDatabase();
    const started = async (broker: string, overrides = {}) => {
      const app = await startApp({ databaseUrl, env: { BROKER: broker }, overrides });
      cleanUp.push(() => app.stop());
      return app;
    };
    const here = await started("postgres");
    const itsClock = createMovableClock(Date.now());
    const there = await started("memory", { clock: itsClock });
    const [ana, bo] = [await makePerson(here, "Ana"), await makePerson(here, "Bo")];
    const project = await makeProject(ana);
    await addMember(ana, project, bo, "member");
    const wire = await openWire(there.url, { token: bo.token });
    await wire.take("connected");
    await wire.ask("join_project", { project_id: project.id });
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${bo.id}`), 204);
    itsClock.advance(1_000);
    await wire.take("project_left");
    wire.destroy();
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
