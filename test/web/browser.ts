/** A real browser, and people who sit before it. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import { findChromium } from "../support/services.ts";

export const chromiumPath = findChromium();
export const password = "correct horse battery";

export const launch = (): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    // Containers run as root, for whom Chromium's own sandbox does not start.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });

export interface Seat {
  readonly name: string;
  readonly email: string;
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page did wrong: uncaught errors, violations of the content security policy, dialogs nobody asked for. */
  readonly faults: readonly string[];
  /** Settles when the corner says so. */
  waitForCorner(text: string | RegExp): Promise<void>;
  /** Opens a project by its id and waits for its board. */
  openBoard(project: Project): Promise<void>;
  /** REST with this person's cookie. */
  call<Body>(method: string, path: string, body?: unknown): Promise<Body>;
}

/** A new person with an account, signed in, in a window of their own; `url` may be a link to the server. */
export async function sitDown(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Seat> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 }, locale: "en-GB", ...options });
  const email = `${name.toLowerCase()}-${crypto.randomUUID().slice(0, 8)}@example.org`;
  const seat = await watch(context, url, name, email);
  await seat.call("POST", "/api/auth/sign-up/email", { name, email, password });
  return seat;
}

/** A window of `context`, with nobody signed in. */
export async function watch(context: BrowserContext, url: string, name: string, email: string): Promise<Seat> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`uncaught ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  const corner = page.locator(".corner");
  return {
    name,
    email,
    page,
    context,
    faults,
    waitForCorner: (text) => corner.filter({ hasText: text }).waitFor(),
    async openBoard(project) {
      await page.goto(`${url}/projects/${project.id}`);
      await page.getByRole("heading", { name: project.name, level: 1 }).waitFor();
      await corner.filter({ hasText: "Live" }).waitFor();
    },
    async call(method, path, body) {
      const response = await context.request.fetch(`${url}${path}`, {
        method,
        ...(body !== undefined && { data: body }),
      });
      if (!response.ok()) throw new Error(`${path} was answered ${response.status()} ${await response.text()}`);
      return response.json();
    },
  };
}

/** The titles in one column, from top to bottom. */
export const titlesIn = (page: Page, column: string): Promise<string[]> =>
  columnOf(page, column).locator(".card-title").allTextContents();

export const columnOf = (page: Page, column: string) => page.getByRole("region", { name: new RegExp(`^${column},`) });

export const cardOf = (page: Page, title: string) => page.locator(".card").filter({ hasText: title });
