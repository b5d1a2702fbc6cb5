/** The page's files, as the server gets them. */
import { expect, test } from "bun:test";
import { assetPath, loadPage } from "../../src/web/assets.ts";

const page = await loadPage("production");
const textOf = (path: string): string => new TextDecoder().decode(page.get(path)?.bytes);

test("the document names its files by their content, and everything it names is there", () => {
  const document = textOf("/");
  const named = [...document.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
  expect(named.length).toBe(6);
  for (const path of named) expect(page.get(path)?.immutable).toBe(true);
  expect(page.get("/")).toMatchObject({ type: "text/html; charset=utf-8", immutable: false });
});

test("the page can be put on a home screen: a manifest with icons that are the pictures it says", async () => {
  const [, path = ""] = /rel="manifest" href="([^"]+)"/.exec(textOf("/")) ?? [];
  expect(page.get(path)).toMatchObject({ type: "application/manifest+json", immutable: true });
  const { icons, ...manifest }: { readonly icons: Icon[] } = JSON.parse(textOf(path));
  expect(manifest).toMatchObject({ id: "/", name: "Taskwire", start_url: "/", scope: "/", display: "standalone" });
  expect(icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual([
    "192x192 any",
    "512x512 any",
    "512x512 maskable",
  ]);
  const [, apple = ""] = /rel="apple-touch-icon" href="([^"]+)"/.exec(textOf("/")) ?? [];
  const touch: Icon = { src: apple, sizes: "180x180", type: "image/png", purpose: "any" };
  for (const { src, sizes, type } of [...icons, touch]) {
    const picture = page.get(src);
    expect(picture).toMatchObject({ type, immutable: true });
    expect(sizeOf(picture?.bytes ?? new Uint8Array())).toBe(sizes);
  }
});

interface Icon {
  readonly src: string;
  readonly sizes: string;
  readonly type: string;
  readonly purpose: string;
}

/** As its header says (PNG, 11.2.1). */
function sizeOf(png: Uint8Array): string {
  expect([...png.subarray(1, 4)]).toEqual([..."PNG"].map((sign) => sign.charCodeAt(0)));
  const header = new DataView(png.buffer, png.byteOffset + 16);
  return `${header.getUint32(0)}x${header.getUint32(4)}`;
}

test("what a phone paints around the page is the ground of its bar", async () => {
  const tokens = await Bun.file(new URL("../../src/web/styles/tokens.css", import.meta.url)).text();
  const [, light, dark] = /--sunken: light-dark\((#\w+), (#\w+)\)/.exec(tokens) ?? [];
  const bars = [...textOf("/").matchAll(/name="theme-color"[^>]*content="([^"]+)"/g)].map(([, color]) => color);
  expect(bars).toEqual([light, dark]);
  const [, first = ""] = /<script src="([^"]+)"/.exec(textOf("/")) ?? [];
  for (const color of [light, dark]) expect(textOf(first)).toContain(color ?? "nothing");
});

test("the styles for other pages are light or dark by themselves: nothing in them hangs on a style sheet of ours", () => {
  const styles = textOf("/notifications.css");
  expect(styles).toContain("light-dark(#ffffff, #1f2126)");
  const named = [...styles.matchAll(/var\((--[\w-]+)/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(10);
  for (const name of named) expect(styles).toContain(`${name}: #`);
});

test("nothing is inline that a strict content security policy would have to allow", () => {
  const document = textOf("/");
  expect(document).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(document).not.toMatch(/<style|\sstyle=|\son[a-z]+=/i);
});

test("nothing is fetched from elsewhere", () => {
  for (const path of page.keys()) {
    const addresses = textOf(path).match(/https?:\/\/[\w.\-/]+/g) ?? [];
    // Namespaces, where the Markdown parser wants its faults told, a licence. What a browser asks for: sizes.test.ts.
    const named =
      /^(http:\/\/www\.w3\.org\/.*|https:\/\/github\.com\/(markedjs\/marked\.?|babel\/babel\/blob\/main\/.*\/LICENSE))$/;
    expect(addresses.filter((address) => !named.test(address))).toEqual([]);
  }
});

test("what is loaded later is named by its content too, and everything that is named is there", () => {
  const scripts = [...page.keys()].filter((path) => /^\/assets\/.*\.js$/.test(path));
  expect(scripts.length).toBeGreaterThan(5);
  for (const path of scripts) {
    expect(page.get(path)?.immutable).toBe(true);
    const named = [...textOf(path).matchAll(/(?:from|import)\s*\(?"([^"]+\.js)"/g)].map(([, name = ""]) => name);
    for (const name of named) expect(page.has(name)).toBe(true);
  }
  expect(scripts.map(textOf).join("")).not.toContain("ZodError");
});

test("the worker is one file that needs no other, under a name that stays", () => {
  expect(page.get("/push-worker.js")).toMatchObject({ type: "text/javascript; charset=utf-8", immutable: false });
  expect(textOf("/push-worker.js")).toContain("notificationclick");
  expect(textOf("/push-worker.js")).not.toMatch(/\bimport\b|\bexport\b/);
});

test("the view that documents the parts, and the following of edits, are in development's bundle alone", async () => {
  const development = await loadPage("development");
  const all = (files: typeof page) => [...files.values()].map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
  for (const words of ["quick brown fox", "/dev/changes"]) {
    expect(all(development)).toContain(words);
    expect(all(page)).not.toContain(words);
  }
});

test("every address of a view gets the document, every other path stays itself", () => {
  const project = "/projects/01a1fc22-a9a6-7123-9a43-d0bc2a366d36";
  const views = [
    "/",
    "/setup",
    "/inbox",
    "/projects",
    project,
    `${project}/tasks/a`,
    `${project}/settings/members`,
    "/settings/sessions",
    "/inbox",
  ];
  for (const path of views) expect(assetPath(path)).toBe("/");
  for (const path of ["/projects/a/b", "/settings/a/b", "/assets/x.js", "/favicon.ico"]) {
    expect(assetPath(path)).toBe(path);
  }
});
