/** What the code above the driver relies on, whichever database is below: run on the embedded one and on PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Sql } from "../../src/db/pool.ts";

export interface ContractDatabase {
  readonly sql: Sql;
  /** Another client of the same database, with a connection of its own; the suite ends it. */
  another(): Sql;
  close(): Promise<void>;
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );

export function databaseContract(name: string, open: () => Promise<ContractDatabase>): void {
  describe(`${name}: the driver`, () => {
    let database: ContractDatabase;
    let sql: Sql;

    beforeAll(async () => {
      database = await open();
      sql = database.sql;
      await sql`create table things (id int primary key, owner int, amount int not null default 0)`;
      await sql`insert into things (id) select generate_series(1, 100)`;
    });
    afterAll(() => database.close());

    test("values of every type we use come back as they went in", async () => {
      const id = Bun.randomUUIDv7();
      const at = new Date("2026-11-21T10:42:07.123Z");
      const bytes = Buffer.from([0, 1, 2, 127, 128, 255, 0]);
      const json = { text: "naïve ☃ 𝄞 \\ \" '", list: [1, null, { deep: true }], none: null };
      const [row] = await sql`select ${id}::uuid as id, ${at}::timestamptz as at, ${bytes}::bytea as bytes,
        ${sql.json(json)}::jsonb as json, ${json.text}::text as text, ${"9007199254740993"}::bigint as big,
        ${42}::int8 as small, ${true}::boolean as yes, ${null}::text as nothing, ${1.5}::float8 as half`;
      expect(row).toEqual({
        id,
        at: expect.anything(),
        bytes,
        json,
        text: json.text,
        big: "9007199254740993",
        small: 42,
        yes: true,
        nothing: null,
        half: 1.5,
      });
      expect(new Date(row?.at)).toEqual(at);
    });

    test("arrays come back as they went in", async () => {
      const ids = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
      const texts = ["", "a,b", '"quoted"', "back\\slash", "{brace}", "NULL", " "];
      const [row] = await sql`select ${ids}::uuid[] as ids, ${texts}::text[] as texts, ${[3, 1]}::int4[] as numbers,
        ${[]}::text[] as nobody`;
      expect(row).toEqual({ ids, texts, numbers: [3, 1], nobody: [] });
    });

    test("a parameter and a result of five megabytes pass unharmed", async () => {
      const text = "0123456789abcdef".repeat(5 * 65_536);
      const [row] = await sql`select ${text}::text as text, length(${text}::text) as length`;
      expect(row?.length).toBe(text.length);
      expect(row?.text === text).toBe(true);
    });

    test("a result of many rows is whole and in order", async () => {
      const rows = await sql`select g, repeat('x', 90) as pad from generate_series(1, 50000) g`;
      expect(rows.length).toBe(50_000);
      expect(rows.every((row, index) => row.g === index + 1 && row.pad.length === 90)).toBe(true);
    });

    test("an error carries its SQLSTATE and the connection goes on", async () => {
      expect(await failure(sql`select 1 / ${0}::int`)).toMatchObject({ code: "22012" });
      expect(await failure(sql`insert into things (id) values (1)`)).toMatchObject({
        code: "23505",
        constraint_name: "things_pkey",
      });
      expect(await failure(sql`select nonsense from things`)).toMatchObject({ code: "42703" });
      expect(await failure(sql.unsafe("selec 1"))).toMatchObject({ code: "42601" });
      expect(await sql`select 1 as one`).toMatchObject([{ one: 1 }]);
    });

    test("pipelined statements fail each for itself", async () => {
      const answers = await Promise.allSettled(
        Array.from({ length: 60 }, (_, n) => sql`select 12 / ${n % 3}::int as twelfth, ${n}::int as n`),
      );
      answers.forEach((answer, n) => {
        if (n % 3 === 0) expect(answer).toMatchObject({ status: "rejected", reason: { code: "22012" } });
        else expect(answer).toMatchObject({ status: "fulfilled", value: [{ twelfth: 12 / (n % 3), n }] });
      });
    });

    test("a thousand concurrent queries get each its own answer", async () => {
      const other = database.another();
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, n) => (n % 2 ? sql : other)`select ${n}::int as n, ${`row ${n}`}::text as t`),
      );
      await other.end();
      expect(answers.map(([row]) => row)).toEqual(Array.from({ length: 1000 }, (_, n) => ({ n, t: `row ${n}` })));
    });

    test("a prepared statement is parsed once and follows a change of its table", async () => {
      const select = () => sql`select * from things where id = ${7}`;
      await select();
      await select();
      const names = await sql`select count(*)::int as count from pg_prepared_statements
        where statement like 'select * from things where id =%'`;
      expect(names).toMatchObject([{ count: 1 }]);
      await sql`alter table things add column colour text default 'red'`;
      expect(await select()).toMatchObject([{ id: 7, colour: "red" }]);
    });

    test("several statements in one text run as one transaction", async () => {
      const error = await failure(sql.unsafe("update things set amount = 77 where id = 1; select 1 / 0"));
      expect(error).toMatchObject({ code: "22012" });
      expect(await sql`select amount from things where id = 1`).toMatchObject([{ amount: 0 }]);
    });

    test("a transaction commits whole, or rolls back whole", async () => {
      await sql.begin(async (tx) => {
        await tx`update things set amount = 1 where id = 10`;
        await tx`update things set amount = 2 where id = 11`;
      });
      const error = await failure(
        sql.begin(async (tx) => {
          await tx`update things set amount = 3 where id = 10`;
          await tx`select 1 / 0`;
        }),
      );
      expect(error).toMatchObject({ code: "22012" });
      expect(await sql`select id, amount from things where id in (10, 11) order by id`).toMatchObject([
        { id: 10, amount: 1 },
        { id: 11, amount: 2 },
      ]);
    });

    test("a savepoint rolls back to where it was", async () => {
      await sql.begin(async (tx) => {
        await tx`update things set amount = 5 where id = 12`;
        await failure(tx.savepoint(async (inner) => inner`insert into things (id) values (12)`));
        await tx`update things set amount = amount + 1 where id = 12`;
      });
      expect(await sql`select amount from things where id = 12`).toMatchObject([{ amount: 6 }]);
    });

    test("transactions of two connections do not mix", async () => {
      const other = database.another();
      const add = (client: Sql) =>
        client.begin(async (tx) => {
          const [row] = await tx`select amount from things where id = 20 for update`;
          await tx`update things set amount = ${(row?.amount ?? 0) + 1} where id = 20`;
        });
      await Promise.all(Array.from({ length: 40 }, (_, n) => add(n % 2 ? sql : other)));
      await other.end();
      expect(await sql`select amount from things where id = 20`).toMatchObject([{ amount: 40 }]);
    });

    test("a connection that ends within a transaction takes back what it did, and the others go on", async () => {
      const other = database.another();
      const inside = Promise.withResolvers<void>();
      const lost = other.begin(async (tx) => {
        await tx`update things set amount = 99 where id = 30`;
        inside.resolve();
        await new Promise(() => {});
      });
      lost.catch(() => {}); // its client is gone: whether it rejects or waits for ever is the driver's affair
      await inside.promise;
      await other.end({ timeout: 0 });
      expect(await sql`select amount from things where id = 30 for update`).toMatchObject([{ amount: 0 }]);
    });

    test("a notification reaches the listener of another connection, with its text and in order", async () => {
      const heard: string[] = [];
      const all = Promise.withResolvers<void>();
      const listener = database.another();
      const listening = await listener.listen("news", (text) => {
        heard.push(text);
        if (heard.length === 3) all.resolve();
      });
      await sql`select pg_notify('news', 'first'), pg_notify('gossip', 'not for you')`;
      await sql.begin(async (tx) => {
        await tx`select pg_notify('news', ${"second"})`;
        await tx`select pg_notify('news', ${"x".repeat(7000)})`;
      });
      await failure(sql.begin(async (tx) => tx`select pg_notify('news', 'rolled back'), 1 / (select 0)`));
      await all.promise;
      await listening.unlisten();
      await listener.end();
      expect(heard).toEqual(["first", "second", "x".repeat(7000)]);
    });

    test("an advisory lock keeps transactions apart", async () => {
      const other = database.another();
      let inside = 0;
      let most = 0;
      const guarded = (client: Sql) =>
        client.begin(async (tx) => {
          await tx`select pg_advisory_xact_lock(4711)`;
          most = Math.max(most, ++inside);
          await tx`select 1`;
          inside--;
        });
      await Promise.all(Array.from({ length: 20 }, (_, n) => guarded(n % 2 ? sql : other)));
      await other.end();
      expect({ inside, most }).toEqual({ inside: 0, most: 1 });
    });

    test("two workers that skip locked rows claim each row once", async () => {
      const other = database.another();
      const claim = async (client: Sql, owner: number): Promise<number> => {
        const rows = await client`update things set owner = ${owner} where id in
          (select id from things where owner is null order by id limit 7 for update skip locked) returning id`;
        return rows.length === 0 ? 0 : rows.length + (await claim(client, owner));
      };
      const claimed = await Promise.all([claim(sql, 1), claim(other, 2), claim(sql, 3), claim(other, 4)]);
      await other.end();
      expect(claimed.reduce((sum, count) => sum + count)).toBe(100);
      expect(await sql`select 1 from things where owner is null`).toHaveLength(0);
    });

    test("a cursor walks through a result piece by piece", async () => {
      const pieces: number[] = [];
      await sql`select g from generate_series(1, 25) g`.cursor(10, (rows) => {
        pieces.push(rows.length);
      });
      expect(pieces).toEqual([10, 10, 5]);
    });
  });
}
