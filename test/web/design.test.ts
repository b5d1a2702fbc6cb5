/** The page that documents the parts documents all of them. */
import { expect, test } from "bun:test";
import { Glob } from "bun";

const web = new URL("../../src/web/", import.meta.url);
const read = async (pattern: string): Promise<string> => {
  const paths = await Array.fromAsync(new Glob(pattern).scan(Bun.fileURLToPath(web)));
  return (await Promise.all(paths.map((path) => Bun.file(new URL(path, web)).text()))).join("\n");
};
const design = await read("design/*.tsx");
const tokens = await read("styles/tokens.css");
const names = [...new Set([...tokens.matchAll(/^\s+--([\w-]+):/gm)].map(([, name = ""]) => name))];

test("every token is named on it", () => {
  expect(names.length).toBeGreaterThan(50);
  const documented = (name: string): boolean => {
    const [, number] = /^space-(\d+)$/.exec(name) ?? [];
    if (number !== undefined) return design.includes(`--space-{space}`) && spaces().includes(number);
    return design.includes(`"${name}"`) || new RegExp(`--${name}(?![\\w-])`).test(design);
  };
  expect(names.filter((name) => !documented(name))).toEqual([]);
});

const spaces = (): string[] => (/spaces = \[([^\]]*)\]/.exec(design)?.[1] ?? "").split(", ");

test("every token is used, and every one that is used is there", async () => {
  const styles = `${await read("styles/*.css")}\n${await read("{board,drawer,ui,views,settings}/**/*.tsx")}`;
  const used = new Set([...styles.matchAll(/var\(--([\w-]+)/g)].map(([, name = ""]) => name));
  expect(names.filter((name) => !used.has(name))).toEqual([]);
  // A style sheet may have values of its own, and a script may set one.
  const known = new Set(
    [...styles.matchAll(/--([\w-]+)["']?\]?:|setProperty\("--([\w-]+)/g)].flatMap((found) => found.slice(1)),
  );
  expect([...used].filter((name) => !known.has(name))).toEqual([]);
});

test("every component of the design system is shown on it", async () => {
  const parts = await read("ui/*.tsx");
  const components = [...parts.matchAll(/^export function ([A-Z]\w*)/gm)].map(([, name = ""]) => name);
  expect(components.length).toBeGreaterThan(25);
  // What dialogs and drawers are made of.
  const shown = (name: string): boolean => name === "Modal" || new RegExp(`<${name}[\\s>]`).test(design);
  expect(components.filter((name) => !shown(name))).toEqual([]);
});
