/** Takes the pictures of the README: a seeded server, a browser, two windows on one board. Run: bun .ci/screenshots.ts */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { runProgram, startServer, temporaryFolder } from "../test/support/program.ts";
import { launch, type Seat, sitDown } from "../test/web/browser.ts";

const folder = join(import.meta.dir, "../docs/images");
mkdirSync(folder, { recursive: true });

const env = { DATA_DIR: temporaryFolder(), SIGN_UP: "open", MODE: "production", AUTH_SECRET: "x".repeat(32) };
const server = await startServer({ env });
const browser = await launch();

/** Playwright takes no WebP; the browser does. */
async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  const bytes = Buffer.from(data, "base64");
  await Bun.write(join(folder, `${name}.webp`), bytes);
  console.log(`docs/images/${name}.webp: ${Math.round(bytes.byteLength / 1024)} KB`);
}

async function openFirst({ page, call }: Seat): Promise<string> {
  const { items } = await call<{ items: { id: string; name: string }[] }>("GET", "/api/projects");
  const project = items.find(({ name }) => name === "Web shop relaunch");
  if (!project) throw new Error("the seed made no such project");
  await page.goto(`${server.url}/projects/${project.id}`);
  await page.locator(".card").first().waitFor();
  return project.id;
}

async function main(): Promise<void> {
  const size = { viewport: { width: 1440, height: 860 } };
  const ana = await sitDown(browser, server.url, "Ana", { ...size, colorScheme: "light" });
  const seeded = await runProgram(["seed", "--tasks", "120", "--owner", ana.email], { env });
  if (seeded.exitCode !== 0) throw new Error(seeded.stderr);
  const projectId = await openFirst(ana);
  const ben = await sitDown(browser, server.url, "Ben", { ...size, colorScheme: "dark" });
  await ana.call("POST", `/api/projects/${projectId}/members`, { email: ben.email, role: "member" });
  await openFirst(ben);
  await ana.page.locator(".here li").nth(1).waitFor();
  await take(ana.page, "board-light");
  await take(ben.page, "board-dark");
  await ana.page.locator(".card").nth(1).click();
  await ana.page.locator("strong", { hasText: "Done when" }).waitFor();
  await take(ana.page, "task-light");
}

try {
  await main();
} finally {
  await browser.close();
  server.signal("SIGTERM");
  await server.ended;
}
