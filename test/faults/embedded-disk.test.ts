import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, openEngine, startWriter } from "../support/embedded.ts";
import { skipped } from "../support/services.ts";
import { mountSmallDisk } from "../support/small-disk.ts";

const hasStrace = Bun.which("strace") !== null;
if (!hasStrace) skipped("strace", "apt-get install strace");

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );

test.skipIf(!hasStrace)("(strace) a failed fsync acknowledges nothing, and the engine starts anew", async () => {
  const dataDir = dataFolder();
  const prepared = await openEngine({ dataDir });
  const [log] = await prepared.sql`select pg_walfile_name(pg_current_wal_lsn()) as name`;
  await prepared.close();
  const path = join(dataDir, "pg", "pg_wal", log?.name);
  const fault = ["-P", path, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=20"];
  const writer = startWriter({ dataDir, inFlight: 4, rows: 100, under: ["strace", "-f", "-o", "/dev/null", ...fault] });
  const { ids, refused, exitCode, stderr } = await writer.ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused)).toEqual(new Set(["CONNECTION_CLOSED"]));
  expect(ids.length + refused.length).toBe(100);
  const { sql, close } = await openEngine({ dataDir });
  const kept = new Set((await sql`select id from kept`).map(({ id }) => id));
  await close();
  expect(ids.filter((id) => !kept.has(id))).toEqual([]);
});

const disk = mountSmallDisk(80);
afterAll(() => disk?.unmount());

test.skipIf(!disk)("[G12] (mount) on a full disk writes fail with 53100, reads go on, and room ends it", async () => {
  const dataDir = join(disk?.path ?? "", "data");
  const { sql, close } = await openEngine({ dataDir });
  await sql`create table kept (id int primary key, body text)`;
  await sql`insert into kept values (0, 'first')`;
  await untilTrue(async () => existsSync(join(dataDir, "reserve")));
  disk?.fill();
  const refused = expect.objectContaining({ code: "53100" });
  expect(await failure(sql`insert into kept values (1, 'no room')`)).toEqual(refused);
  expect(await failure(sql.begin((tx) => tx`update kept set body = 'no room'`))).toEqual(refused);
  expect(await failure(sql`create table more (id int)`)).toEqual(refused);
  expect((await sql`select id, body from kept`).map((row) => ({ ...row }))).toEqual([{ id: 0, body: "first" }]);
  disk?.free();
  await untilTrue(async () => {
    await sql`insert into kept values (2, 'room again') on conflict do nothing`;
    return true;
  });
  expect(await sql`select body from kept where id = 2`).toMatchObject([{ body: "room again" }]);
  await close();
});

test.skipIf(!disk)("(mount) a server that starts on a full disk reads what is there", async () => {
  const dataDir = join(disk?.path ?? "", "data");
  const before = await openEngine({ dataDir });
  await untilTrue(async () => existsSync(join(dataDir, "reserve")));
  await before.close();
  disk?.fill();
  const { sql, close } = await openEngine({ dataDir }).catch((error: unknown) => {
    disk?.free();
    throw error;
  });
  expect(await sql`select body from kept where id = 2`).toMatchObject([{ body: "room again" }]);
  expect(await failure(sql`delete from kept`)).toMatchObject({ code: "53100" });
  await close();
  disk?.free();
});

test.skipIf(!disk)(
  "(mount) a statement larger than the disk is refused, and everything before it is kept",
  async () => {
    const dataDir = join(disk?.path ?? "", "data");
    const { sql, close } = await openEngine({ dataDir });
    await untilTrue(async () => existsSync(join(dataDir, "reserve")));
    for (const statement of [
      "create table large as select repeat(md5(g::text), 60) as body from generate_series(1, 60000) g",
      "insert into kept select g, repeat('x', 500) from generate_series(100, 100000) g",
    ]) {
      expect(await failure(sql.unsafe(statement))).toMatchObject({
        code: expect.stringMatching(/53100|CONNECTION_CLOSED/),
      });
      expect(await sql`select id from kept order by id`).toMatchObject([{ id: 0 }, { id: 2 }]);
    }
    await close();
    const again = await openEngine({ dataDir });
    expect(await again.sql`select id from kept order by id`).toMatchObject([{ id: 0 }, { id: 2 }]);
    await again.sql`insert into kept values (3, 'goes on')`;
    await again.close();
  },
);

/** Asks again and again, for at most 30 s. */
async function untilTrue(ask: () => Promise<boolean>): Promise<void> {
  const patience = AbortSignal.timeout(30_000);
  while (!(await ask().catch(() => false))) {
    patience.throwIfAborted();
    await new Promise(setImmediate);
  }
}
