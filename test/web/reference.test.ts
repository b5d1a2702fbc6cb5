/** The reference page in a real browser: light and dark, wide and narrow, under the server's content security policy. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch } from "./browser.ts";

const settings: readonly [string, BrowserContextOptions][] = [
  ["in light colours", { colorScheme: "light", viewport: { width: 1280, height: 800 } }],
  ["in dark colours", { colorScheme: "dark", viewport: { width: 1280, height: 800 } }],
  ["on a phone", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
];

describe.skipIf(chromiumPath === undefined)("the reference page", () => {
  let server: ServerProcess;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  for (const [name, options] of settings) {
    test(`${name} it is styled, asks nobody else, and no policy is violated`, async () => {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      const asked: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(`${server.url}/docs`);
      await page.getByRole("heading", { name: "Taskwire reference", level: 1 }).waitFor();
      expect(complaints).toEqual([]);
      const elsewhere = asked.filter((url) => !url.startsWith(server.url) && !url.startsWith("data:"));
      expect([asked.length > 1, elsewhere]).toEqual([true, []]);
      const [width, ground] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        getComputedStyle(document.body).backgroundColor,
      ]);
      expect(width).toBe(options.viewport?.width ?? 0);
      expect(ground).toBe(options.colorScheme === "dark" ? "rgb(18, 21, 27)" : "rgb(245, 246, 248)");
      await context.close();
    });
  }

  test("a route is found by its place in the contents, and its example opens", async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/docs`);
    await page.getByRole("navigation").getByRole("link", { name: "Make a task, at the end of its column" }).click();
    const route = page.locator("article:target");
    expect(await route.getByRole("heading", { level: 4 }).textContent()).toBe("POST /api/projects/:id/tasks");
    await route.getByText("Example").first().click();
    expect(await route.locator("pre").first().textContent()).toContain('"title": "Fix login"');
    await page.close();
  });
});
