/** The first minutes with a new server: from the link it prints to a live board. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { Comment } from "../../src/protocol/comments.ts";
import type { Label, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, columnOf, launch, password, watch } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;
let setupLink: string;
const dayMs = 86_400_000;

async function fillIn(page: Page, name: string, email: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
}

// The tests follow each other: they are one first run.
describe.skipIf(chromiumPath === undefined)("the first run", () => {
  beforeAll(async () => {
    server = await startServer({ env: { SIGN_UP: "invite" } });
    browser = await launch();
    setupLink = /http:\S+\/setup\?token=\S+/.exec(server.output())?.[0] ?? "";
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("before the first account the page says where it is made, and offers no other way", async () => {
    const eve = await watch(await browser.newContext(), server.url, "Eve", "eve@example.org");
    await eve.page.goto(server.url);
    await eve.page.getByText("The first is made through the setup link").waitFor();
    expect(await eve.page.getByRole("button", { name: /make an account/i }).count()).toBe(0);
    await eve.page.goto(`${server.url}/setup?token=guessed`);
    await fillIn(eve.page, "Eve", eve.email);
    await eve.page.getByRole("button", { name: "Make the first account" }).click();
    await eve.page.getByRole("alert").getByText("the setup link that the server printed").waitFor();
    expect(eve.faults).toEqual([]);
  });

  test("the printed link leads to a live board with a sample in two clicks, and its token leaves the address", async () => {
    expect(setupLink).toStartWith(server.url);
    const context = await browser.newContext({ viewport: { width: 1280, height: 760 } });
    const ana = await watch(context, server.url, "Ana", "ana@example.org");
    await ana.page.goto(setupLink);
    await fillIn(ana.page, "Ana", ana.email);
    await ana.page.getByRole("button", { name: "Make the first account" }).click();
    await ana.page.getByRole("button", { name: "Sample project" }).click();
    await ana.page.getByRole("heading", { name: "New website", level: 1 }).waitFor();
    await ana.waitForCorner("Live");
    await columnOf(ana.page, "Review").getByText("Design the home page").waitFor();
    expect(ana.page.url()).toMatch(/\/projects\/[0-9a-f-]{36}$/);
    expect((await ana.call<{ role: string }>("GET", "/api/me")).role).toBe("admin");

    const id = ana.page.url().split("/").at(-1);
    const list = async <Item>(path: string) => (await ana.call<{ items: Item[] }>("GET", path)).items;
    const tasks = await list<Task>(`/api/projects/${id}/tasks`);
    expect(tasks.map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, index) => `WEB-${index + 1}`));
    expect((await list<Label>(`/api/projects/${id}/labels`)).length).toBe(4);
    const distances = tasks.map(({ due_at }) => (Date.parse(due_at ?? "") - Date.now()) / dayMs);
    expect(distances.filter((days) => days < -1).length).toBeGreaterThan(0);
    expect(distances.every((days) => days > -14 && days < 15)).toBe(true);
    expect(tasks.filter(({ blocked_by_ids }) => blocked_by_ids.length > 0).length).toBe(3);
    const design = tasks.find(({ title }) => title === "Design the home page");
    expect((await list<Comment>(`/api/tasks/${design?.id}/comments`)).length).toBe(2);
    expect((await list<{ done: boolean }>(`/api/tasks/${design?.id}/checklist`)).map(({ done }) => done)).toEqual([
      true,
      true,
      false,
    ]);
    expect(ana.faults).toEqual([]);
    await context.close();
  });

  test("the link works once; who comes later is told to ask for an invitation", async () => {
    const eve = await watch(await browser.newContext(), server.url, "Eve", "eve@example.org");
    await eve.page.goto(setupLink);
    await eve.page.getByText("This setup link has done its work").waitFor();
    await eve.page.getByText("Accounts on this server are made by invitation").waitFor();
    await eve.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    expect(await eve.page.getByLabel("Name", { exact: true }).count()).toBe(0);
    expect(await eve.page.getByRole("button", { name: /make an account/i }).count()).toBe(0);
    expect(eve.faults).toEqual([]);
  });

  test("who wants no sample has an empty board with the next click", async () => {
    const ana = await watch(await browser.newContext(), server.url, "Ana", "ana@example.org");
    await ana.call("POST", "/api/auth/sign-in/email", { email: ana.email, password });
    await ana.page.goto(`${server.url}/setup`);
    await ana.page.getByRole("button", { name: "Empty project" }).click();
    await ana.page.getByRole("heading", { name: "My first project", level: 1 }).waitFor();
    await ana.waitForCorner("Live");
    const { items } = await ana.call<{ items: Project[] }>("GET", "/api/projects");
    expect(items.map(({ name }) => name)).toEqual(["New website", "My first project"]);
  });
});
