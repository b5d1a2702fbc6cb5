/** The page's files, as the server gets them. */
import { expect, test } from "bun:test";
import { assetPath, loadPage } from "../../src/web/assets.ts";

const page = await loadPage("production");
const textOf = (path: string): string => new TextDecoder().decode(page.get(path)?.bytes);

test("the document names its files by their content, and everything it names is there", () => {
  const document = textOf("/");
  const named = [...document.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
  expect(named.length).toBe(3);
  for (const path of named) expect(page.get(path)?.immutable).toBe(true);
  expect(page.get("/")).toMatchObject({ type: "text/html; charset=utf-8", immutable: false });
});

test("nothing is inline that a strict content security policy would have to allow", () => {
  const document = textOf("/");
  expect(document).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(document).not.toMatch(/<style|\sstyle=|\son[a-z]+=/i);
});

test("nothing is fetched from elsewhere", () => {
  for (const path of page.keys()) {
    const hosts = textOf(path).match(/https?:\/\/[\w.-]+/g) ?? [];
    expect(hosts.filter((host) => host !== "http://www.w3.org")).toEqual([]);
  }
});

test("the scripts of a first load stay under 90 KB compressed, and hold no validator", () => {
  const scripts = [...page.keys()].filter((path) => path.endsWith(".js"));
  const bytes = scripts.map((path) => Bun.gzipSync(new TextEncoder().encode(textOf(path)), { level: 9 }).byteLength);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(90_000);
  expect(scripts.map(textOf).join("")).not.toContain("ZodError");
});

test("every address of a view gets the document, every other path stays itself", () => {
  const project = "/projects/01a1fc22-a9a6-7123-9a43-d0bc2a366d36";
  const views = [
    "/",
    "/setup",
    "/projects",
    project,
    `${project}/tasks/a`,
    `${project}/settings/members`,
    "/settings/sessions",
  ];
  for (const path of views) expect(assetPath(path)).toBe("/");
  for (const path of ["/projects/a/b", "/settings/a/b", "/assets/x.js", "/favicon.ico"]) {
    expect(assetPath(path)).toBe(path);
  }
});
