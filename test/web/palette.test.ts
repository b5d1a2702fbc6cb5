/** The palette and the shortcuts, by keyboard alone. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import { find } from "../../src/web/palette/find.ts";
import { score } from "../../src/web/palette/fuzzy.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, type Seat, sitDown } from "./browser.ts";

describe("finding", () => {
  const best = (typed: string, ...texts: string[]): string | undefined =>
    texts
      .map((text) => ({ text, points: score(text, typed) }))
      .filter(({ points }) => points !== undefined)
      .sort((one, other) => (other.points ?? 0) - (one.points ?? 0))[0]?.text;

  test("a whole word comes before the same letters inside of one, and those before letters apart", () => {
    expect(best("log", "Catalogue", "Fix the log file", "Lend orange glue")).toBe("Fix the log file");
    expect(best("log", "Lend orange glue", "Catalogue")).toBe("Catalogue");
    expect(best("fl", "Careful", "Fix login")).toBe("Fix login");
    expect(best("fxlg", "Careful", "Fix login")).toBe("Fix login");
  });

  test("what lacks a letter, or has them strewn all over, is not found", () => {
    expect(score("Fix login", "fixz")).toBeUndefined();
    expect(score("a very long text that ends with b", "ab")).toBeUndefined();
    expect(score("Anything", "  ")).toBe(0);
  });

  test("nothing typed: what was used last comes first; typed: the group with the best answer", () => {
    const command = (id: string, group: "projects" | "tasks" | "actions", text: string) => ({
      id,
      group,
      text,
      icon: "check" as const,
      run: () => undefined,
    });
    const all = [
      command("a", "actions", "Sign out"),
      command("p", "projects", "Website"),
      command("t", "tasks", "Web"),
    ];
    expect(find(all, "", ["p", "gone"]).map(({ group, commands }) => [group, commands.map(({ id }) => id)])).toEqual([
      ["recent", ["p"]],
      ["actions", ["a"]],
      ["tasks", ["t"]],
    ]);
    expect(find(all, "web", []).map(({ group }) => group)).toEqual(["tasks", "projects"]);
    expect(find(all, "xyz", [])).toEqual([]);
  });
});

let server: ServerProcess;
let browser: Browser;
let ana: Seat;
let website: Project;

const field = (page: Page) => page.getByRole("combobox", { name: "Search and commands" });
const selected = (page: Page) => page.locator("[role=option][aria-selected=true]");

/** Opens it, types and waits for the first answer. */
async function ask(page: Page, text: string, first: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await field(page).pressSequentially(text);
  await selected(page).filter({ hasText: first }).waitFor();
}

describe.skipIf(chromiumPath === undefined)("the palette", () => {
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
    ana = await sitDown(browser, server.url, "Ana");
    website = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
    await ana.call("POST", "/api/projects", { name: "Garden party" });
    for (const title of ["Paint the fence", "Fix the login"])
      await ana.call("POST", `/api/projects/${website.id}/tasks`, { title });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("it goes to a project, and to a task of the open board by title and by key", async () => {
    const { page } = ana;
    await page.goto(server.url);
    await ana.waitForCorner("Live");
    await ask(page, "gard", "Garden party");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Garden party", level: 1 }).waitFor();
    await ana.openBoard(website);
    await ask(page, "fxlogin", "Fix the login");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/tasks\//);
    await page.locator("dialog.drawer .talk").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(/\/projects\/[^/]+$/);
    await ask(page, `${website.key}-1`, "Paint the fence");
    await page.keyboard.press("Escape");
    expect(await field(page).count()).toBe(0);
  });

  test("a screen reader is told which answer is chosen; the arrow keys go round; Escape gives the focus back", async () => {
    const { page } = ana;
    await ana.openBoard(website);
    const search = page.getByRole("link", { name: "Website" });
    await search.focus();
    await page.keyboard.press("Control+k");
    await field(page).waitFor();
    const named = () =>
      field(page).evaluate((input) => document.getElementById(input.getAttribute("aria-activedescendant") ?? "")?.id);
    const [first] = [await named()];
    expect(first).toBeDefined();
    await page.keyboard.press("ArrowUp");
    const last = await named();
    expect(last).not.toBe(first);
    await page.keyboard.press("ArrowDown");
    expect(await named()).toBe(first);
    expect(await selected(page).count()).toBe(1);
    await page.keyboard.press("Escape");
    await field(page).waitFor({ state: "detached" });
    expect(await search.evaluate((link) => link === document.activeElement)).toBe(true);
  });

  test("it acts: a theme, a new project; what was used last comes first the next time", async () => {
    const { page } = ana;
    await page.goto(server.url);
    await ana.waitForCorner("Live");
    await ask(page, "theme dark", "Theme: Dark");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
    await page.keyboard.press("Control+k");
    await page.getByRole("group", { name: "Used last" }).getByRole("option").first().getByText("Theme: Dark").waitFor();
    await field(page).pressSequentially("new project");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "New project" }).getByLabel("Name").fill("Moving house");
    await page.getByRole("dialog", { name: "New project" }).getByLabel("Key").fill("move");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Moving house", level: 1 }).waitFor();
    const { items } = await ana.call<{ items: Project[] }>("GET", "/api/projects");
    expect(items.at(-1)).toMatchObject({ name: "Moving house", key: "MOVE" });
  });

  test("? lists what works here; keys of one letter are off while one types, and can be turned off", async () => {
    const { page } = ana;
    await ana.openBoard(website);
    await page.keyboard.press("?");
    const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await list.getByText("Search and commands").waitFor();
    await list.getByText("Add a task").waitFor();
    const onCard = list.locator("section").filter({ hasText: "On a card" });
    expect(await onCard.locator("dt").allTextContents()).toEqual([
      "Go to another card",
      "First and last of the column",
      "Open the task",
      "Pick it up; arrows carry it, Space puts it down",
      "Edit the title",
      "Delete",
    ]);
    await list.getByLabel("Shortcuts of a single key").uncheck();
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await ask(page, "appearance", "My settings: Appearance");
    expect(await list.count()).toBe(0);
    await page.keyboard.press("Enter");
    await page.getByLabel("Shortcuts of a single key").check();
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Name", { exact: true }).fill("gi?");
    expect(new URL(page.url()).pathname).toBe("/settings/profile");
    await page.getByRole("heading", { name: "My settings" }).click();
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.waitForURL(/\/inbox$/);
    expect(ana.faults).toEqual([]);
  });
});
