/** A rolling upgrade: servers of two neighbouring releases on one database, as processes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { migrateUp } from "../../src/db/migrate.ts";
import { migrations } from "../../src/db/migrations.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { releaseOf, releases } from "../../src/db/releases.ts";
import { Connected } from "../../src/protocol/sessions.ts";
import { protocolVersion, spokenVersions, subprotocolOf } from "../../src/protocol/version.ts";
import { databases } from "../support/db.ts";
import { type Figures, runLoad } from "../support/load.ts";
import { nextReleaseScript, nextReleases } from "../support/next-releases.ts";
import { addMember, makePerson, makeProject, makeTask, ok } from "../support/people.ts";
import { runProgram } from "../support/program.ts";
import { incompatibilities, type Shape, shape } from "../support/schema-shape.ts";
import { type ServerOptions, startServer } from "../support/server.ts";
import { createPostgresDatabase } from "../support/services.ts";
import { openWire } from "../support/wire.ts";

test("the last line of the releases is the release that is made now, and every migration has one", () => {
  const [last] = releases.slice(-1);
  // A version that is out has `last`: what comes behind it needs a line of its own.
  if (last?.last === undefined) expect(last?.version).toBe(manifest.version);
  expect(migrations.map(({ name, release }) => releaseOf(name) === release)).not.toContain(false);
  const closed = [{ version: "1.0.0", first: "0000_a", last: "0003_d" }];
  expect(releaseOf("0003_d", closed)).toBe("1.0.0");
  expect(() => releaseOf("0004_e", closed)).toThrow("add a line");
  const two = [...closed, { version: "1.1.0", first: "0004_e" }];
  expect([releaseOf("0001_b", two), releaseOf("0007_h", two)]).toEqual(["1.0.0", "1.1.0"]);
});

describe.if(databases.some(({ kind }) => kind === "postgres"))("a release's migrations", () => {
  let db: Database;
  let databaseUrl: string | undefined;
  beforeAll(async () => {
    databaseUrl = await createPostgresDatabase();
    db = await openDatabase({ databaseUrl, dataDir: "", poolSize: 2 });
  });
  afterAll(() => db?.close());

  test("only add to what the release before knows", async () => {
    let before: Shape | undefined;
    for (const { version } of releases) {
      await migrateUp(db, migrations.slice(0, migrations.findLastIndex(({ release }) => release === version) + 1));
      const after = await shape(db);
      if (before) expect([version, ...incompatibilities(before, after)]).toEqual([version]);
      before = after;
    }
    const now = await shape(db);
    expect(await migrateUp(db, [...migrations, ...nextReleases])).toEqual(nextReleases.map(({ name }) => name));
    expect(incompatibilities(now, await shape(db))).toEqual([]);
  });

  test.each([
    ["alter table tasks drop column next_text", "is gone"],
    ["alter table tasks rename column title to name", "tasks.title is gone"],
    ["drop table labels cascade", "is gone"],
    ["alter table tasks alter column number type bigint", "has another type"],
    ["alter table tasks alter column due_at set not null", "must be given now"],
    ["alter table tasks alter column version set default 7", "has another default"],
    ["alter table tasks add column b text not null", "must be given, and nobody did before"],
    ["alter table tasks add constraint c check (length(title) < 10)", "new rule for what it had"],
    ["alter table tasks add constraint c unique (project_id, title)", "new rule for what it had"],
    ["create unique index c on tasks (lower(title))", "new unique index"],
  ])("are found out where they do more: %s", async (statement, found) => {
    const before = await shape(db);
    const sentences: string[] = [];
    const undo = new Error("undone");
    await db.sql
      .begin(async (tx) => {
        await tx.unsafe(statement);
        sentences.push(...incompatibilities(before, await shape({ sql: tx })));
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
    expect(sentences.join()).toContain(found);
  });

  test("wait for a table no longer than others can wait behind them", async () => {
    await db.sql`create table busy (id integer)`;
    const slow = {
      name: "9003_busy",
      release: "9.2.0",
      hash: "h",
      up: "alter table busy add column more text",
      down: "",
    };
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = db.sql.begin(async (tx) => {
      await tx`select from busy`;
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const migrated = migrateUp(db, [...migrations, ...nextReleases, slow]);
    const other = await openDatabase({ databaseUrl, dataDir: "", poolSize: 1 });
    const waits = async () =>
      (await other.sql`select from pg_locks where relation = 'busy'::regclass and not granted`).length > 0;
    while (!(await waits()));
    // Behind the one that waits; its own deadline is two seconds.
    await other.sql`select from busy`;
    release.resolve();
    await holding;
    expect(await migrated).toEqual(["9003_busy"]);
    await other.close();
  });
});

describe.if(databases.some(({ kind }) => kind === "postgres"))("a rolling upgrade", () => {
  const env = { LOG_LEVEL: "warn" };

  test("old servers go on while the next release migrates, work beside it, and start again on its schema", async () => {
    const databaseUrl = await createPostgresDatabase();
    const options: ServerOptions = { databaseUrl, env };
    await using old = await startServer(options);
    const next = (releases: number) =>
      startServer({ ...options, script: nextReleaseScript, env: { ...env, NEXT_RELEASES: String(releases) } });
    const newer = Promise.withResolvers<Awaited<ReturnType<typeof next>>>();
    const load = { seed: 1, mutations: Number.POSITIVE_INFINITY, writers: 4, readers: 2, paceMs: 5 };
    const figures = await runLoad([old], load, async ({ acked, ledger, stop }) => {
      await acked(100);
      newer.resolve(next(1));
      await newer.promise;
      await acked(ledger.acks.length + 100);
      stop();
    });
    expect(countsOf(figures)).toEqual(none);
    await using young = await newer.promise;

    // Now that both write, too.
    const both = await runLoad(
      [old, young],
      { ...load, seed: 2, group: "both-", project: "Both " },
      async (running) => {
        await running.acked(200);
        running.stop();
      },
    );
    expect(countsOf(both)).toEqual(none);

    // What is written at either is heard at the other, also by the old one when it was started again.
    const errors = () =>
      `${old.output()}${young.output()}`.split("\n").filter((line) => line.includes('"level":"error"'));
    for (const round of ["beside", "again"]) {
      if (round === "again") {
        await old.kill("SIGTERM");
        await old.start();
        expect(old.output()).toContain("the next release was here before");
        expect(old.output()).toContain('"release":"9.1.0"');
      }
      const [ana, bo] = [await makePerson(old, `Ana ${round}`), await makePerson(young, `Bo ${round}`)];
      const project = await makeProject(ana).catch((error) => {
        throw new Error(`${error} ${errors()}`);
      });
      await addMember(ana, project, bo, "member");
      const wires = [await openWire(old.url, ana), await openWire(young.url, bo)];
      for (const wire of wires) await wire.ask("join_project", { project_id: project.id });
      for (const who of [ana, bo]) {
        expect(errors()).toEqual([]);
        const { id } = await makeTask(who, project, { title: `of ${who.name}` });
        ok(await who.call("POST", `/api/tasks/${id}/comments`, { content: "seen" }), 201);
        for (const wire of wires)
          await wire.take(({ event, data }) => event === "comment_added" && JSON.stringify(data).includes(id));
      }
      for (const wire of wires) wire.destroy();
    }

    // Clients of either version find servers of either, and the newest that both know is spoken.
    const cy = await makePerson(old, "Cy");
    const greet = async (url: string, versions: readonly number[]) => {
      const wire = await openWire(url, { protocols: [...versions.map(subprotocolOf), `bearer.${cy.token}`] });
      const { protocol = 0 } = wire.status === 101 ? Connected.parse((await wire.take("connected")).data) : {};
      wire.destroy();
      return [wire.status, wire.headers.get("sec-websocket-protocol"), protocol];
    };
    const now = protocolVersion;
    const [nowName, nextName] = [subprotocolOf(now), subprotocolOf(now + 1)];
    expect(await greet(old.url, spokenVersions(now + 1))).toEqual([101, nowName, now]);
    expect(await greet(young.url, spokenVersions(now))).toEqual([101, nowName, now]);
    expect(await greet(young.url, spokenVersions(now + 1))).toEqual([101, nextName, now + 1]);
    expect(await greet(old.url, [now + 1])).toEqual([422, undefined, 0]);

    await using last = await next(2);
    expect(await greet(last.url, spokenVersions(now))).toEqual([422, undefined, 0]);
    expect(await greet(last.url, spokenVersions(now + 1))).toEqual([101, nextName, now + 1]);
    await old.kill("SIGTERM");
    const refused = await old.start().then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(refused).toContain("9.1.0 and 9.2.0");
    expect(refused).toContain("Start that version, or the one before it");
    const database = await openDatabase({ databaseUrl, dataDir: last.dataDir, poolSize: 1 });
    await database.sql`update migrations set hash = 'edited' where number = 1`;
    await database.close();
    const status = await runProgram(["migrate", "status"], { env: { DATABASE_URL: databaseUrl ?? "" } });
    expect(status.stdout).toMatch(new RegExp(`${migrations[1]?.name} +changed`));
    expect(status.stdout).toMatch(/9001_next +ahead/);
  });

  const countsOf = ({ lost, duplicate, gap, outOfOrder, diverged }: Figures) => ({
    lost,
    duplicate,
    gap,
    outOfOrder,
    diverged,
  });
  const none = { lost: 0, duplicate: 0, gap: 0, outOfOrder: 0, diverged: 0 };
});
