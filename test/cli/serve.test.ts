import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, runProgram, startServer, temporaryFolder } from "../support/program.ts";
import { pathOf } from "../support/repository.ts";

/** What a person reads who made a mistake: on standard error, exit code 1, no stack. */
const expectClear = ({ exitCode, stdout, stderr }: Ended, ...parts: readonly string[]): void => {
  for (const part of parts) expect(stderr).toContain(part);
  expect(stderr).not.toMatch(/^\s+at |\.ts:\d+|node_modules/m);
  expect(stdout).not.toContain("listening on");
  expect(exitCode).toBe(1);
};

describe("serve", () => {
  test("prints where it listens whatever the log level, answers, and ends with 0 on SIGTERM", async () => {
    const server = await startServer({ env: { LOG_LEVEL: "silent", MODE: "production", LOG_FORMAT: "json" } });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d{2,5}$/);
    expect(server.stdout()).toContain("sign-up invite");
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    const health = await runProgram(["health"], { env: { PORT: new URL(server.url).port } });
    expect(health.exitCode).toBe(0);
    const startedAt = performance.now();
    server.signal("SIGTERM");
    expect((await server.ended).exitCode).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  test("with --json tells where it listens in one JSON document, and logs JSON lines alone", async () => {
    const env = { MODE: "development", LOG_LEVEL: "info", SIGN_UP: "invite" };
    const server = await startServer({ args: ["serve", "--json"], env });
    const health = await runProgram(["health", "--json"], { env: { PORT: new URL(server.url).port } });
    expect(JSON.parse(health.stdout)).toMatchObject({ status: "ready", checks: { database: "ok" } });
    server.signal("SIGTERM");
    const lines = (await server.ended).stdout.trim().split("\n");
    const documents: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
    expect(documents.find(({ message }) => message !== undefined)).toMatchObject({
      message: `listening on ${server.url}`,
      url: server.url,
      database: "embedded",
      mode: "development",
      setup_url: expect.stringContaining(`${server.url}/setup?token=`),
    });
    expect(documents.at(-1)).toMatchObject({ level: "info", msg: "stopped" });
  });

  test("prints a setup link only where sign-up is by invitation and nobody has an account", async () => {
    const dataDir = temporaryFolder();
    const invite = await startServer({ env: { SIGN_UP: "invite", DATA_DIR: dataDir } });
    expect(invite.stdout()).toMatch(/setup\s+http:\/\/127\.0\.0\.1:\d+\/\S{20,}/);
    invite.signal("SIGINT");
    expect((await invite.ended).exitCode).toBe(0);
    const open = await startServer({ env: { SIGN_UP: "open", DATA_DIR: dataDir } });
    expect(open.stdout()).not.toContain("setup");
    open.signal("SIGTERM");
    await open.ended;
  });

  test("`bun start` is the server in development mode, and a signal to it reaches the server", async () => {
    const start = { command: [process.execPath, "--no-env-file", "start"], args: [], cwd: pathOf(".") };
    const server = await startServer({ ...start, env: { MODE: "", DATA_DIR: temporaryFolder() } });
    expect(server.stdout()).toContain("development, sign-up open");
    expect((await fetch(server.url)).headers.get("content-type")).toContain("text/html");
    server.signal("SIGTERM");
    await server.ended; // its standard output is closed: the server itself has ended
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test("closes live connections with 1012 when it stops", async () => {
    const server = await startServer();
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws`);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const closed = new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve;
    });
    server.signal("SIGTERM");
    expect((await closed).code).toBe(1012);
    expect((await server.ended).exitCode).toBe(0);
  });

  test("speaks https with TLS_CERT and TLS_KEY, and says so to browsers", async () => {
    const pem = pathOf("test/cli/localhost.pem");
    const tls = { TLS_CERT: pem, TLS_KEY: pem };
    const server = await startServer({ env: tls });
    expect(server.url).toStartWith("https://127.0.0.1:");
    const answer = await fetch(server.url, { tls: { ca: Bun.file(pem) } });
    expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");
    const health = await runProgram(["health"], { env: { ...tls, PORT: new URL(server.url).port } });
    expect(health.exitCode).toBe(0);
    server.signal("SIGTERM");
    await server.ended;
    const noPem = pathOf("package.json");
    const broken = await runProgram(["serve"], { env: { TLS_CERT: noPem, TLS_KEY: noPem, PORT: "0" } });
    expectClear(broken, "TLS_CERT and TLS_KEY do not hold a certificate");
  });

  test("a busy port is named, with what to do", async () => {
    const server = await startServer();
    const { port } = new URL(server.url);
    const second = await runProgram(["serve"], { env: { PORT: port } });
    expectClear(second, `port ${port} on 127.0.0.1 is in use`, "set PORT");
    server.signal("SIGTERM");
    await server.ended;
  });

  test("a data folder in use is refused, naming the process that has it", async () => {
    const dataDir = temporaryFolder();
    const server = await startServer({ env: { DATA_DIR: dataDir } });
    const second = await runProgram(["serve"], { env: { PORT: "0", DATA_DIR: dataDir } });
    expectClear(second, String(server.pid), "DATA_DIR");
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    server.signal("SIGTERM");
    await server.ended;
  });

  test("a data folder that cannot be made is named", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expectClear(await runProgram(["serve"], { env: { PORT: "0", DATA_DIR: join(file, "data") } }), "DATA_DIR");
  });

  test("a DATABASE_URL that is none, or where nothing answers, is refused without its password", async () => {
    const wrong = await runProgram(["serve"], { env: { DATABASE_URL: "mysql://me:canary@db/x" } });
    expectClear(wrong, "DATABASE_URL is set (not shown here); it takes an address such as postgres://");
    const nobody = await runProgram(["serve"], { env: { DATABASE_URL: "postgres://me:canary@127.0.0.1:1/x" } });
    expectClear(nobody, "127.0.0.1:1", "DATABASE_URL");
    expect(wrong.stderr + nobody.stderr + nobody.stdout).not.toContain("canary");
  });

  test("all mistakes of the configuration are told at once", async () => {
    const { stderr, exitCode } = await runProgram(["serve"], { env: { PORT: "x", SIGN_UP: "maybe" } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('PORT is "x"; it takes a whole number from 0 to 65535.');
    expect(stderr).toContain('SIGN_UP is "maybe"; it takes open, invite or closed.');
  });

  test("an address that is not this machine's is named", async () => {
    const ended = await runProgram(["serve"], { env: { HOST: "192.0.2.1", PORT: "0" } });
    expectClear(ended, "192.0.2.1 is no address of this machine", "HOST");
    const named = await runProgram(["serve"], { env: { HOST: "no-such-host.invalid", PORT: "0" } });
    expectClear(named, "no-such-host.invalid is no address of this machine");
  });
});
