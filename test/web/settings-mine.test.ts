/** One's own settings in a real browser. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { ChosenPreferences } from "../../src/protocol/notifications.ts";
import type { Me } from "../../src/protocol/users.ts";
import { type PushService, startPushService } from "../support/push.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, password, type Seat, sitDown, watch } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;
let pushes: PushService;
/** The server's first account: its administrator. */
let root: Seat;

const open = async ({ page }: Seat, tab: string): Promise<void> => {
  await page.goto(`${server.url}/settings/${tab}`);
  await page.getByRole("heading", { name: "My settings", level: 1 }).waitFor();
};
const subscriptionsPath = "/api/push-subscriptions";
const passwordOf = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** The same person in another browser. */
async function elsewhere({ name, email }: Seat): Promise<Seat> {
  const seat = await watch(await browser.newContext(), server.url, name, email);
  await seat.call("POST", "/api/auth/sign-in/email", { email, password });
  return seat;
}

/** In the page: a push service for a browser that has none. What it gives outlives a reload, as a subscription does. */
function servePushes(json: PushSubscriptionJSON): void {
  const made = () => ({
    endpoint: json.endpoint,
    toJSON: () => json,
    unsubscribe: async () => localStorage.removeItem("subscribed"),
  });
  Object.assign(PushManager.prototype, {
    getSubscription: async () => (localStorage.getItem("subscribed") === null ? null : made()),
    subscribe: async ({ applicationServerKey }: { readonly applicationServerKey: string }) => {
      localStorage.setItem("subscribed", "yes");
      localStorage.setItem("key", applicationServerKey);
      return made();
    },
  });
}

/** A worker's globals that are used here: the compiler's library is that of a page. */
type WorkerScope = typeof globalThis & {
  registration: ServiceWorkerRegistration;
  WindowClient: { prototype: object };
  shown: Promise<void>;
};

/** Answers what gives the worker of a person's browser a message, as the push service would, and waits until it is shown. */
async function pusher({ context, page }: Seat): Promise<(data: string) => Promise<unknown>> {
  const cdp = await context.newCDPSession(page);
  const known = Promise.withResolvers<string>();
  cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: [first] }) => {
    if (first) known.resolve(first.registrationId);
  });
  await cdp.send("ServiceWorker.enable");
  const registrationId = await known.promise;
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  // To a worker that is not active yet nothing is delivered, and nobody says so.
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active?.state !== "activating") return;
    await new Promise((resolve) => active.addEventListener("statechange", resolve, { once: true }));
  });
  return async (data) => {
    // Who asks for notifications while one is being shown makes the browser forget it.
    await worker.evaluate(() => {
      const scope = globalThis as WorkerScope;
      const { registration } = scope;
      const { promise, resolve } = Promise.withResolvers<void>();
      scope.shown = promise;
      registration.showNotification = async (title, options) => {
        await ServiceWorkerRegistration.prototype.showNotification.call(registration, title, options);
        resolve();
      };
    });
    await cdp.send("ServiceWorker.deliverPushMessage", { origin: server.url, registrationId, data });
    await worker.evaluate(() => (globalThis as WorkerScope).shown);
  };
}

/** Title and text of what the browser shows. */
const shown = (page: Page): Promise<(readonly [string, string])[]> =>
  page.evaluate(async () => {
    const notifications = await (await navigator.serviceWorker.ready).getNotifications();
    return notifications.map(({ title, body }) => [title, body] as const);
  });

/** Clicks what is shown. Without a real click the browser would not let the worker bring a window to the front. */
async function click({ context }: Seat): Promise<void> {
  const [worker] = context.serviceWorkers();
  await worker?.evaluate(async () => {
    const scope = globalThis as WorkerScope;
    Object.assign(scope.WindowClient.prototype, {
      async focus() {
        return this;
      },
    });
    const [notification] = await scope.registration.getNotifications();
    dispatchEvent(Object.assign(new Event("notificationclick"), { notification, waitUntil: () => undefined }));
  });
}

async function signOutBy(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("combobox").fill("sign out");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
}

describe.skipIf(chromiumPath === undefined)("my settings", () => {
  beforeAll(async () => {
    pushes = startPushService();
    server = await startServer();
    browser = await launch();
    root = await sitDown(browser, server.url, "Root");
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await pushes.stop();
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

  test("push is turned on for this browser, tried, clicked, and ends with the session", async () => {
    const ana = await sitDown(browser, server.url, "Ana");
    const { context, page } = ana;
    const cdp = await context.newCDPSession(page);
    const { browserContextId = "" } = (await cdp.send("Target.getTargetInfo")).targetInfo;
    const allow = (setting: "granted" | "denied") => {
      const at = { origin: server.url, browserContextId };
      return cdp.send("Browser.setPermission", { permission: { name: "notifications" }, setting, ...at });
    };
    await allow("denied");
    await open(ana, "notifications");
    await page.getByText("This browser blocks notifications").waitFor();
    await page.getByText("No browser of yours is pushed to yet.").waitFor();
    await page.getByText("SMTP_URL and MAIL_FROM").first().waitFor();
    await allow("granted");
    const on = page.getByRole("button", { name: "Turn on in this browser" });
    await on.click();
    // A test's browser has no push service.
    await page.getByRole("alert").getByText("The browser's push service was not reached").waitFor();
    const there = pushes.makeBrowser();
    await context.addInitScript(servePushes, there.subscription);
    await page.evaluate(servePushes, there.subscription);
    await on.click();
    await page.getByText("Push is on in this browser.").waitFor();
    await page.getByText("No browser of yours is pushed to yet.").waitFor({ state: "detached" });
    const { public_key } = await ana.call<{ public_key: string }>("GET", subscriptionsPath);
    expect(await page.evaluate(() => localStorage.getItem("key"))).toBe(public_key);

    const row = page.getByRole("list", { name: "Browsers that are pushed to" }).getByRole("listitem");
    await row.getByText("This browser").waitFor();
    await row.getByRole("button", { name: "Send a test to Chrome on Linux" }).click();
    await page.getByText("A test is on its way").waitFor();
    const [pushed] = await there.received(1);
    const push = await pusher(ana);
    await push(JSON.stringify(pushed?.payload));
    expect(await shown(page)).toEqual([["Taskwire", "This is a test: notifications reach this browser"]]);
    await page.evaluate(() => Object.assign(globalThis, { here: true }));
    await click(ana);
    await page.getByRole("heading", { name: "Inbox", level: 1 }).waitFor();
    await page.getByText("This is a test: notifications reach this browser").first().waitFor();
    const project = await ana.call<{ id: string }>("POST", "/api/projects", { name: "Website" });
    await push(JSON.stringify({ title: "Website", body: "Hello", url: `/projects/${project.id}` }));
    await click(ana);
    await page.getByRole("heading", { name: "Website", level: 1 }).waitFor();
    await push("what is no JSON");
    expect(await shown(page)).toEqual([["Taskwire", "There is something new in your inbox."]]);
    await click(ana);
    await page.getByRole("heading", { name: "Inbox", level: 1 }).waitFor();
    await push(JSON.stringify({ title: "Elsewhere", body: "", url: "https://example.org/inbox" }));
    await page.goBack();
    await click(ana);
    await page.getByRole("heading", { name: "Inbox", level: 1 }).waitFor();
    // Nothing was loaded anew: what one was typing is still there.
    expect(await page.evaluate(() => "here" in globalThis)).toBe(true);

    const subscribed = async () => (await ana.call<{ items: object[] }>("GET", subscriptionsPath)).items.length;
    expect(await subscribed()).toBe(1);
    await signOutBy(page);
    await ana.call("POST", "/api/auth/sign-in/email", { email: ana.email, password });
    expect(await subscribed()).toBe(0);
    expect(await page.evaluate(() => localStorage.getItem("subscribed"))).toBe(null);
    expect(ana.faults).toEqual([]);
  });

  test("push to somebody who sat here before ends when another signs in", async () => {
    const [ana, ben] = [await sitDown(browser, server.url, "Ana"), await sitDown(browser, server.url, "Ben")];
    const { context, page } = ana;
    await context.grantPermissions(["notifications"], { origin: server.url });
    await context.addInitScript(servePushes, pushes.makeBrowser().subscription);
    await open(ana, "notifications");
    await page.getByRole("button", { name: "Turn on in this browser" }).click();
    await page.getByText("Push is on in this browser.").waitFor();
    await open(ana, "notifications");
    await page.getByText("Push is on in this browser.").waitFor();
    await context.clearCookies();
    await context.request.post(`${server.url}/api/auth/sign-in/email`, { data: { email: ben.email, password } });
    await open(ana, "notifications");
    await page.getByText("Push is off in this browser.").waitFor();
    await page.waitForFunction(() => localStorage.getItem("subscribed") === null);
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

    // Before the page's own script is there, nothing of another theme is seen.
    await ana.page.route(/\/assets\/(?!theme-)[^/]+\.js$/, () => undefined);
    await ana.page.emulateMedia({ colorScheme: "light" });
    await ana.page.reload({ waitUntil: "commit" });
    await ana.page.waitForFunction(() => document.body !== null && document.styleSheets.length > 0);
    const painted = await ana.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect([painted, await ana.page.locator("#page > *").count()]).toEqual(["rgb(15, 18, 23)", 0]);
  });
});
