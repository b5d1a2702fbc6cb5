/** One's own settings in a real browser. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { ChosenPreferences } from "../../src/protocol/notifications.ts";
import type { Me } from "../../src/protocol/users.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, password, type Seat, sitDown, watch } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;
/** The server's first account: its administrator. */
let root: Seat;

const open = async ({ page }: Seat, tab: string): Promise<void> => {
  await page.goto(`${server.url}/settings/${tab}`);
  await page.getByRole("heading", { name: "My settings", level: 1 }).waitFor();
};
const passwordOf = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** The same person in another browser. */
async function elsewhere({ name, email }: Seat): Promise<Seat> {
  const seat = await watch(await browser.newContext(), server.url, name, email);
  await seat.call("POST", "/api/auth/sign-in/email", { email, password });
  return seat;
}

describe.skipIf(chromiumPath === undefined)("my settings", () => {
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
    root = await sitDown(browser, server.url, "Root");
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("name, region and time zone are saved, and the page names the person so", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    await open(ana, "profile");
    await passwordOf(ana.page, "Name").fill("Ana Kovač");
    await ana.page.getByLabel("Time zone").selectOption("Europe/Vienna");
    await ana.page.getByLabel("Language and region").selectOption("de-AT");
    await ana.page.getByRole("button", { name: "Save" }).click();
    await ana.page.getByText("Saved.").waitFor();
    await ana.page.getByRole("button", { name: /Ana Kovač/ }).waitFor();
    const me = await ana.call<Me>("GET", "/api/me");
    expect(me).toMatchObject({ name: "Ana Kovač", time_zone: "Europe/Vienna", locale: "de-AT" });
    expect(ana.faults).toEqual([]);
  });

  test("a new password ends all other sessions; this window goes on without a word", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const other = await elsewhere(ana);
    await Promise.all([open(ana, "profile"), other.page.goto(server.url)]);
    await Promise.all([ana.waitForCorner("Live"), other.waitForCorner("Live")]);
    await passwordOf(ana.page, "Current password").fill("not my password");
    await passwordOf(ana.page, "New password").fill("a much better secret");
    await ana.page.getByRole("button", { name: "Change password" }).click();
    await ana.page.getByText("This is not your password.").waitFor();
    await passwordOf(ana.page, "Current password").fill(password);
    await ana.page.getByRole("button", { name: "Change password" }).click();
    await ana.page.getByText("Your password was changed.").waitFor();
    await other.page.getByRole("dialog", { name: "Sign in again" }).waitFor();
    await ana.waitForCorner("Live");
    expect(await ana.page.getByRole("dialog").count()).toBe(0);
    await ana.call("GET", "/api/me");
    expect([...ana.faults, ...other.faults]).toEqual([]);
  });

  test("a session is ended from the list, and that window is signed out at once", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const other = await elsewhere(ana);
    await other.page.goto(server.url);
    await other.waitForCorner("Live");
    await open(ana, "sessions");
    const rows = ana.page.getByRole("list", { name: "Where you are signed in" }).getByRole("listitem");
    await rows.nth(1).waitFor();
    expect(await rows.first().getByText("This session").count()).toBe(1);
    await rows.nth(1).getByRole("button", { name: "End the session on Chrome on Linux" }).click();
    await other.page.getByRole("dialog", { name: "Sign in again" }).waitFor();
    await ana.page.getByText("The session has ended.").waitFor();
    await rows.nth(1).waitFor({ state: "detached" });
    // Only administrators can ask what is connected.
    expect(await ana.page.getByText("Open connections").count()).toBe(0);
  });

  test("an administrator sees their open connections", async () => {
    await open(root, "sessions");
    const rows = root.page.getByRole("list", { name: "Open connections" }).getByRole("listitem");
    await rows.filter({ hasText: "Window" }).first().waitFor();
    expect(root.faults).toEqual([]);
  });

  test("an API key is shown once, works, and stops working when it is deleted", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    await open(ana, "api-keys");
    await ana.page.getByText("No API keys").waitFor();
    await ana.page.getByRole("button", { name: "New key" }).click();
    await ana.page.getByLabel("What is it for?").fill("Nightly report");
    expect(await ana.page.getByText("Send notifications to anybody").count()).toBe(0);
    await ana.page.getByRole("button", { name: "Make key" }).click();
    const secret = await ana.page.getByLabel("The new key").inputValue();
    expect(secret).toMatch(/^tw_/);
    const ask = () => fetch(`${server.url}/api/projects`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await ask()).status).toBe(200);
    await ana.page.getByRole("button", { name: "Done" }).click();
    const row = ana.page.getByRole("list", { name: "API keys" }).getByRole("listitem");
    await row.filter({ hasText: "Nightly report" }).waitFor();
    expect(await ana.page.getByText(secret).count()).toBe(0);
    await ana.page.getByRole("button", { name: "Delete the key Nightly report" }).click();
    await ana.page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await ana.page.getByText("No API keys").waitFor();
    expect((await ask()).status).toBe(401);
    expect(ana.faults).toEqual([]);
  });

  test("what one hears of is saved at once, two ticks in a row both hold", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    await open(ana, "notifications");
    await ana.page.getByLabel("Comments: Inbox").uncheck();
    await ana.page.getByLabel("Status: Inbox").uncheck();
    await ana.page.getByLabel("No mail and no push at night").check();
    await ana.page.getByLabel("From").fill("21:30");
    await ana.page.getByLabel("1 week before").check();
    await ana.page.getByLabel("Also when it is overdue").uncheck();
    await ana.page.getByText("Saved.").waitFor();
    await ana.page.waitForLoadState("networkidle");
    const chosen = await ana.call<ChosenPreferences>("GET", "/api/notifications/preferences");
    expect(chosen.channels).toMatchObject({ comments: { in_app: false }, status: { in_app: false } });
    expect(chosen.quiet_hours).toEqual({ from: "21:30", to: "07:00" });
    expect(chosen.reminders).toEqual({ offsets_minutes: [0, 60, 1_440, 10_080], overdue: false });
    expect(await ana.page.getByLabel("Comments: Inbox").isChecked()).toBe(false);
    expect(ana.faults).toEqual([]);
  });

  test("a theme and less motion hold for this browser, after a reload too", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    await open(ana, "appearance");
    await ana.page.getByLabel("Dark").check();
    await ana.page.getByLabel("Less motion").check();
    await ana.page.reload();
    await ana.page.getByRole("heading", { name: "My settings", level: 1 }).waitFor();
    expect(await ana.page.evaluate(() => ({ ...document.documentElement.dataset }))).toMatchObject({
      theme: "dark",
      motion: "reduced",
    });
    expect(await ana.page.getByLabel("Dark").isChecked()).toBe(true);
  });
});
