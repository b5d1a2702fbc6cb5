/** The SDK as one bundle under Node 20, which has no WebSocket of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApp, type TestApp } from "../support/app.ts";
import { makePerson, makeProject, makeTask } from "../support/people.ts";
import { skipped } from "../support/services.ts";

const node = Bun.which("node");
if (!node) skipped("Node", "install Node 20 or newer");
const folder = mkdtempSync(join(tmpdir(), "taskwire-sdk-"));
const bundle = join(folder, "taskwire.mjs");
let app: TestApp;

/** Runs a module under Node; answers what it printed. The flag stands for the package `ws`: a WebSocket that is not global. */
async function run(code: string, ...flags: string[]): Promise<{ stdout: string; stderr: string }> {
  const file = join(folder, "program.mjs");
  await Bun.write(file, code);
  const child = Bun.spawn([node ?? "node", "--no-warnings", ...flags, file], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  await child.exited;
  return { stdout: stdout.trim(), stderr };
}

describe.skipIf(!node)("under Node", () => {
  beforeAll(async () => {
    app = await startApp();
    const entry = Bun.fileURLToPath(new URL("../../src/client/index.ts", import.meta.url));
    const { outputs } = await Bun.build({ entrypoints: [entry], target: "node", minify: true });
    await Bun.write(bundle, await (outputs[0]?.text() ?? ""));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await app.stop();
  });

  test("a project is joined and a task changed, with the WebSocket one gives it", async () => {
    const ana = await makePerson(app, "Ana");
    const project = await makeProject(ana);
    const task = await makeTask(ana, project, { title: "Seen from Node" });
    const { stdout, stderr } = await run(
      `import { createTaskwire } from ${JSON.stringify(bundle)};
       const { WebSocket } = globalThis;
       delete globalThis.WebSocket;
       const taskwire = createTaskwire({ url: ${JSON.stringify(app.url)}, token: ${JSON.stringify(ana.token)}, WebSocket });
       const store = await taskwire.joinProject(${JSON.stringify(project.id)});
       console.log([...store.tasks.value.values()].map((task) => task.title).join());
       console.log((await taskwire.updateTaskStatus(${JSON.stringify(task.id)}, "review")).status);
       taskwire.close();`,
      "--experimental-websocket",
    );
    expect({ stdout, stderr }).toEqual({ stdout: "Seen from Node\nreview", stderr: "" });
  });

  test("without one it says what to do", async () => {
    const { stderr } = await run(
      `import { createTaskwire } from ${JSON.stringify(bundle)};
       delete globalThis.WebSocket;
       createTaskwire({ url: "http://127.0.0.1:1", token: "t" });`,
    );
    expect(stderr).toContain("this runtime has no WebSocket: give createTaskwire the option `WebSocket`");
  });

  test("the bundle holds no validator and no dependency", async () => {
    const text = await Bun.file(bundle).text();
    expect(text).not.toContain("ZodError");
    expect(text).not.toMatch(/from\s*["']/);
    expect(Bun.gzipSync(new TextEncoder().encode(text), { level: 9 }).byteLength).toBeLessThan(20_000);
  });
});
