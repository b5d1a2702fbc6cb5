/** Writes that outlive their page, in a real browser: reloaded, closed, with several windows, and where storage is refused. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type * as Sdk from "../../src/client/index.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createLink, type Link } from "../support/link.ts";
import { addMember, getEvents, makePerson, makeProject, makeTask, type Person } from "../support/people.ts";
import { skipped } from "../support/services.ts";
import { chromiumPath, launch } from "../web/browser.ts";

declare global {
  /** In the browser: see `html`. */
  var taskwire: Sdk.Taskwire;
  var joined: Promise<Sdk.ProjectStore>;
  /** This window reaches nothing, whatever the others do. */
  var away: boolean;
}

if (chromiumPath === undefined) skipped("Chromium", "install it");
let app: TestApp;
let link: Link;
let browser: Browser;
let context: BrowserContext | undefined;
let pages: ReturnType<typeof Bun.serve>;
let ana: Person;
let ben: Person;

/** Its page is always there; the server only while the link is. */
const html = (url: string, token: string, projectId: string): string => `<!doctype html>
  <script src="${app.url}/sdk.global.js" crossorigin></script>
  <script>
    class Socket { constructor(...all) { if (globalThis.away) throw new Error("away"); return new WebSocket(...all); } }
    const taskwire = Taskwire.createTaskwire({ url: "${url}", token: "${token}", WebSocket: Socket });
    const joined = taskwire.joinProject("${projectId}");
    globalThis.taskwire = taskwire; globalThis.joined = joined;
  </script>`;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  pages = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { searchParams, pathname } = new URL(request.url);
      if (pathname !== "/") return new Response(null, { status: 204 });
      const person = searchParams.get("who") === "Ben" ? ben : ana;
      const text = html(link.url, person.token, searchParams.get("project") ?? "");
      return new Response(text, { headers: { "content-type": "text/html" } });
    },
  });
  app = await startApp({ env: { CORS_ORIGINS: pages.url.origin } });
  link = createLink(app.url);
  [ana, ben] = [await makePerson(app, "Ana"), await makePerson(app, "Ben")];
  browser = await launch();
});
afterEach(async () => {
  await context?.close();
  link?.mend();
});
afterAll(async () => {
  await browser?.close();
  pages?.stop(true);
  link?.stop();
  await app?.stop();
});

async function scene(): Promise<{
  project: Project;
  task: Task;
  open: (who?: string) => Promise<Page>;
  context: BrowserContext;
}> {
  const project = await makeProject(ana);
  await addMember(ana, project, ben, "member");
  const task = await makeTask(ana, project);
  const own = await browser.newContext();
  context = own;
  const open = async (who = "Ana"): Promise<Page> => {
    const page = await own.newPage();
    await page.goto(`${pages.url.href}?who=${who}&project=${project.id}`);
    return page;
  };
  return { project, task, open, context: own };
}

const inState = (page: Page, state: string): Promise<unknown> =>
  page.waitForFunction((wanted) => taskwire.connection.state.value === wanted, state);
const goOffline = async (...all: Page[]): Promise<void> => {
  link.cut();
  for (const page of all) await inState(page, "offline");
};
/** Three changes to the task, and a comment, none of which can be sent. */
const edit = (page: Page, { id }: Task): Promise<void> =>
  page.evaluate(async (taskId) => {
    const store = await joined;
    for (const title of ["one", "two", "three"]) void taskwire.updateTask(taskId, { title });
    void store.openTask(taskId).addChecklistItem("Brush");
    // The storage answers in the order it was asked: what this sees is written down.
    await new Promise<void>((resolve) => {
      const opening = indexedDB.open("taskwire-outbox");
      opening.onsuccess = () => {
        const look = () => {
          const count = opening.result.transaction("writes").objectStore("writes").count();
          count.onsuccess = () => (count.result >= 4 ? resolve() : look());
        };
        look();
      };
    });
  }, id);
/** The page has heard all answers. It may not have looked yet at what others left: see `arrived`. */
const emptied = (page: Page): Promise<unknown> => page.waitForFunction(() => taskwire.waiting.value.length === 0);
const titles = async (project: Project): Promise<unknown[]> =>
  (await getEvents(ana, project))
    .filter(({ event }) => event === "task_updated")
    // The data of a frame is the one its name has in the catalogue.
    .map(({ data }) => (data as { changes: { title?: string; checklist?: unknown } }).changes.title ?? "checklist");
const everything = ["one", "two", "three", "checklist"];
/** The server has as many as were made; `emptied` behind it tells that no more are to come. */
const arrived = async (project: Project, count = everything.length): Promise<void> => {
  while ((await titles(project)).length < count);
};

describe.skipIf(chromiumPath === undefined)("the outbox in a browser", () => {
  test("what was written offline survives a reload, shows after it, and is sent once and in order", async () => {
    const { project, task, open } = await scene();
    const page = await open();
    await inState(page, "live");
    await goOffline(page);
    await edit(page, task);
    await page.reload();
    link.mend();
    await page.waitForFunction(() => taskwire.connection.state.value === "live");
    await page.evaluate(() => joined.then(() => {}));
    await arrived(project);
    await emptied(page);
    expect(await titles(project)).toEqual(everything);
    await page.reload();
    await inState(page, "live");
    await emptied(page);
    expect(await titles(project)).toEqual(everything);
  });

  test("a window leaves alone what a living one holds, and takes what a closed one left", async () => {
    const { project, task, open } = await scene();
    const [first, second] = [await open(), await open()];
    await inState(first, "live");
    await inState(second, "live");
    await goOffline(first, second);
    await edit(first, task);
    await first.evaluate(() => {
      globalThis.away = true;
    });
    await second.reload();
    link.mend();
    await inState(second, "live");
    expect(await second.evaluate(() => taskwire.waiting.value.length)).toBe(0);
    await second.evaluate((id) => taskwire.addComment(id, "Nothing of the other window went before this"), task.id);
    expect(await titles(project)).toEqual([]);
    // It is told when the other is gone; there is nobody who loads a page.
    await first.close();
    await arrived(project);
    await emptied(second);
    expect(await titles(project)).toEqual(everything);
  });

  test("without Web Locks two windows send the same writes, and each is applied once and in order", async () => {
    const { project, task, open, context } = await scene();
    await context.addInitScript("Object.defineProperty(navigator, 'locks', { value: undefined })");
    const first = await open();
    await inState(first, "live");
    await goOffline(first);
    await edit(first, task);
    const second = await open();
    link.mend();
    for (const page of [first, second]) await inState(page, "live");
    await arrived(project);
    for (const page of [first, second]) await emptied(page);
    expect(await titles(project)).toEqual(everything);
  });

  test("another person on the same browser does not send them; the one who wrote them does, later", async () => {
    const { project, task, open } = await scene();
    const first = await open();
    await inState(first, "live");
    await goOffline(first);
    await edit(first, task);
    await first.close();
    link.mend();
    const bens = await open("Ben");
    await inState(bens, "live");
    expect(await bens.evaluate(() => taskwire.waiting.value.length)).toBe(0);
    expect(await titles(project)).toEqual([]);
    const again = await open();
    await inState(again, "live");
    await arrived(project);
    await emptied(again);
    expect(await titles(project)).toEqual(everything);
    const authors = (await getEvents(ana, project)).filter(({ event }) => event === "task_updated");
    expect(new Set(authors.map(({ actor }) => actor?.id))).toEqual(new Set([ana.id]));
  });

  test("where IndexedDB is refused, writes wait in memory", async () => {
    const { project, task, open, context } = await scene();
    await context.addInitScript("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }");
    const page = await open();
    await inState(page, "live");
    await goOffline(page);
    await page.evaluate(({ id }) => void taskwire.updateTask(id, { title: "one" }), task);
    link.mend();
    await arrived(project, 1);
    await emptied(page);
    expect(await titles(project)).toEqual(["one"]);
  });
});
