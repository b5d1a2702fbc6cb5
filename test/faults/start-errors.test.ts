import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { type Ended, runProgram, startServer, temporaryFolder } from "../support/program.ts";
import { createPostgresDatabase } from "../support/services.ts";

/** One message that says what is wrong and what to do, on standard error, exit code 1, no stack. */
const expectClear = ({ exitCode, stdout, stderr }: Ended, ...parts: readonly string[]): void => {
  for (const part of parts) expect(stderr).toContain(part);
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
  expect(stderr + stdout).not.toMatch(/^\s+at |\.ts:\d+|node_modules|Error:|canary/m);
  expect(stdout).not.toContain("listening on");
  expect(exitCode).toBe(1);
};
const serve = (env: Record<string, string>): Promise<Ended> => runProgram(["serve"], { env: { PORT: "0", ...env } });

/** Root may write everywhere: then as nobody. Undefined where nobody may not read the program either. */
function unprivilegedProgram(): string[] | undefined {
  const main = join(import.meta.dir, "../../src/main.ts");
  const asMyself = [process.execPath, "--no-env-file", main];
  if (process.getuid?.() !== 0) return asMyself;
  const setpriv = Bun.which("setpriv");
  if (setpriv === null) return undefined;
  const program = [setpriv, "--clear-groups", "--reuid", "65534", "--bounding-set=-all", ...asMyself];
  return Bun.spawnSync([...program, "version"], { cwd: "/" }).exitCode === 0 ? program : undefined;
}

async function usedFolder(): Promise<string> {
  const dataDir = temporaryFolder();
  const server = await startServer({ env: { DATA_DIR: dataDir } });
  server.signal("SIGTERM");
  expect((await server.ended).exitCode).toBe(0);
  return dataDir;
}

describe("a data folder that cannot be used", () => {
  test("of a newer format is refused and stays as it is", async () => {
    const dataDir = await usedFolder();
    writeFileSync(join(dataDir, "format"), "99\n");
    const before = readdirSync(dataDir).sort();
    expectClear(await serve({ DATA_DIR: dataDir }), dataDir, "format 99", "newer", "Start that version");
    expect(readFileSync(join(dataDir, "format"), "utf8")).toBe("99\n");
    expect(readdirSync(dataDir).sort()).toEqual(before);
    writeFileSync(join(dataDir, "format"), "1\n");
    const again = await startServer({ env: { DATA_DIR: dataDir } });
    again.signal("SIGTERM");
    expect((await again.ended).exitCode).toBe(0);
  });

  test("of another PostgreSQL is refused", async () => {
    const dataDir = await usedFolder();
    writeFileSync(join(dataDir, "pg", "PG_VERSION"), "99\n");
    expectClear(await serve({ DATA_DIR: dataDir }), "PostgreSQL 99", "backup");
  });

  const program = unprivilegedProgram();
  test.skipIf(!program)("that may not be written is named", async () => {
    if (!program) return;
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const dataDir = join(folder, "data");
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o555);
    const env = { PORT: "0", DATA_DIR: dataDir };
    const ended = await runProgram(["serve"], { env, command: program, cwd: "/" });
    expectClear(ended, dataDir, "DATA_DIR");
  });
});

const address = await createPostgresDatabase();

describe.skipIf(!address)("a PostgreSQL that cannot be used", () => {
  const url = new URL(address ?? "postgres://127.0.0.1/none");

  test("without that database is told with how to make it", async () => {
    const wrong = new URL(url);
    wrong.pathname = "/no_such_database";
    expectClear(await serve({ DATABASE_URL: wrong.href }), "no_such_database", "createdb", "DATABASE_URL");
  });

  test("without that user is told", async () => {
    const wrong = new URL(url);
    wrong.username = "no_such_user";
    wrong.password = "canary";
    expectClear(await serve({ DATABASE_URL: wrong.href }), "no_such_user");
  });

  test("at a host that has no address is told", async () => {
    const ended = await serve({ DATABASE_URL: "postgres://me:canary@no-such-host.invalid/x" });
    expectClear(ended, "no-such-host.invalid", "DATABASE_URL");
  });

  test("that is something else is told", async () => {
    const listener = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("not PostgreSQL") });
    const { host } = listener.url;
    const ended = await serve({ DATABASE_URL: `postgres://me:canary@${host}/x` });
    await listener.stop(true);
    expectClear(ended, host, "PostgreSQL");
  });

  test("that belongs to a version behind the next one is refused and stays as it is", async () => {
    const own = (await createPostgresDatabase()) ?? "";
    const first = await startServer({ env: { DATABASE_URL: own } });
    first.signal("SIGTERM");
    await first.ended;
    const sql = postgres(own, { max: 1, onnotice() {} });
    const [table] = await sql<{ name: string }[]>`
      select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_name like '%migrations%'`;
    const [latest] = await sql.unsafe(`select * from ${table?.name} order by 1 desc limit 1`);
    // One release ahead is a neighbour, beside which a server works.
    for (const releases of [1, 2]) {
      const later = Object.entries(latest ?? {}).map(([name, value]) => [name, laterThan(value, releases)]);
      await sql`insert into ${sql.unsafe(table?.name ?? "")} ${sql(Object.fromEntries(later))}`;
    }
    await sql.end();
    expectClear(await serve({ DATABASE_URL: own }), "newer version of Taskwire");
  });
});

/** A value of a migration's row that stands behind all there are. */
function laterThan(value: unknown, releases: number): string | number {
  if (typeof value === "number") return value + releases * 1_000;
  return value instanceof Date ? "9999-01-01T00:00:00Z" : `999${releases}_${value}`;
}
