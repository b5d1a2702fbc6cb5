import { expect, test } from "bun:test";
import { join } from "node:path";
import { loadWasm, openEngine } from "../../src/db/pglite/engine.ts";
import { query, readRows } from "../../src/db/pglite/frames.ts";
import { plantSeed } from "../../src/db/pglite/seed.ts";
import { vacuumDue } from "../../src/db/pglite/vacuum.ts";
import { dataFolder } from "../support/embedded.ts";

const died = (reason: string): never => {
  throw new Error(reason);
};

test("tables that changed much are vacuumed and analyzed, the others are left alone", async () => {
  const folder = join(dataFolder(), "pg");
  await plantSeed(folder);
  const engine = await openEngine(await loadWasm(), { folder, died });
  const ask = async (sql: string) => readRows(await engine.exec(query(sql)));
  await ask(`create table busy (id int primary key, version int not null default 0);
    create table "Quiet one" (id int);
    insert into busy select g from generate_series(1, 2000) g; insert into "Quiet one" values (1)`);
  for (let round = 0; round < 3; round++) await ask("update busy set version = version + 1");
  const stats = async () => {
    await ask("select pg_stat_force_next_flush()");
    return ask(`select s.relname, s.n_dead_tup > 0, s.vacuum_count, c.reltuples > 0
      from pg_stat_user_tables s join pg_class c on c.oid = s.relid order by 1`);
  };

  expect(await stats()).toEqual([
    ["Quiet one", "f", "0", "f"],
    ["busy", "t", "0", "f"],
  ]);
  expect(await vacuumDue(engine, async () => false)).toEqual([]);
  expect(await vacuumDue(engine, async () => true)).toContain("busy");
  expect(await stats()).toEqual([
    ["Quiet one", "f", "0", "f"],
    ["busy", "f", "1", "t"],
  ]);
  expect(await vacuumDue(engine, async () => true)).toEqual([]);
  await ask(`insert into "Quiet one" select generate_series(1, 3000)`);
  expect(await vacuumDue(engine, async () => true)).toEqual(['"Quiet one"']);
  await engine.close();
});
