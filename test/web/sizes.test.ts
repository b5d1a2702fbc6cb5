/** What a browser loads before somebody can work: how much, from where, and what it may keep. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Browser, Page, Response as PageResponse } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import { loadPage } from "../../src/web/assets.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, launch, sitDown } from "./browser.ts";

const budgetBytes = 90_000;
const gzipSize = (text: string): number => Bun.gzipSync(new TextEncoder().encode(text), { level: 9 }).byteLength;

/** The document's script and all it imports before it runs. */
async function firstScripts(): Promise<Map<string, string>> {
  const files = await loadPage("production");
  const textOf = (path: string): string => new TextDecoder().decode(files.get(path)?.bytes);
  const found = new Map<string, string>();
  const add = (path: string): void => {
    if (found.has(path)) return;
    const text = textOf(path);
    found.set(path, text);
    for (const [, name = ""] of text.matchAll(/(?:\bfrom|\bimport)"([^"]+\.js)"/g)) add(name);
  };
  for (const [, path = ""] of textOf("/").matchAll(/<script[^>]*\ssrc="([^"]+)"/g)) add(path);
  return found;
}

test("the scripts that the board needs take at most 90 KB compressed", async () => {
  const scripts = await firstScripts();
  expect(scripts.size).toBeGreaterThan(0);
  const sizes = [...scripts.values()].map(gzipSize);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(30_000);
  expect(total).toBeLessThanOrEqual(budgetBytes);
});

describe.skipIf(chromiumPath === undefined)("before the board is live", () => {
  let server: ServerProcess;
  let browser: Browser;
  let project: Project;
  let responses: PageResponse[];
  let page: Page;

  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
    const ana = await sitDown(browser, server.url, "Ana");
    page = ana.page;
    project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
    await ana.call("POST", `/api/projects/${project.id}/tasks`, { title: "Paint", description: "**bold**" });
    responses = [];
    page.on("response", (response) => responses.push(response));
    await ana.openBoard(project);
    await page.getByText("Paint").click();
    await page.getByRole("dialog").getByText("bold").waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("no request leaves for another host, also when a task is opened", () => {
    expect(responses.length).toBeGreaterThan(5);
    const hosts = new Set(responses.map((response) => new URL(response.url()).host));
    expect([...hosts]).toEqual([new URL(server.url).host]);
  });

  test("no file is asked for twice, and each may be kept for ever", () => {
    // Not the icon: the browser asks for it again as it likes.
    const files = responses.filter((response) => /\/assets\/.*\.(js|css)$/.test(response.url()));
    expect(files.length).toBeGreaterThan(3);
    expect(new Set(files.map((response) => response.url())).size).toBe(files.length);
    for (const file of files) {
      expect(file.status()).toBe(200);
      expect(file.headers()["cache-control"]).toBe("public, max-age=31536000, immutable");
      expect(file.headers()["x-content-type-options"]).toBe("nosniff");
    }
  });

  test("the document is asked about each time, with a tag that saves sending it again", async () => {
    const first = await fetch(server.url);
    expect(first.headers.get("cache-control")).toBe("no-cache");
    const tag = first.headers.get("etag") ?? "";
    const again = await fetch(server.url, { headers: { "if-none-match": tag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await fetch(server.url, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test("each file is sent compressed as the client can take it", async () => {
    const scripts = new Set(responses.map((response) => response.url()).filter((url) => url.endsWith(".js")));
    const unpack = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync };
    for (const [encoding, decompress] of Object.entries(unpack)) {
      const sent = { plain: 0, packed: 0 };
      for (const script of scripts) {
        const plain = new Uint8Array(await bytesOf(script, "identity"));
        if (plain.byteLength < smallBytes) continue;
        const packed = await bytesOf(script, encoding);
        expect(new Uint8Array(decompress(packed))).toEqual(plain);
        sent.plain += plain.byteLength;
        sent.packed += packed.byteLength;
      }
      expect(sent.packed).toBeLessThan(sent.plain / 2);
    }
  });

  test("the policy allows nothing inline and nothing from elsewhere", async () => {
    const policy = (await fetch(server.url)).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

/** Smaller ones, as the script that sets the theme before the first paint, go as they are. */
const smallBytes = 512;

/** As it comes over the wire. */
async function bytesOf(url: string, encoding: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { headers: { "accept-encoding": encoding }, decompress: false });
  expect(response.headers.get("content-encoding")).toBe(encoding === "identity" ? null : encoding);
  return response.arrayBuffer();
}
