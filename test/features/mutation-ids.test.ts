import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { type EndpointName, endpoints } from "../../src/protocol/endpoints.ts";
import { clientFrames, frameScopes } from "../../src/protocol/frames.ts";
import { describeRequests, type TestApp } from "../support/app.ts";
import { makeAdministrator } from "../support/keys.ts";
import { makePerson, type Person, type Reply } from "../support/people.ts";
import { openWire, type Wire } from "../support/wire.ts";
import {
  type Board,
  makeBoard,
  type Write,
  type WriteFrameName,
  type WriteName,
  writeFrames,
  writes,
} from "../support/writes.ts";

const isWrite = (name: string): name is WriteName => name in writes;
const isWriteFrame = (name: string): name is WriteFrameName => name in writeFrames;

/** Everything there is, by table; a table that was written to has another hash. */
async function readTables({ database: { sql } }: TestApp): Promise<Map<string, string>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' order by 1`;
  const hashes = new Map<string, string>();
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ hash: string }[]>(
      `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash from "${name}" t`,
    );
    hashes.set(name, row?.hash ?? "");
  }
  return hashes;
}

const pathOf = ({ path }: Endpoint, params: readonly string[] = []): string =>
  params.reduce((text, value) => text.replace(/:\w+/, encodeURIComponent(value)), path);

test("[H4] every write of the catalogue takes a mutation id, and no read does", () => {
  const retried = Object.entries<Endpoint>(endpoints).filter(([, { errors }]) =>
    errors?.includes("idempotency_mismatch"),
  );
  expect(retried.map(([name]) => name).sort()).toEqual(Object.keys(writes).sort());
  for (const [name, { body }] of retried)
    if (body)
      expect([
        name,
        body.safeParse({ mutation_id: 7 }).error?.issues.some(({ path }) => path[0] === "mutation_id"),
      ]).toEqual([name, true]);
  const writing = Object.entries(frameScopes).filter(([name, scope]) => scope === "write" && name !== "user_typing");
  expect(Object.keys(writeFrames).sort()).toEqual(writing.map(([name]) => name).sort());
});

describeRequests("retried writes", (app) => {
  let [ana, ben, cleo]: Person[] = [];
  let wire: Wire | undefined;
  let session = "";
  let keys = 0;
  beforeAll(async () => {
    [ana, ben, cleo] = [await makeAdministrator(app), await makePerson(app, "ben"), await makePerson(app, "cleo")];
    wire = await openWire(app.url, { token: ana.token });
    session = String((await wire.take("connected")).data.session_id);
  });
  afterAll(() => wire?.destroy());
  const board = (): Promise<Board> => {
    if (!ana || !ben || !cleo) throw new Error("nobody is there");
    return makeBoard(app.database, { owner: ana, other: ben, guest: cleo, session });
  };
  const call = (
    name: EndpointName,
    { params, body }: Pick<Write, "params" | "body">,
    headers?: Record<string, string>,
  ) => {
    const endpoint: Endpoint = endpoints[name];
    if (!ana) throw new Error("nobody is there");
    return ana.call<object | undefined>(endpoint.method, pathOf(endpoint, params), body, headers);
  };

  describe("over HTTP", () => {
    for (const name of Object.keys(writes).filter(isWrite)) {
      test(`[H4] ${name} with the same key is applied once and answered the same; with another request it is refused`, async () => {
        const write = writes[name](await board());
        if (write.before) expect((await ana?.call(...write.before))?.status).toBeLessThan(300);
        const key = `write-${++keys}`;
        const keyed = { ...write, body: { ...write.body, mutation_id: key } };
        const untouched = await readTables(app);
        const first = await call(name, keyed);
        const endpoint: Endpoint = endpoints[name];
        expect(first.status).toBe(endpoint.status ?? 200);
        const before = await readTables(app);
        expect(before).not.toEqual(untouched);
        expectSame(name, first, await call(name, keyed));
        // The header is the same thing as the field.
        expectSame(name, first, await call(name, { ...write }, { "idempotency-key": key }));
        const another = await call(name, { ...keyed, ...withKey(write.another, key) });
        expect([another.status, another.problem.code]).toEqual([422, "idempotency_mismatch"]);
        expect(await readTables(app)).toEqual(before);
      });
    }
  });

  describe("over the socket", () => {
    for (const name of Object.keys(clientFrames).filter(isWriteFrame)) {
      test(`[H4] ${name} with the same key is applied once and answered the same; with other data it is refused`, async () => {
        const [data, other] = writeFrames[name](await board());
        const key = `frame-${++keys}`;
        const ask = (sent: object) => wire?.ask(name, { ...sent, mutation_id: key });
        const untouched = await readTables(app);
        const first = await ask(data);
        expect(first).toMatchObject({ ok: true });
        const before = await readTables(app);
        expect(before).not.toEqual(untouched);
        expect(await ask(data)).toMatchObject({ ok: true, data: first?.data });
        expect(await ask(other)).toMatchObject({ ok: false, error: { code: "idempotency_mismatch" } });
        expect(await readTables(app)).toEqual(before);
      });
    }
  });
});

const withKey = (another: Write["another"], key: string): Pick<Write, "params" | "body"> =>
  "body" in another ? { body: { ...another.body, mutation_id: key } } : another;

/** A key's secret is not kept: its retry is told what it made. */
function expectSame(name: WriteName, first: Reply<object | undefined>, again: Reply<object | undefined>): void {
  if (name === "createApiKey") {
    const { key, ...shown }: { key?: string } = first.body ?? {};
    expect(again.problem).toMatchObject({ status: 409, current: shown });
    return;
  }
  expect([again.status, again.body]).toEqual([first.status, first.body]);
}
