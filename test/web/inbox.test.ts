/** The inbox and its bell, live in two windows of one person. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import type { Me } from "../../src/protocol/users.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, type Seat, sitDown, watch } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;
/** Administrator, who writes to people. */
let root: Seat;

const bell = (page: Page, unread: number) =>
  page.getByRole("button", { name: unread === 0 ? "Inbox" : `Inbox, ${unread} unread`, exact: true });
const entries = (page: Page, list = "Inbox") =>
  page.getByRole("list", { name: list, exact: true }).getByRole("listitem");

async function tell(seat: Seat, ...messages: string[]): Promise<void> {
  const { id } = await seat.call<Me>("GET", "/api/me");
  for (const message of messages)
    await root.call("POST", "/api/notifications/send", { user_id: id, type: "news", message });
}

/** A person with the inbox open in one window and the projects in another. */
async function twoWindows(): Promise<[Seat, Seat]> {
  const ana = await sitDown(browser, server.url, "Ana");
  const other = await watch(ana.context, server.url, "Ana", ana.email);
  await Promise.all([ana.page.goto(`${server.url}/inbox`), other.page.goto(server.url)]);
  await Promise.all([ana.waitForCorner("Live"), other.waitForCorner("Live")]);
  return [ana, other];
}

describe.skipIf(chromiumPath === undefined)("the inbox", () => {
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
    root = await sitDown(browser, server.url, "Root");
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("what concerns one appears at once; it leads to its task and is read in every window", async () => {
    const [ana, other] = await twoWindows();
    await ana.page.getByText("You are all caught up").waitFor();
    const me = await ana.call<Me>("GET", "/api/me");
    const project = await root.call<Project>("POST", "/api/projects", { name: "Website" });
    await root.call("POST", `/api/projects/${project.id}/members`, { user_id: me.id, role: "member" });
    const body = { title: "Paint the fence", assignee_ids: [me.id] };
    const task = await root.call<Task>("POST", `/api/projects/${project.id}/tasks`, body);
    await Promise.all([bell(ana.page, 2).waitFor(), bell(other.page, 2).waitFor()]);
    await bell(other.page, 2).click();
    await other.page
      .getByRole("dialog", { name: "Inbox" })
      .getByRole("link", { name: /Paint the fence/ })
      .click();
    await other.page.waitForURL(`${server.url}/projects/${project.id}/tasks/${task.id}`);
    await Promise.all([bell(ana.page, 1).waitFor(), bell(other.page, 1).waitFor()]);
    await ana.page.getByRole("button", { name: "Mark all read" }).click();
    await Promise.all([bell(ana.page, 0).waitFor(), bell(other.page, 0).waitFor()]);
    expect([...ana.faults, ...other.faults]).toEqual([]);
  });

  test("an entry is marked unread, archived and snoozed; each view holds its own", async () => {
    const [ana, other] = await twoWindows();
    const { page } = ana;
    // In front: a window behind draws only now and then.
    await page.bringToFront();
    await tell(ana, "First", "Second", "Third");
    await entries(page).nth(2).waitFor();
    const entry = (text: string, list?: string) => entries(page, list).filter({ hasText: text });
    await entry("First").getByRole("button", { name: "Mark read" }).click();
    await bell(other.page, 2).waitFor();
    await entry("First").getByRole("button", { name: "Mark unread" }).click();
    await bell(other.page, 3).waitFor();
    await entry("Second").getByRole("button", { name: "Archive" }).click();
    await entry("Second").waitFor({ state: "detached" });
    await entry("Third").getByRole("button", { name: "Snooze" }).click();
    await page.getByRole("menuitem", { name: "Tomorrow morning" }).click();
    await entry("Third").waitFor({ state: "detached" });
    await bell(other.page, 1).waitFor();
    await page.getByRole("tab", { name: "Snoozed" }).click();
    await entry("Third", "Snoozed").getByText("Comes back").waitFor();
    await page.getByRole("tab", { name: "Archived" }).click();
    await entry("Second", "Archived").waitFor();
    await page.getByRole("tab", { name: "Unread" }).click();
    expect(await entries(page, "Unread").count()).toBe(1);
    expect(ana.faults).toEqual([]);
  });

  test("one kind alone can be shown", async () => {
    const [ana] = await twoWindows();
    await tell(ana, "From an application");
    await entries(ana.page).first().waitFor();
    await ana.page.getByLabel("Kind", { exact: true }).selectOption("Reminders");
    await ana.page.getByText("You are all caught up").waitFor();
    await ana.page.getByLabel("Kind", { exact: true }).selectOption("Messages");
    await entries(ana.page).filter({ hasText: "From an application" }).waitFor();
  });
});
