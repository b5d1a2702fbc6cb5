import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorKinds } from "../src/protocol/errors.ts";
import { startApp } from "./support/app.ts";
import { makePerson } from "./support/people.ts";

const page = readFileSync(new URL("../docs/protocol.md", import.meta.url), "utf8");

test("the two clients of docs/protocol.md see each other's task, comment, typing and presence", async () => {
  const code = /```ts\n([\s\S]*?)```/.exec(page)?.[1];
  expect(code?.split("\n").length).toBeGreaterThan(20);
  const app = await startApp();
  const folder = mkdtempSync(join(tmpdir(), "taskwire-page-"));
  try {
    const [ana, bo] = [await makePerson(app, "Ana"), await makePerson(app, "Bo")];
    const given = { url: app.url, token: ana.token, otherToken: bo.token };
    const head = Object.entries(given).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
    const file = join(folder, "clients.ts");
    writeFileSync(file, [...head, code, "export {};"].join("\n"));
    const clients = Bun.spawn([process.execPath, file], { stdout: "pipe", stderr: "inherit" });
    const wanted = ["task_created", "task_status_changed", "comment_added", "user_typing_status", "user_presence"];
    const missing = new Set(["Ana", "Bo"].flatMap((name) => wanted.map((event) => `${name} hears ${event}`)));
    let text = "";
    for await (const chunk of clients.stdout) {
      text += new TextDecoder().decode(chunk);
      for (const line of text.split("\n")) missing.delete(line);
      if (missing.size === 0) break;
    }
    clients.kill();
    expect([...missing]).toEqual([]);
  } finally {
    await app.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("docs/protocol.md lists every error code with its status", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [code ?? "", Number(status)]);
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(errorKinds).map(([code, { status }]) => [code, status])),
  );
});
