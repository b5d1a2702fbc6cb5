import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { generatedFiles } from "../.ci/docs.ts";
import { currentWire } from "../.ci/wire.ts";
import { committedWire, wireNotice } from "../.ci/wire-changes.ts";
import { trackedFiles } from "./support/repository.ts";

const root = new URL("..", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** What stands in backticks is shown, not followed. */
const withoutCode = (page: string): string => page.replace(/`[^`\n]*`/g, "");

describe("documentation", () => {
  for (const [path, content] of Object.entries(generatedFiles())) {
    test(`${path} is what \`bun run docs:generate\` writes`, () => {
      expect(content.length).toBeGreaterThan(1000);
      if (path === "docs/wire.json") expect(wireNotice(committedWire(), currentWire()) ?? "").toBe("");
      // Not `expect`: it would print both files.
      if (read(path) !== content) throw new Error(`${path} is behind the code: run \`bun run docs:generate\``);
    });
  }

  test("every link to a file of the repository leads to one", () => {
    const pages = trackedFiles().filter((path) => path.endsWith(".md"));
    const files = new Set(trackedFiles());
    const links = pages.flatMap((page) =>
      [...withoutCode(read(page)).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => ({
        page,
        target,
      })),
    );
    const dead = links.filter(({ page, target }) => {
      if (/^[a-z]+:/.test(target)) return false;
      const path = new URL(target, new URL(page, "file:///")).pathname.slice(1);
      return ![...files].some((file) => file === path || file.startsWith(`${path.replace(/\/$/, "")}/`));
    });
    expect(dead).toEqual([]);
    expect(links.length).toBeGreaterThan(5);
  });

  test("every script a page names is in package.json", () => {
    const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;
    const pages = trackedFiles().filter((path) => path.endsWith(".md"));
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/\bbun(?:@[\d.]+)? run ([a-z:-]+)/g)].map(([, name = ""]) => name),
    );
    expect(named.length).toBeGreaterThan(3);
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });
});
