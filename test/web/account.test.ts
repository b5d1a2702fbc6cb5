/** Accounts in a real browser: signing in, up and out, and a session that ends under one's hands. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, password, type Seat, sitDown, watch } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;

const passwordOf = (page: Page) => page.getByLabel("Password", { exact: true });
const signInOn = (page: Page) => page.getByRole("button", { name: "Sign in", exact: true });

/** Ends every session of a person but the one of a new program, which does it. */
async function endSessions({ email }: Seat): Promise<void> {
  const headers = { "content-type": "application/json", origin: server.url };
  const signedIn = await fetch(`${server.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers,
    body: JSON.stringify({ email, password }),
  });
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(";")[0]);
  const ended = await fetch(`${server.url}/api/auth/revoke-other-sessions`, {
    method: "POST",
    headers: { ...headers, cookie: cookie.join("; ") },
    body: "{}",
  });
  expect(ended.status).toBe(200);
}

describe.skipIf(chromiumPath === undefined)("accounts", () => {
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
    // The first account is the administrator's, who cannot be disabled.
    await sitDown(browser, server.url, "Root");
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("a wrong password is said to be wrong, the right one opens the page one asked for", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
    const { page, faults } = await watch(await browser.newContext(), server.url, "Ana", ana.email);
    await page.goto(`${server.url}/projects/${project.id}`);
    await page.getByLabel("E-mail").fill(ana.email);
    await passwordOf(page).fill("not the password");
    await signInOn(page).click();
    await page.getByRole("alert").getByText("The e-mail address or the password is wrong.").waitFor();
    await page.getByRole("button", { name: "Show password" }).click();
    expect(await passwordOf(page).getAttribute("type")).toBe("text");
    await passwordOf(page).fill(password);
    await signInOn(page).click();
    await page.getByRole("heading", { name: "Website", level: 1 }).waitFor();
    expect(faults).toEqual([]);

    const other = await page.context().newPage();
    await page.context().clearCookies();
    await other.goto(server.url);
    expect(await other.getByLabel("E-mail").inputValue()).toBe(ana.email);
    // It is given behind the first picture of the form.
    await passwordOf(other).and(other.locator(":focus")).waitFor();
  });

  test("a password that is too short, and an address that is in use, are said beside their fields", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const { page } = await watch(await browser.newContext(), server.url, "Eve", ana.email);
    await page.goto(server.url);
    await page.getByRole("button", { name: "New here?" }).click();
    await page.getByLabel("Name").fill("Eve");
    await page.getByLabel("E-mail").fill(ana.email);
    await passwordOf(page).pressSequentially("secret");
    await page.getByText("2 more characters.").waitFor();
    await page.getByRole("button", { name: "Make an account" }).click();
    expect(await passwordOf(page).evaluate((input: HTMLInputElement) => input.validity.tooShort)).toBe(true);
    await passwordOf(page).fill(password);
    await page.getByRole("button", { name: "Make an account" }).click();
    await page.locator(".field", { hasText: "E-mail" }).getByText("There is an account with this address").waitFor();
  });

  test("signing out in one window ends the others at once", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const other = await watch(ana.context, server.url, "Ana", ana.email);
    await Promise.all([ana.page.goto(server.url), other.page.goto(server.url)]);
    await Promise.all([ana.waitForCorner("Live"), other.waitForCorner("Live")]);
    await other.page.keyboard.press("Control+k");
    await other.page.getByRole("combobox").fill("sign out");
    await other.page.keyboard.press("Enter");
    await ana.page.getByText("You were signed out.").waitFor();
    await signInOn(ana.page).waitFor();
  });

  test("a session that ends while one types asks to sign in again; what was typed is there, and is saved", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
    await ana.page.goto(`${server.url}/projects/${project.id}/settings/general`);
    await ana.page.getByLabel("What is it for?").fill("A sentence that took some time");
    await ana.waitForCorner("Live");
    await endSessions(ana);
    const dialog = ana.page.getByRole("dialog", { name: "Sign in again" });
    await dialog.getByText("what you have typed is still here").waitFor();
    // It cannot be closed and covers what stood there.
    await ana.page.keyboard.press("Escape");
    expect(await dialog.isVisible()).toBe(true);
    await passwordOf(ana.page).fill(password);
    await signInOn(ana.page).click();
    await dialog.waitFor({ state: "detached" });
    await ana.waitForCorner("Live");
    expect(await ana.page.getByLabel("What is it for?").inputValue()).toBe("A sentence that took some time");
    await ana.page.getByRole("button", { name: "Save" }).click();
    await ana.page.getByText("Saved.").waitFor();
    const saved = await ana.call<Project>("GET", `/api/projects/${project.id}`);
    expect(saved.description).toBe("A sentence that took some time");
    expect(ana.faults).toEqual([]);
  });

  test("another person who signs in over a lost session sees nothing of it", async () => {
    const [ana, eve] = [await sitDown(browser, server.url, "Ana"), await sitDown(browser, server.url, "Eve")];
    const project = await ana.call<Project>("POST", "/api/projects", { name: "Secret" });
    await ana.openBoard(project);
    await endSessions(ana);
    await ana.page.getByRole("dialog", { name: "Sign in again" }).waitFor();
    await ana.page.getByLabel("E-mail").fill(eve.email);
    await passwordOf(ana.page).fill(password);
    await signInOn(ana.page).click();
    await ana.page.getByText("There is no such project, or you are not a member of it.").waitFor();
    expect(await ana.page.getByText("Secret").count()).toBe(0);
  });

  test("a disabled account is asked to sign in, and told that it is disabled", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    await ana.page.goto(server.url);
    await ana.waitForCorner("Live");
    const main = Bun.fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const cli = Bun.spawn([process.execPath, "--no-env-file", main, "user", "disable", ana.email], {
      env: { ...process.env, DATA_DIR: server.dataDir },
      stdout: "ignore",
    });
    expect(await cli.exited).toBe(0);
    await ana.page.getByRole("dialog", { name: "Sign in again" }).waitFor();
    expect(await ana.page.getByLabel("E-mail").inputValue()).toBe(ana.email);
    await passwordOf(ana.page).fill(password);
    await signInOn(ana.page).click();
    await ana.page.getByRole("alert").getByText("This account is disabled; ask an administrator.").waitFor();
    await ana.page.getByRole("button", { name: "Leave, and lose what is not saved" }).click();
    await ana.page.getByRole("heading", { name: "Sign in", level: 1 }).waitFor();
    expect(ana.faults).toEqual([]);
  });

  test("a stranger's project says that it is not theirs", async () => {
    const [ana, eve] = [await sitDown(browser, server.url, "Ana"), await sitDown(browser, server.url, "Eve")];
    const project = await ana.call<Project>("POST", "/api/projects", { name: "Secret" });
    await eve.page.goto(`${server.url}/projects/${project.id}`);
    await eve.page.getByText("There is no such project, or you are not a member of it.").waitFor();
    expect(await eve.page.getByText("Secret").count()).toBe(0);
  });
});
