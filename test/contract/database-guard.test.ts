/** What callers of a database may rely on, the same on both. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { type Database, sqlState } from "../../src/db/open.ts";
import { rooms } from "../../src/db/schema.ts";
import { AppError } from "../../src/protocol/errors.ts";
import { databases, type TestDatabase } from "../support/db.ts";

const failure = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
};
const codeOf = async (work: Promise<unknown>) => {
  const error = await failure(work);
  return error instanceof AppError ? error.code : error;
};
const raise = (db: Database, state: string, message = "no") =>
  db.guard(() => db.sql.unsafe(`do $$ begin raise exception '${message}' using errcode = '${state}'; end $$`));

describe.each(databases)("on $name", ({ open }) => {
  let opened: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    opened = await open();
    db = opened.database;
  });
  afterAll(() => opened.close());

  test("a guarded call answers what the work answers", async () => {
    expect(await db.guard(async () => 7)).toBe(7);
    const error = new AppError("conflict", "no");
    expect(await failure(db.guard(() => Promise.reject(error)))).toBe(error);
  });

  test("[G12] a full disk is storage_full, with what to do", async () => {
    const error = await failure(raise(db, "53100"));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "storage_full", message: expect.stringContaining("free space") });
    // As a session says it that cannot even begin.
    expect(await codeOf(raise(db, "XX000", "could not write init file"))).toBe("storage_full");
    const raised = sql.raw("do $$ begin raise exception 'could not write init file' using errcode = 'XX000'; end $$");
    expect(await codeOf(db.guard(() => db.orm.execute(raised)))).toBe("storage_full");
    expect(sqlState(await failure(raise(db, "XX000")))).toBe("XX000");
  });

  test.each(["57014", "55P03", "57P01", "53300", "08006"])(
    "%s is unavailable, to be tried again after a second",
    async (state) => {
      expect(await failure(raise(db, state))).toMatchObject({ code: "unavailable", extras: { retryAfter: 1 } });
      await answers(db); // some of these look like a lost link
    },
  );

  test("another database error stays as it is, with its SQLSTATE, also through drizzle", async () => {
    expect(sqlState(await failure(raise(db, "23505")))).toBe("23505");
    const wrapped = await failure(db.guard(() => db.orm.execute(sql`select 1 / 0`)));
    expect(wrapped).not.toBeInstanceOf(AppError);
    expect(sqlState(wrapped)).toBe("22012");
  });

  test("a system code of five letters is no SQLSTATE", () => {
    expect(sqlState(Object.assign(new Error("broken pipe"), { code: "EPIPE" }))).toBeUndefined();
  });

  test("raw statements take and give numbers, arrays, json and text of times", async () => {
    const [row] = await db.sql`
      select 42::int8 as small, 9007199254740993::int8 as large, ${["a\\b", 'c"d', "e,f", "NULL", "", "{g}"]}::text[] as texts,
        array['x', null] as holes, ${[1, 2]}::int4[] as ints, array[3, 4]::int8[] as longs, '{}'::uuid[] as none,
        '{"a": [1]}'::json as object, timestamptz '2026-11-21 10:00:00.5+00' as at`;
    expect(row).toEqual({
      small: 42,
      large: "9007199254740993",
      texts: ["a\\b", 'c"d', "e,f", "NULL", "", "{g}"],
      holes: ["x", null],
      ints: [1, 2],
      longs: [3, 4],
      none: [],
      object: { a: [1] },
      at: expect.stringMatching(/^2026-11-21 \d\d:00:00\.5\+\d\d$/),
    });
    const id = Bun.randomUUIDv7();
    const found = await db.sql`select ${id}::uuid = any(${[id]}::uuid[]) as found`;
    expect(found[0]).toEqual({ found: true });
  });

  test("drizzle gives back what it was given", async () => {
    const room = {
      id: Bun.randomUUIDv7(),
      kind: "user" as const,
      epoch: "e",
      seq: 2 ** 40,
      trimmedSeq: 0,
      revision: 1,
    };
    await db.orm.insert(rooms).values(room);
    expect(await db.orm.select().from(rooms)).toEqual([room]);
  });

  test("a transaction that fails leaves nothing and hands its error on", async () => {
    const before = await db.sql`select id from rooms`;
    const error = new Error("changed my mind");
    const work = db.orm.transaction(async (tx) => {
      await tx.delete(rooms);
      throw error;
    });
    expect(await failure(db.guard(() => work))).toBe(error);
    expect([...(await db.sql`select id from rooms`)]).toEqual([...before]);
  });

  test("after it is closed every guarded call is unavailable, and its work is not begun", async () => {
    const other = await open();
    await other.close();
    let begun = false;
    const work = other.database.guard(async () => {
      begun = true;
    });
    expect(await codeOf(work)).toBe("unavailable");
    expect(begun).toBe(false);
  });
});

/** Resolves when the database takes calls: it may be looking whether it still lives. */
async function answers(db: Database): Promise<void> {
  while (db.state === "down") await new Promise<void>((resolve) => void db.onUp(resolve));
  await db.sql`select 1`;
}
