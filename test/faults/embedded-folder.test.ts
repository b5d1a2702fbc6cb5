import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../../src/core/start-error.ts";
import { DataFolderNewer, DataFolderUnusable, openEmbedded } from "../../src/db/embedded.ts";
import { dataFolder, openEngine } from "../support/embedded.ts";

const refusal = async (dataDir: string): Promise<unknown> =>
  openEmbedded({ dataDir, statementTimeoutMs: 1000 }).then(
    () => new Error("it opened"),
    (error: unknown) => error,
  );

test("a first start makes the folder, for its owner alone, and a later start finds what was written", async () => {
  const dataDir = join(dataFolder(), "deep", "data");
  const first = await openEngine({ dataDir });
  await first.sql`create table kept as select 1 as id`;
  await first.close();
  expect(readdirSync(dataDir).sort()).toEqual(["format", "lock", "pg"]);
  for (const folder of [dataDir, join(dataDir, "pg"), join(dataDir, "pg", "base")]) {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  }
  const second = await openEngine({ dataDir });
  expect(await second.sql`select id from kept`).toMatchObject([{ id: 1 }]);
  await second.close();
});

test("what another start left half made is made anew", async () => {
  const dataDir = dataFolder();
  mkdirSync(join(dataDir, "pg.new", "base"), { recursive: true });
  writeFileSync(join(dataDir, "pg.new", "PG_VERSION"), "18\n");
  writeFileSync(join(dataDir, "format.new"), "");
  const { sql, close } = await openEngine({ dataDir });
  expect(await sql`select 1 as one`).toMatchObject([{ one: 1 }]);
  await close();
  expect(existsSync(join(dataDir, "pg.new"))).toBe(false);
});

test("a folder of a newer version is refused and left as it is", async () => {
  const dataDir = dataFolder();
  writeFileSync(join(dataDir, "format"), "2\n");
  const error = await refusal(dataDir);
  expect(error).toBeInstanceOf(DataFolderNewer);
  expect(error).toMatchObject({
    message: `the data folder ${dataDir} has format 2; this version knows formats up to 1`,
    advice: expect.stringContaining("Start that version"),
  });
  expect(existsSync(join(dataDir, "pg"))).toBe(false);
  expect(await refusal(dataDir)).toBeInstanceOf(DataFolderNewer); // and the lock was given free
});

test("a database of another PostgreSQL is refused", async () => {
  const dataDir = dataFolder();
  mkdirSync(join(dataDir, "pg"));
  writeFileSync(join(dataDir, "pg", "PG_VERSION"), "19\n");
  expect(await refusal(dataDir)).toMatchObject({ message: expect.stringContaining("PostgreSQL 19") });
});

test("a path that is a file is refused with advice", async () => {
  const file = join(dataFolder(), "file");
  writeFileSync(file, "");
  const error = await refusal(file);
  expect(error).toBeInstanceOf(DataFolderUnusable);
  expect(error).toMatchObject({ message: `${file} is not a folder`, advice: "Set DATA_DIR to a folder." });
});

test("a folder nobody can write to is refused with advice", async () => {
  const error = await refusal("/proc/taskwire");
  expect(error).toBeInstanceOf(StartError);
  expect(error).toMatchObject({ message: "the data folder /proc/taskwire cannot be written" });
});

test("a damaged database is an error that ends, and the folder is given free", async () => {
  const dataDir = dataFolder();
  await (await openEngine({ dataDir })).close();
  rmSync(join(dataDir, "pg", "global", "pg_control"));
  for (let round = 0; round < 2; round++) {
    const error = await refusal(dataDir);
    expect(error).toBeInstanceOf(DataFolderUnusable);
    expect(error).toMatchObject({
      message: expect.stringContaining("pg_control"),
      advice: expect.stringContaining("restore a backup"),
    });
  }
});
