/** Accounts in a real browser: the first one by the setup link, signing in and out. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, password, sitDown, watch } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;

describe.skipIf(chromiumPath === undefined)("accounts", () => {
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("the server's setup link makes the first account, and its token leaves the address", async () => {
    const invited = await startServer({ env: { SIGN_UP: "invite" } });
    try {
      const setup = /http:\S+\/setup\?token=\S+/.exec(invited.output())?.[0] ?? "";
      const { page, faults } = await watch(await browser.newContext(), invited.url, "Ana", "ana@example.org");
      await page.goto(setup);
      await page.getByLabel("Name").fill("Ana");
      await page.getByLabel("E-mail").fill("ana@example.org");
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Make the first account" }).click();
      await page.getByText("No projects yet").waitFor();
      expect(page.url()).toBe(`${invited.url}/`);
      await page.getByLabel("Name of a new project").fill("Website");
      await page.getByRole("button", { name: "Make project" }).click();
      await page.getByRole("heading", { name: "Website", level: 1 }).waitFor();
      expect(faults).toEqual([]);

      const stranger = await watch(await browser.newContext(), invited.url, "Eve", "eve@example.org");
      await stranger.page.goto(page.url());
      await stranger.page.getByRole("button", { name: "New here?" }).click();
      await stranger.page.getByLabel("Name").fill("Eve");
      await stranger.page.getByLabel("E-mail").fill("eve@example.org");
      await stranger.page.getByLabel("Password").fill(password);
      await stranger.page.getByRole("button", { name: "Make an account" }).click();
      expect(await stranger.page.getByRole("alert").getByText("invitation").textContent()).toContain("administrator");
    } finally {
      await invited.close();
    }
  });

  test("a wrong password is said to be wrong, the right one opens the page one asked for", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const project = await ana.call<{ id: string }>("POST", "/api/projects", { name: "Website" });
    const { page } = await watch(await browser.newContext(), server.url, "Ana", ana.email);
    await page.goto(`${server.url}/projects/${project.id}`);
    await page.getByLabel("E-mail").fill(ana.email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.locator("form [role=alert]").waitFor();
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { name: "Website", level: 1 }).waitFor();
  });

  test("signing out in one window ends the others at once", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const other = await watch(ana.context, server.url, "Ana", ana.email);
    await Promise.all([ana.page.goto(server.url), other.page.goto(server.url)]);
    await Promise.all([ana.waitForCorner("Live"), other.waitForCorner("Live")]);
    await other.page.getByRole("button", { name: "Sign out" }).click();
    await ana.page.getByText("You were signed out.").waitFor();
    await ana.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  });

  test("a stranger's project says that it is not theirs", async () => {
    const [ana, eve] = [await sitDown(browser, server.url, "Ana"), await sitDown(browser, server.url, "Eve")];
    const project = await ana.call<{ id: string }>("POST", "/api/projects", { name: "Secret" });
    await eve.page.goto(`${server.url}/projects/${project.id}`);
    await eve.page.getByText("There is no such project, or you are not a member of it.").waitFor();
    expect(await eve.page.getByText("Secret").count()).toBe(0);
  });
});
