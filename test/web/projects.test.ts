/** The list of projects in a real browser. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { plainText } from "../../src/protocol/plain-text.ts";
import type { Project } from "../../src/protocol/projects.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, type Seat, sitDown } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;

const rows = (page: Page) => page.getByRole("main").getByRole("listitem");
const names = async ({ call }: Seat): Promise<string[]> =>
  (await call<{ items: Project[] }>("GET", "/api/projects")).items.map(({ name }) => name);

describe("a description on one line", () => {
  const lines: readonly (readonly [string, string])[] = [
    ["# The **new** website\n\n- fast\n- *small*\n1. first\n> said", "The new website fast small first said"],
    [
      'See [the plan](https://example.org/a_(b) "title") and ![a picture](x.png) `a*b*c`',
      "See the plan and a picture a*b*c",
    ],
    [
      "snake_case_name, 2 * 3 * 4, a < b, __init__ and ~~old~~ ***both***",
      "snake_case_name, 2 * 3 * 4, a < b, init and old both",
    ],
    ["One\n---\n```ts\nlet x = 1\n```\n- [x] done\n- [ ] open", "One let x = 1 done open"],
    ["| a | b |\n|---|:-:|\n| 1 | 2 |", "a b 1 2"],
    [
      "either | or, 5 \\* 6, <https://example.org>, <b>bold</b>, [ref][1]",
      "either | or, 5 * 6, https://example.org, <b>bold</b>, ref",
    ],
    ["# \n\n***\n", ""],
  ];
  for (const [markdown, plain] of lines)
    test(JSON.stringify(markdown), () => {
      expect(plainText(markdown)).toBe(plain);
    });

  test("a long one holds nothing up", () => {
    expect(plainText(" *a".repeat(7_000)).length).toBeLessThan(700);
  });
});

describe.skipIf(chromiumPath === undefined)("the list of projects", () => {
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("with none, a sample or an empty one is a click away", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    await ana.page.goto(server.url);
    await ana.page.getByText("No projects yet").waitFor();
    await ana.page.getByRole("button", { name: "Empty project" }).click();
    await ana.page.getByRole("heading", { name: "My first project", level: 1 }).waitFor();
    expect(await names(ana)).toEqual(["My first project"]);
    expect(ana.faults).toEqual([]);
  });

  test("it shows who is in each project, and finds one by name or key", async () => {
    const [ana, ben] = [await sitDown(browser, server.url, "Ana"), await sitDown(browser, server.url, "Ben")];
    const description = "**All** of [it](https://example.org)";
    const website = await ana.call<Project>("POST", "/api/projects", { name: "Website", key: "SITE", description });
    await ana.call("POST", "/api/projects", { name: "Garden party" });
    await ana.call("POST", `/api/projects/${website.id}/members`, { email: ben.email, role: "viewer" });
    await ana.page.goto(server.url);
    await rows(ana.page).filter({ hasText: "Website" }).getByRole("img", { name: "Ben" }).waitFor();
    await rows(ana.page).getByText("All of it", { exact: true }).waitFor();
    await ana.page.getByLabel("Find a project").fill("site");
    await rows(ana.page).filter({ hasText: "Garden" }).waitFor({ state: "detached" });
    expect(await rows(ana.page).count()).toBe(1);
    await ana.page.getByLabel("Find a project").fill("nothing like it");
    await ana.page.getByText("No project matches “nothing like it”.").waitFor();
    // Ben, who only reads, is offered neither a new name nor the end of it.
    await ben.page.goto(server.url);
    await ben.page.getByRole("button", { name: "More for Website" }).click();
    expect(await ben.page.getByRole("menuitem").allTextContents()).toEqual(["Settings"]);
  });

  test("one is made with its own key, a key that is in use is said beside its field", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    await ana.call("POST", "/api/projects", { name: "First", key: "TAKEN" });
    await ana.page.goto(server.url);
    await ana.page.getByRole("main").getByRole("link", { name: "First" }).waitFor();
    await ana.page.keyboard.press("c");
    const dialog = ana.page.getByRole("dialog", { name: "New project" });
    await dialog.getByLabel("Name").fill("Second");
    await dialog.getByLabel("Key").fill("taken");
    await dialog.getByRole("button", { name: "Make project" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Key").fill("second");
    await dialog.getByRole("button", { name: "Make project" }).click();
    await ana.page.getByRole("heading", { name: "Second", level: 1 }).waitFor();
    expect(await names(ana)).toEqual(["First", "Second"]);
  });

  test("one is renamed and deleted from its menu; its members' lists follow at once", async () => {
    const [ana, ben] = [await sitDown(browser, server.url, "Ana"), await sitDown(browser, server.url, "Ben")];
    const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
    await ana.page.goto(server.url);
    await ana.page.getByRole("button", { name: "More for Website" }).click();
    await ana.page.getByRole("menuitem", { name: "Rename" }).click();
    await ana.page.getByRole("dialog", { name: "Rename" }).getByLabel("Name").fill("Shop");
    await ana.page.keyboard.press("Enter");
    await ana.page.getByRole("main").getByRole("link", { name: "Shop" }).waitFor();
    await ben.page.goto(server.url);
    await ben.page.getByText("No projects yet").waitFor();
    await ana.call("POST", `/api/projects/${project.id}/members`, { email: ben.email, role: "member" });
    await ben.page.getByRole("main").getByRole("link", { name: "Shop" }).waitFor();
    await ana.page.getByRole("button", { name: "More for Shop" }).click();
    await ana.page.getByRole("menuitem", { name: "Delete" }).click();
    await ana.page.getByLabel("Type “Shop” to confirm").fill("Shop");
    await ana.page.getByRole("button", { name: "Delete for ever" }).click();
    await Promise.all([ana, ben].map(({ page }) => page.getByText("No projects yet").waitFor()));
    expect([...ana.faults, ...ben.faults]).toEqual([]);
  });

  test("an address that leads nowhere says so, and leads to the projects", async () => {
    const { page, faults } = await sitDown(browser, server.url, "Ana");
    const answer = await page.goto(`${server.url}/nowhere/at/all`);
    expect(answer?.status()).toBe(404);
    await page.getByText("There is nothing at this address.").waitFor();
    await page.getByRole("main").getByRole("link", { name: "All projects" }).click();
    await page.getByRole("heading", { name: "Projects", level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    expect(faults).toEqual([]);
  });

  test("a browser that forbids storage has the whole page; it remembers nothing", async () => {
    const { page, faults } = await sitDown(browser, server.url, "Ana");
    await page.addInitScript(() => {
      const forbidden = () => {
        throw new DOMException("storage is forbidden", "SecurityError");
      };
      Object.defineProperty(globalThis, "localStorage", { get: forbidden });
    });
    await page.goto(server.url);
    await page.locator(".corner[data-state=live]").waitFor();
    await page.getByRole("button", { name: "Hide the side bar" }).click();
    await page.keyboard.press("Control+k");
    await page.getByRole("option", { name: "Theme: Dark" }).click();
    await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
    expect(faults).toEqual([]);
  });
});
