/** What the server hands to other pages, and what debug mode says. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { createTaskwire } from "../../src/client/index.ts";
import { hostSecret, startApp, type TestApp } from "../support/app.ts";
import { makePerson, makeProject, makeTask, type Person } from "../support/people.ts";

let app: TestApp;
let ana: Person;

beforeAll(async () => {
  app = await startApp();
  ana = await makePerson(app, "Ana");
});
afterAll(() => app.stop());

test("the SDK and its styles are served compressed, to be asked about with their ETag", async () => {
  const types = { "/sdk.js": "text/javascript", "/sdk.global.js": "text/javascript", "/notifications.css": "text/css" };
  for (const [path, type] of Object.entries(types)) {
    for (const encoding of ["br", "zstd", "gzip"]) {
      const headers = { "accept-encoding": encoding };
      const response = await fetch(app.url + path, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toStartWith(type);
      expect(response.headers.get("content-encoding")).toBe(encoding);
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect((await response.text()).length).toBeGreaterThan(1000);
      const etag = response.headers.get("etag") ?? "";
      const again = await fetch(app.url + path, { headers: { ...headers, "if-none-match": etag } });
      expect(again.status).toBe(304);
    }
  }
});

test("debug mode says what is sent, heard and decided, but never a token, also when it is renewed", async () => {
  const project = await makeProject(ana);
  const task = await makeTask(ana, project);
  const given: string[] = [];
  const lines: string[] = [];
  const token = async (): Promise<string> => {
    const inSeconds = given.length === 0 ? 61 : 7200; // the first one ends in a minute: it is renewed at once
    const ends = Math.floor(Date.now() / 1000) + inSeconds;
    const jwt = new SignJWT({ name: "Ana" })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("Ana")
      .setExpirationTime(ends);
    given.push(await jwt.sign(new TextEncoder().encode(hostSecret)));
    return given.at(-1) ?? "";
  };
  const renewed = Promise.withResolvers<void>();
  const debug = (line: string): void => {
    lines.push(line);
    if (line.startsWith("→ authenticate")) renewed.resolve();
  };
  const client = createTaskwire({ url: app.url, token, debug });
  await client.joinProject(project.id);
  await client.updateTaskStatus(task.id, "review");
  await client.updateTaskStatus(task.id, "nowhere").catch(() => {});
  await renewed.promise;
  client.close();
  const text = lines.join("\n");
  for (const words of [
    "opening → catching_up (welcomed)",
    "→ task_status_update",
    "← task_status_changed",
    "✗ task_status_update",
    "→ authenticate",
  ])
    expect(text).toContain(words);
  expect(given.length).toBe(2);
  for (const secret of given) expect(text).not.toContain(secret);
});
