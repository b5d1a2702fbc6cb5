/** The package as others get it: packed, installed into an empty folder, typed, and every example of its page run. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApp, type TestApp } from "../support/app.ts";
import { makePerson, makeProject, makeTask, type Person } from "../support/people.ts";
import { pathOf } from "../support/repository.ts";
import { skipped } from "../support/services.ts";
import { chromiumPath, launch } from "../web/browser.ts";

const npm = Bun.which("npm");
const node = Bun.which("node");
if (!npm || !node) skipped("npm", "install Node 20 or newer");
const folder = mkdtempSync(join(tmpdir(), "taskwire-package-"));
const page = readFileSync(pathOf("docs/sdk.md"), "utf8");
const examples = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , code = ""]) => code);

let app: TestApp;
let outside: ReturnType<typeof Bun.serve> | undefined;
let ana: Person;
let preamble = "";

/** Runs a program in the folder; answers what it printed. Throws where it fails. */
async function run(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: folder, stdout: "pipe", stderr: "pipe" });
  const [out, complaints] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed:\n${out}${complaints}`);
  return out.trim();
}

describe.skipIf(!npm || !node)("the package", () => {
  beforeAll(async () => {
    // The page that shows toasts is served by somebody else, on an origin that this server lists.
    outside = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => answerOutside(request) });
    app = await startApp({ env: { CORS_ORIGINS: outside.url.origin, SIGN_UP: "open" } });
    ana = await makePerson(app, "Ana");
    const project = await makeProject(ana);
    const task = await makeTask(ana, project);
    const values = { url: app.url, token: ana.token, projectId: project.id, taskId: task.id };
    preamble = Object.entries(values)
      .map(([name, value]) => `const ${name}: string = ${JSON.stringify(value)};\n`)
      .join("");
    await run(process.execPath, pathOf(".ci/build-sdk.ts"), join(folder, "built"));
    await run(npm ?? "npm", "pack", "./built", "--silent");
    const packed = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    await Bun.write(join(folder, "package.json"), JSON.stringify({ name: "consumer", type: "module" }));
    await run(npm ?? "npm", "install", `./${packed}`, "--offline", "--silent", "--no-audit", "--no-fund");
  }, 120_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    outside?.stop(true);
    await app.stop();
  });

  test("it holds the files it names, brings no other package, and is small", async () => {
    const installed = join(folder, "node_modules");
    expect(readdirSync(installed).filter((name) => !name.startsWith("."))).toEqual(["@taskwire"]);
    const files = readdirSync(join(installed, "@taskwire/client")).sort();
    const wanted = ["LICENSE", "README.md", "global.js", "index.js", "notifications.css", "package.json", "types"];
    expect(files).toEqual(wanted);
    const code = await Bun.file(join(installed, "@taskwire/client/index.js")).bytes();
    expect(Bun.gzipSync(code, { level: 9 }).byteLength).toBeLessThan(20_000);
  });

  test("its declarations stand alone: a strict program compiles against them, a wrong one does not", async () => {
    symlinkSync(pathOf("node_modules/typescript"), join(folder, "node_modules/typescript"));
    const right = examples("ts").map(
      (code, index) => [`example-${index}.ts`, `${preamble}${code}export {};\n`] as const,
    );
    const wrong = `import { createTaskwire, type Task } from "@taskwire/client";
      const taskwire = createTaskwire({ url: "" });
      taskwire.on("task_created", ({ task }) => task.titel);
      taskwire.on("no_event", () => {});
      const version: string = (await taskwire.updateTask("", { priority: "hi" })).version;
      export const task: Task = { id: version };\n`;
    for (const [name, code] of [...right, ["wrong.ts", wrong] as const]) await Bun.write(join(folder, name), code);
    const flags =
      "--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --target ESNext --lib ESNext,DOM --types".split(
        " ",
      );
    const compile = (module: string[], ...names: string[]) =>
      run(process.execPath, "node_modules/typescript/bin/tsc", ...flags, "", ...module, ...names);
    const names = right.map(([name]) => name);
    expect(names.length).toBeGreaterThan(6);
    for (const module of [
      ["--module", "NodeNext"],
      ["--module", "ESNext", "--moduleResolution", "bundler"],
    ]) {
      expect(await compile(module, ...names)).toBe("");
      const complaints = await compile(module, "wrong.ts").catch((error: Error) => error.message);
      for (const line of [3, 4, 5, 6]) expect(complaints).toContain(`wrong.ts(${line},`);
    }
  }, 60_000);

  for (const [index, code] of examples("ts").entries()) {
    test(`example ${index + 1} of docs/sdk.md runs`, async () => {
      await Bun.write(join(folder, `run-${index}.ts`), preamble + code);
      expect(await run(process.execPath, `run-${index}.ts`)).not.toContain(ana.token);
    });
  }

  test("all it exports, and all that can be done with a client, stands in docs/sdk.md", async () => {
    const code = `import * as all from "@taskwire/client";
      const taskwire = all.createTaskwire({ url, token });
      const project = await taskwire.joinProject(projectId);
      const task = project.openTask(taskId);
      const parts = [all, taskwire, project, task, task.comments, taskwire.inbox];
      console.log(JSON.stringify(parts.flatMap((part) => Object.keys(part))));
      taskwire.close();`;
    await Bun.write(join(folder, "names.ts"), preamble + code);
    const names: string[] = JSON.parse(await run(process.execPath, "names.ts"));
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });

  test("it follows a project under Node, with a WebSocket that is given to it", async () => {
    const code = `const { WebSocket } = globalThis;
      delete globalThis.WebSocket;
      const taskwire = createTaskwire({ url, token, WebSocket });
      const { tasks } = await taskwire.joinProject(projectId);
      console.log(tasks.value.has(taskId), (await taskwire.updateTaskStatus(taskId, "review")).status);
      taskwire.close();`;
    const plain = preamble.replaceAll(": string", "");
    await Bun.write(join(folder, "node.mjs"), `import { createTaskwire } from "@taskwire/client";\n${plain}${code}`);
    expect(await run(node ?? "node", "--no-warnings", "--experimental-websocket", "node.mjs")).toBe("true review");
  });

  test.skipIf(chromiumPath === undefined)(
    "the toasts of docs/sdk.md appear on a page of another origin",
    async () => {
      const browser = await launch();
      try {
        const tab = await browser.newPage();
        const faults: string[] = [];
        tab.on("pageerror", ({ message }) => faults.push(message));
        tab.on("console", (line) => line.type() === "error" && faults.push(line.text()));
        await tab.goto(outside?.url.href ?? "");
        await tab.waitForFunction("taskwire.connection.state.value === 'live'");
        const other = await makePerson(app, "Ben");
        const project = await makeProject(other);
        await other.call("POST", `/api/projects/${project.id}/members`, { user_id: ana.id, role: "member" });
        const toast = tab.locator(".taskwire-toast");
        await toast.waitFor();
        expect(await toast.textContent()).toContain("Ben");
        expect(await toast.evaluate((element) => getComputedStyle(element).borderRadius)).toBe("8px");
        expect(faults).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    60_000,
  );
});

function answerOutside(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/taskwire-token") return new Response(ana.token);
  if (pathname !== "/") return new Response(null, { status: 204 });
  const html = examples("html").join("").replaceAll("https://tasks.example.org", app.url);
  return new Response(`<!doctype html>${html}`, { headers: { "content-type": "text/html" } });
}
