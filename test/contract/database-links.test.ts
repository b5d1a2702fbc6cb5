/** A link that breaks in the middle of things: nothing hangs, and nothing of one transaction reaches another. */
import { afterEach, expect, test as plainTest } from "bun:test";
import { isLinkLost } from "../../src/db/errors.ts";
import { type Database, openDatabase, sqlState } from "../../src/db/open.ts";
import { createPostgresDatabase } from "../support/services.ts";

const available = (await createPostgresDatabase()) !== undefined;
const test = plainTest.skipIf(!available);
let opened: Database[] = [];
afterEach(async () => {
  for (const database of opened) await database.close();
  opened = [];
});

/** One with a single connection, so that the one that broke is used again; and another to break it from. */
async function open() {
  const databaseUrl = await createPostgresDatabase();
  const db = await openDatabase({ databaseUrl, dataDir: "", poolSize: 1 });
  const admin = await openDatabase({ databaseUrl, dataDir: "", poolSize: 1 });
  opened = [db, admin];
  await db.sql`create table kept (name text)`;
  const cut = async (pid: number | undefined) => {
    await admin.sql`select pg_terminate_backend(${pid ?? 0}::int, 5000)`;
  };
  return { db, cut };
}
const pidOf = async (sql: Pick<Database["sql"], "unsafe">) =>
  (await sql.unsafe<{ pid: number }[]>("select pg_backend_pid() as pid"))[0]?.pid;
/** How it ended: "ok", "lost link" or an SQLSTATE. */
const ending = async (work: PromiseLike<unknown>) => {
  try {
    await work;
    return "ok";
  } catch (error) {
    return isLinkLost(error) ? "lost link" : (sqlState(error) ?? String(error));
  }
};
const names = async (db: Database) =>
  (await db.sql<{ name: string }[]>`select name from kept order by name`).map(({ name }) => name);

test("a statement whose session is ended rejects, and the next one is answered by the new session", async () => {
  const { db, cut } = await open();
  for (let round = 0; round < 5; round++) {
    const pid = await pidOf(db.sql);
    const running = ending(db.sql`select pg_sleep(9), ${round}::int`);
    await cut(pid);
    expect(await running).toBe("lost link");
    expect(await ending(db.sql`select ${round}::int`)).toBe("ok");
  }
});

test("a transaction whose session is ended rejects with all its statements, sent and waiting", async () => {
  const { db, cut } = await open();
  const endings: string[] = [];
  const whole = ending(
    db.sql.begin(async (tx) => {
      const pid = await pidOf(tx);
      const statements = Array.from({ length: 150 }, (_, i) => ending(tx`select pg_sleep(${i === 0 ? 9 : 0})`));
      await cut(pid);
      endings.push(...(await Promise.all(statements)));
    }),
  );
  expect(await whole).toBe("lost link");
  expect(await ending(db.sql`select 1`)).toBe("ok");
  expect(new Set(endings)).toEqual(new Set(["lost link"]));
  expect(endings).toHaveLength(150);
});

test("what a lost transaction still wants to write never reaches the transaction that came after it", async () => {
  const { db, cut } = await open();
  const lostPid = Promise.withResolvers<number | undefined>();
  const goOn = Promise.withResolvers<void>();
  const late = Promise.withResolvers<string>();
  const lost = ending(
    db.sql.begin(async (tx) => {
      await tx`insert into kept values ('before')`;
      lostPid.resolve(await pidOf(tx));
      await goOn.promise;
      late.resolve(await ending(tx`insert into kept values ('late')`));
    }),
  );
  await cut(await lostPid.promise);
  expect(await lost).toBe("lost link");
  const other = db.sql.begin(async (tx) => {
    await tx`insert into kept values ('other')`;
    goOn.resolve();
    expect(await late.promise).toBe("lost link");
    await tx`insert into kept values ('other too')`;
  });
  expect(await ending(other)).toBe("ok");
  expect(await names(db)).toEqual(["other", "other too"]);
});

test("the end of a lost transaction does not end the one that came after it", async () => {
  const { db, cut } = await open();
  for (const outcome of ["returns", "throws"]) {
    const lostPid = Promise.withResolvers<number | undefined>();
    const goOn = Promise.withResolvers<void>();
    const lost = ending(
      db.sql.begin(async (tx) => {
        lostPid.resolve(await pidOf(tx));
        await goOn.promise;
        if (outcome === "throws") throw new Error("changed my mind");
      }),
    );
    await cut(await lostPid.promise);
    expect(await lost).toBe("lost link");
    const other = db.sql.begin(async (tx) => {
      await tx`insert into kept values (${outcome})`;
      goOn.resolve();
      await tx`select pg_sleep(0.05)`;
      throw new Error("rolled back");
    });
    expect(await ending(other)).toBe("Error: rolled back");
    expect(await names(db)).toEqual([]);
  }
});

test("a session that idles in a transaction is ended, and its transaction rejects", async () => {
  const { db } = await open();
  const goOn = Promise.withResolvers<void>();
  const idle = db.sql.begin(async (tx) => {
    await tx.unsafe("set local idle_in_transaction_session_timeout = '50ms'");
    await tx`insert into kept values ('idle')`;
    await goOn.promise;
  });
  expect(await ending(idle)).toBe("lost link");
  expect(await ending(db.sql`insert into kept values ('next')`)).toBe("ok");
  goOn.resolve();
  expect(await names(db)).toEqual(["next"]);
});

test("a transaction that begins behind many statements has the connection to itself, however full that is", async () => {
  const { db } = await open();
  for (let before = 90; before <= 110; before++) {
    const others = Array.from({ length: before }, (_, n) => ending(db.sql`select ${n}::int`.execute()));
    const whole = ending(
      db.sql.begin(async (tx) => {
        await tx`insert into kept values ('taken back')`;
        throw new Error("rolled back");
      }),
    );
    const behind = ending(db.sql`insert into kept values (${`after ${before}`})`);
    expect([...new Set(await Promise.all([...others, behind])), await whole]).toEqual(["ok", "Error: rolled back"]);
  }
  expect((await names(db)).length).toBe(21);
});
