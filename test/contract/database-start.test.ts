/** Every way in which DATABASE_URL can be wrong: one plain sentence, what to do, and never the password. */
import { afterAll, expect, test as plainTest } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../../src/core/start-error.ts";
import { openDatabase } from "../../src/db/open.ts";
import { startPostgres } from "../support/services.ts";

const cluster = await startPostgres();
const test = plainTest.skipIf(cluster === undefined);
afterAll(() => cluster?.stop());

const canary = "s3cr3t%canary";
const password = encodeURIComponent(canary);

/** The error of a start; checks that it is for a person's eyes. */
async function refusal(databaseUrl: string): Promise<string> {
  try {
    const opened = await openDatabase({ databaseUrl, dataDir: "", poolSize: 2 });
    await opened.close();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const everything = Bun.inspect(error, { depth: 10 }) + JSON.stringify(error) + error.advice;
    expect(everything).not.toContain(canary);
    expect(everything).not.toContain(password);
    expect(error.message).not.toContain("\n");
    expect(error.advice.length).toBeGreaterThan(10);
    return error.message;
  }
  throw new Error("it opened");
}

/** Address of a user with a password, which the cluster asks for. */
async function withPassword(given: string): Promise<string> {
  if (!cluster) throw new Error("PostgreSQL is not installed");
  const file = join(cluster.dataDir, "pg_hba.conf");
  const rules = readFileSync(file, "utf8");
  if (!rules.includes("locked")) writeFileSync(file, `host all locked 127.0.0.1/32 scram-sha-256\n${rules}`);
  const admin = await openDatabase({ databaseUrl: cluster.url, dataDir: "", poolSize: 1 });
  await admin.sql.unsafe(`drop role if exists locked; create role locked login password '${canary}'`);
  await admin.sql.unsafe("select pg_reload_conf()");
  await admin.close();
  return cluster.url.replace("taskwire@", `locked:${encodeURIComponent(given)}@`);
}

plainTest("something that is no address", async () => {
  for (const bad of ["", "not an address", `mysql://a:${password}@h/d`, `postgres://a:${canary}@h/d`]) {
    expect(await refusal(bad)).toStartWith("DATABASE_URL ");
  }
  expect(await refusal(`postgres://a:${password}@h/d?sslmode=sometimes`)).toBe(
    "DATABASE_URL asks for sslmode=sometimes",
  );
});

plainTest("a host that nobody knows", async () => {
  expect(await refusal(`postgres://a:${password}@nowhere.invalid/d`)).toBe("no computer is known as nowhere.invalid");
});

plainTest("a port where nothing listens, and a socket file that is not there", async () => {
  expect(await refusal(`postgres://a:${password}@127.0.0.1:1/d`)).toBe("nothing listens on 127.0.0.1:1");
  expect(await refusal(`postgres://a:${password}@localhost/d?host=/nowhere`)).toBe(
    "nothing listens on /nowhere/.s.PGSQL.5432",
  );
});

plainTest("something that takes the connection and says nothing", async () => {
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const at = `127.0.0.1:${silent.port}`;
  expect(await refusal(`postgres://a:${password}@${at}/d`)).toBe(`${at} does not answer as PostgreSQL does`);
  silent.stop(true);
});

plainTest("something that is no PostgreSQL", async () => {
  const web = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("hello") });
  const at = `127.0.0.1:${web.port}`;
  expect(await refusal(`postgres://a:${password}@${at}/d`)).toBe(`${at} closes the connection as PostgreSQL does not`);
  await web.stop(true);
});

plainTest("a PostgreSQL older than 15", async () => {
  const old = oldServer("14.12 (Debian)");
  expect(await refusal(`postgres://a:${password}@127.0.0.1:${old.port}/d`)).toBe(
    "DATABASE_URL leads to PostgreSQL 14.12 (Debian); Taskwire needs 15 or later",
  );
  old.stop(true);
});

test("a wrong password, and the right one", async () => {
  expect(await refusal(await withPassword(`${canary}x`))).toMatch(/refuses the password of locked$/);
  const opened = await openDatabase({ databaseUrl: await withPassword(canary), dataDir: "", poolSize: 1 });
  expect([...(await opened.sql`select current_user::text as name`)]).toEqual([{ name: "locked" }]);
  await opened.close();
});

test("a database, a user or a parameter that does not exist, and TLS that is not there", async () => {
  const { url, port } = cluster ?? { url: "", port: 0 };
  const at = `127.0.0.1:${port}`;
  expect(await refusal(url.replace(/postgres$/, "nothing"))).toBe(`there is no database nothing at ${at}`);
  expect(await refusal(url.replace("taskwire@", `stranger:${password}@`))).toBe(
    `PostgreSQL at ${at} does not let stranger into postgres`,
  );
  expect(await refusal(`${url}?nonsense=1`)).toContain('parameter "nonsense"');
  expect(await refusal(`${url}?sslmode=require`)).toBe(`PostgreSQL at ${at} does not speak TLS`);
});

test("the query of the address reaches the server: search_path, deadlines, name, TLS where there is some", async () => {
  const query =
    "?search_path=mine,public&statement_timeout=1234&application_name=board%20é&sslmode=prefer&channel_binding=prefer";
  const opened = await openDatabase({ databaseUrl: `${cluster?.url}${query}`, dataDir: "", poolSize: 1 });
  const [row] = await opened.sql`
    select current_setting('search_path') as path, current_setting('statement_timeout') as statement,
      current_setting('lock_timeout') as lock, current_setting('application_name') as name`;
  expect(row).toEqual({
    path: "mine,public",
    statement: "1234ms",
    lock: "2s",
    name: expect.stringMatching(/^board \?/),
  });
  await opened.close();
});

/** Speaks just enough of the protocol: lets everybody in and tells its version. */
function oldServer(version: string) {
  const message = (type: string, body: string) => {
    const bytes = Buffer.from(`${type}\0\0\0\0${body}`, "latin1");
    bytes.writeUInt32BE(bytes.length - 1, 1);
    return bytes;
  };
  const ready = message("Z", "I");
  const welcome = [message("R", "\0\0\0\0"), message("S", `server_version\0${version}\0`), ready];
  return Bun.listen<{ greeted: boolean }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { greeted: false };
      },
      data(socket) {
        socket.write(Buffer.concat(socket.data.greeted ? [message("C", "SELECT 1\0"), ready] : welcome));
        socket.data.greeted = true;
      },
    },
  });
}
