/** DATA_DIR/control.sock: the way to the server that has the embedded database. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runProgram, startServer, temporaryFolder } from "../support/program.ts";

const socketOf = (dataDir: string): string => join(dataDir, "control.sock");
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const Line = z.looseObject({
  progress: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
});

async function ask(dataDir: string, operation: string, input: unknown) {
  const body = JSON.stringify(input);
  const response = await fetch(`http://taskwire/${operation}`, { unix: socketOf(dataDir), method: "POST", body });
  const lines = (await response.text()).split("\n").filter((line) => line !== "");
  return { status: response.status, lines: lines.map((line) => Line.parse(JSON.parse(line))) };
}

test("the socket is its owner's alone, and goes with its server", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await startServer({ env: { DATA_DIR: dataDir } });
  expect([modeOf(dataDir), modeOf(socketOf(dataDir))]).toEqual(["700", "600"]);
  expect(existsSync(join(dataDir, "control.new"))).toBe(false);
  server.signal("SIGTERM");
  expect((await server.ended).exitCode).toBe(0);
  expect(existsSync(socketOf(dataDir))).toBe(false);
});

const setpriv = process.getuid?.() === 0 ? Bun.which("setpriv") : null;
test.skipIf(setpriv === null)("another user of the machine cannot open it, even in a folder open to all", async () => {
  const dataDir = join(temporaryFolder(), "data");
  mkdirSync(dataDir);
  for (const folder of [dataDir, join(dataDir, "..")]) chmodSync(folder, 0o755);
  const server = await startServer({ env: { DATA_DIR: dataDir } });
  // `connect` takes the right to write.
  const writable = (...as: string[]) => Bun.spawnSync([...as, "test", "-w", socketOf(dataDir)]).exitCode;
  expect([writable(), writable(setpriv ?? "", "--reuid=65534", "--clear-groups")]).toEqual([0, 1]);
  server.signal("SIGTERM");
  await server.ended;
});

test("a socket that a killed server left is passed over, and replaced by the next server", async () => {
  const dataDir = temporaryFolder();
  const killed = await startServer({ env: { DATA_DIR: dataDir } });
  killed.signal("SIGKILL");
  await killed.ended;
  expect(existsSync(socketOf(dataDir))).toBe(true);
  const alone = await runProgram(["user", "list"], { env: { DATA_DIR: dataDir } });
  expect([alone.exitCode, alone.stdout]).toEqual([0, expect.stringContaining("Nobody has an account")]);
  const next = await startServer({ env: { DATA_DIR: dataDir } });
  expect((await ask(dataDir, "user-list", {})).lines).toEqual([{ result: { users: [] } }]);
  next.signal("SIGTERM");
  await next.ended;
});

test("a folder whose name is longer than a socket's may be serves as well", async () => {
  const dataDir = join(temporaryFolder(), "d".repeat(100), "e".repeat(100));
  const server = await startServer({ env: { DATA_DIR: dataDir } });
  const listed = await runProgram(["user", "list", "--json"], { env: { DATA_DIR: dataDir } });
  expect([listed.exitCode, listed.stdout]).toEqual([0, '{"users":[]}\n']);
  server.signal("SIGTERM");
  await server.ended;
});

test("what comes over it is checked, and progress comes before the result", async () => {
  const dataDir = temporaryFolder();
  const server = await startServer({ env: { DATA_DIR: dataDir } });
  expect((await ask(dataDir, "no-such-operation", {})).status).toBe(404);
  expect((await fetch("http://taskwire/user-list", { unix: socketOf(dataDir) })).status).toBe(404);
  for (const input of [undefined, { email: 1 }, "text"]) {
    const { lines } = await ask(dataDir, "user-disable", input);
    expect(lines).toEqual([{ error: expect.objectContaining({ code: "invalid" }) }]);
  }
  const { lines } = await ask(dataDir, "seed", { people: 2, projects: 1, tasks: 20 });
  expect(lines.slice(0, -1).every(({ progress }) => progress !== undefined)).toBe(true);
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.at(-1)?.result).toMatchObject({ projects: [{ tasks: 20, made: 20 }] });
  server.signal("SIGTERM");
  await server.ended;
});

test("work whose command was stopped ends, and the next one goes on with it", async () => {
  const dataDir = temporaryFolder();
  const server = await startServer({ env: { DATA_DIR: dataDir, LOG_LEVEL: "info" } });
  const options = { people: 3, projects: 1, tasks: 3000 };
  const stopped = new AbortController();
  const body = JSON.stringify(options);
  const init = { unix: socketOf(dataDir), method: "POST", body, signal: stopped.signal };
  const reader = (await fetch("http://taskwire/seed", init)).body?.getReader();
  const decoder = new TextDecoder();
  let read = "";
  while (!/"step":"tasks","done":[1-9]/.test(read)) read += decoder.decode((await reader?.read())?.value);
  stopped.abort();
  while (!server.stdout().includes('"msg":"command stopped"')) await new Promise((resolve) => setImmediate(resolve));
  const last = await ask(dataDir, "seed", options);
  const Made = z.object({ projects: z.array(z.object({ made: z.int().min(1), tasks: z.literal(3000) })) });
  expect(Made.parse(last.lines.at(-1)?.result).projects.length).toBe(1);
  server.signal("SIGTERM");
  expect((await server.ended).exitCode).toBe(0);
});

test("a server that stops ends the work under way in time, and says so", async () => {
  const dataDir = temporaryFolder();
  const server = await startServer({ env: { DATA_DIR: dataDir } });
  const seed = runProgram(["seed", "--tasks", "100000", "--json"], { env: { DATA_DIR: dataDir } });
  while (!(await inWork(dataDir))) await new Promise((resolve) => setImmediate(resolve));
  const startedAt = performance.now();
  server.signal("SIGTERM");
  expect((await server.ended).exitCode).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5000);
  const { exitCode, stdout } = await seed;
  expect([exitCode, JSON.parse(stdout)]).toEqual([1, { error: expect.objectContaining({ code: "unavailable" }) }]);
});

/** Has a seed made its people? */
async function inWork(dataDir: string): Promise<boolean> {
  const { lines } = await ask(dataDir, "user-list", {});
  return z.object({ users: z.array(z.unknown()) }).parse(lines.at(-1)?.result).users.length > 0;
}
