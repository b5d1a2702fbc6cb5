/** `bun run dev`, on a copy of the sources that the test edits. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createVisitor } from "../support/accounts.ts";
import { type RunningServer, runProgram, startServer, temporaryFolder } from "../support/program.ts";
import { pathOf } from "../support/repository.ts";

const folder = temporaryFolder();
const scripts: { dev: string } = JSON.parse(readFileSync(pathOf("package.json"), "utf8")).scripts;
/** The script without its first step: what is needed is installed. */
const [, ...steps] = scripts.dev.split(" && ");
const path = `${dirname(process.execPath)}:${process.env.PATH ?? ""}`;
const person = { email: "dev@example.org", name: "Dev", password: "correct horse battery" };
let server: RunningServer;

beforeAll(async () => {
  for (const part of ["src", "drizzle", "package.json", "tsconfig.json"]) {
    cpSync(pathOf(part), join(folder, part), { recursive: true });
  }
  symlinkSync(pathOf("node_modules"), join(folder, "node_modules"));
  const command = ["/bin/sh", "-c", steps.join(" && ").replace("bun ", "bun --no-env-file ")];
  // The port must stay the same over the restart.
  const free = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = free;
  free.stop(true);
  server = await startServer({ command, args: [], cwd: folder, env: { PATH: path, PORT: String(port) } });
});
afterAll(async () => {
  server.signal("SIGTERM");
  await server.ended;
});

const edit = (file: string, from: string, to: string): void => {
  const text = readFileSync(join(folder, file), "utf8");
  expect(text).toContain(from);
  writeFileSync(join(folder, file), text.replace(from, to));
};

/** Asks until the answer holds `wanted`; the test's own deadline ends what never comes. */
async function until(path: string, wanted: string): Promise<void> {
  for (;;) {
    const answer = await fetch(server.url + path).then(
      (response) => response.text(),
      () => "",
    );
    if (answer.includes(wanted)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("the page is bundled anew when it is loaded, without a restart", async () => {
  const script = async (): Promise<string> => {
    const page = await (await fetch(server.url)).text();
    return (await fetch(server.url + (/type="module"[^>]*src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? ""))).text();
  };
  edit("src/web/texts/en/account.ts", "It becomes this server's administrator.", "It was edited a moment ago.");
  expect(await script()).toContain("It was edited a moment ago.");
});

test("open pages are told of edits, and whether they were of style sheets alone", async () => {
  const response = await fetch(`${server.url}/dev/changes`);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  /** Reads on until `wanted` was told. */
  const told = async (wanted: string): Promise<void> => {
    for (let text = ""; !text.includes(wanted); ) {
      const step = await reader?.read();
      if (!step || step.done) throw new Error(`the stream ended before it told of ${wanted}`);
      text += step.value;
    }
  };
  await told("watching");
  edit("src/web/styles/tokens.css", "--space-1: 4px", "--space-1: 5px");
  await told("data: styles");
  edit("src/web/texts/en/general.ts", "Try again", "Once more");
  await told("data: page");
  await reader?.cancel();
});

test("a change of the server starts it again, with its database and its commands", async () => {
  const before = createVisitor(server.url);
  expect((await before.call("POST", "/api/auth/sign-up/email", person)).status).toBe(200);
  edit("src/http/health.ts", 'status: "ok"', 'status: "edited"');
  await until("/health/live", '"edited"');
  const after = createVisitor(server.url);
  const { email, password } = person;
  expect((await after.call("POST", "/api/auth/sign-in/email", { email, password })).status).toBe(200);
  const sources = [process.execPath, "--no-env-file", join(folder, "src/main.ts")];
  const users = await runProgram(["user", "list", "--json"], {
    command: sources,
    cwd: folder,
    env: { MODE: "development" },
  });
  expect([users.exitCode, users.stderr]).toEqual([0, ""]);
  expect(users.stdout).toContain(email);
});
