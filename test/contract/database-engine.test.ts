/** The embedded engine dies and comes back, and what its callers see of it. */
import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orBroken } from "../../src/db/embedded-database.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { makeClient } from "../../src/db/pool.ts";
import { AppError } from "../../src/protocol/errors.ts";
import { createPostgresDatabase } from "../support/services.ts";

let database: Database | undefined;
const dataDir = mkdtempSync(join(tmpdir(), "taskwire-engine-"));
afterEach(async () => {
  await database?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const outcome = async (work: Promise<unknown>) => {
  try {
    await work;
    return "ok";
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

test.each(["pglite.data", "pglite.wasm"])("the engine's %s is that of its package", async (name) => {
  const own = await Bun.file(new URL(`../../src/db/pglite/${name}.zst`, import.meta.url)).bytes();
  const packaged = Bun.file(Bun.fileURLToPath(import.meta.resolve(`@electric-sql/pglite/${name}`)));
  // They differ where PGlite's version changed: run `bun .ci/seed-image.ts`.
  expect(Bun.SHA256.hash(Bun.zstdDecompressSync(own), "hex")).toBe(Bun.SHA256.hash(await packaged.bytes(), "hex"));
});

test("a statement beyond its deadline ends all that is in flight; the engine comes back with all that was committed", async () => {
  const db = await openDatabase({ dataDir, poolSize: 1, statementTimeoutMs: 2_000 });
  database = db;
  await db.sql.unsafe("create table kept (id int); insert into kept values (1)");
  const order: string[] = [];
  db.onDown(() => order.push("down"));
  const up = new Promise<void>((resolve) => {
    db.onUp(() => {
      order.push("up");
      resolve();
    });
  });
  const endless = db.guard(() => db.sql.unsafe("select count(*) from generate_series(1, 1e12::int8)"));
  const behind = db.guard(() => db.sql.unsafe("insert into kept values (2)"));
  const outcomes = [endless, behind].map(async (work) => order.push(await outcome(work)));
  await Promise.all(outcomes);
  expect(db.state).toBe("down");
  expect(await outcome(db.guard(() => db.sql`select 1`))).toBe("unavailable");
  await up;
  expect(db.state).toBe("up");
  expect([...(await db.guard(() => db.sql`select id from kept`))]).toEqual([{ id: 1 }]);
  expect(order).toEqual(["down", "unavailable", "unavailable", "up"]);
});

const address = await createPostgresDatabase();

test.skipIf(!address)("a socket that could not be had once is tried again", async () => {
  const { port, username, pathname } = new URL(address ?? "");
  const failures = [new Error("no space"), new Error("still none")];
  const socket = orBroken(async (): Promise<Socket> => {
    const failure = failures.shift();
    if (failure) throw failure;
    return connect({ host: "127.0.0.1", port: Number(port) });
  });
  const options = { user: username, database: pathname.slice(1), max: 1, fetch_types: false, backoff: () => 0, socket };
  const { sql } = makeClient(options);
  expect(await outcome(sql`select 1`)).toBe("Error: no space");
  expect(await outcome(sql`select 1`)).toBe("Error: still none");
  expect(await outcome(sql`select 1`)).toBe("ok");
  await sql.end();
});
