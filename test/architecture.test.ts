import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathOf, trackedFiles } from "./support/repository.ts";

const read = (file: string): string => readFileSync(pathOf(file), "utf8");
const isCode = (file: string): boolean => /\.tsx?$/.test(file);
const sources = trackedFiles().filter((file) => file.startsWith("src/") && isCode(file));
const code = trackedFiles().filter((file) => isCode(file) && /^(src|test|\.ci)\//.test(file));

/** Server and page: each floor may import itself and what stands before it in its list. */
const server = ["protocol", "core", "db", "realtime", "jobs", "http", "features", "app.ts", "cli", "main.ts"];
const page = ["protocol", "client", "web"];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Imports and re-exports of files, static and dynamic. */
const importPattern = /^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm;

const importsOf = (from: string): Import[] =>
  [...read(from).matchAll(importPattern)].map(([, type, fixed, dynamic]) => ({
    from,
    to: join(dirname(from), fixed ?? dynamic ?? ""),
    typeOnly: type !== undefined,
  }));

const imports = sources.flatMap(importsOf);
const floorOf = (file: string): string => file.split("/")[1] ?? "";
const featureOf = (file: string): string | undefined => /^src\/features\/([^/]+)\//.exec(file)?.[1];

describe("the floors", () => {
  test("what is read here is the whole house", () => {
    expect(sources.length).toBeGreaterThan(40);
    expect(imports.length).toBeGreaterThan(sources.length);
    const floors = new Set(sources.map(floorOf));
    for (const floor of floors) expect([...server, ...page]).toContain(floor);
    for (const floor of ["protocol", "core", "db", "http", "cli"]) expect(floors).toContain(floor);
  });

  test("a floor imports only what stands before it", () => {
    const upward = imports.filter(({ from, to }) => {
      if (!to.startsWith("src/")) return false;
      const floors = page.indexOf(floorOf(from)) > 0 ? page : server;
      const target = floors.indexOf(floorOf(to));
      return target === -1 || target > floors.indexOf(floorOf(from));
    });
    // The composition root hands the page's files to the server; nothing else looks over there.
    expect(upward.filter(({ from, to }) => !(from === "src/app.ts" && to.startsWith("src/web/")))).toEqual([]);
  });

  test("nothing outside src is imported but package.json and the migrations", () => {
    const outside = imports.filter(
      ({ to }) => !to.startsWith("src/") && to !== "package.json" && !to.startsWith("drizzle/"),
    );
    expect(outside).toEqual([]);
  });

  test("client and page import the protocol by type alone, or what of it imports nothing: they ship no zod", () => {
    const browser = imports.filter(({ from, to }) => page.indexOf(floorOf(from)) > 0 && to.startsWith("src/protocol/"));
    const values = browser.filter(({ typeOnly }) => !typeOnly).map(({ to }) => to);
    expect(values.filter((file) => /\bfrom\s*"|\bimport\b/.test(read(file)))).toEqual([]);
  });

  test("the protocol imports zod and nothing else", () => {
    const foreign = sources
      .filter((file) => floorOf(file) === "protocol")
      .flatMap((file) => [...read(file).matchAll(/from "([^."][^"]*)"/g)].map(([, name = ""]) => `${file}: ${name}`));
    expect(foreign.filter((line) => !line.endsWith(": zod"))).toEqual([]);
    expect(foreign.length).toBeGreaterThan(3);
  });

  test("a feature never imports another feature's routes or frames", () => {
    const crossing = imports.filter(({ from, to }) => {
      const feature = featureOf(to);
      return (
        feature !== undefined &&
        featureOf(from) !== undefined &&
        feature !== featureOf(from) &&
        /\/(routes|frames)\.ts$/.test(to)
      );
    });
    expect(crossing).toEqual([]);
  });

  test("only routes know Elysia and only frames know the socket inside a feature", () => {
    const knowing = sources.filter(
      (file) => featureOf(file) && !file.endsWith("/routes.ts") && /from "elysia/.test(read(file)),
    );
    expect(knowing).toEqual([]);
    const sockets = imports.filter(
      ({ from, to, typeOnly }) =>
        featureOf(from) && !typeOnly && !from.endsWith("/frames.ts") && to.includes("realtime/transport/"),
    );
    expect(sockets).toEqual([]);
  });

  test("no file reaches itself through its imports", () => {
    expect(findCycle(imports.filter(({ typeOnly }) => !typeOnly))).toBeUndefined();
    const twoFiles = [
      { from: "src/a.ts", to: "src/b.ts", typeOnly: false },
      { from: "src/b.ts", to: "src/a.ts", typeOnly: false },
    ];
    expect(findCycle(twoFiles)).toEqual(["src/a.ts", "src/b.ts", "src/a.ts"]);
  });
});

/** A way from a file back to itself. */
function findCycle(edges: readonly Import[]): string[] | undefined {
  const next = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const cycle = walk(to, [...way, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

describe("files", () => {
  test("none is longer than 400 lines", () => {
    const long = code.filter((file) => read(file).split("\n").length > 401);
    expect(long).toEqual([]);
    expect(code.length).toBeGreaterThan(60);
  });

  test("names are kebab-case and say what is inside", () => {
    const odd = code.filter(
      (file) => !/^[a-z\d]+(-[a-z\d]+)*(\.test|\.bench|\.d)?\.tsx?$/.test(file.split("/").at(-1) ?? ""),
    );
    expect(odd).toEqual([]);
    const vague = code.filter((file) => /(^|\/)(utils?|helpers?|types|common|misc)(\/|\.tsx?$)/.test(file));
    expect(vague).toEqual([]);
  });

  test("there are no other folders at the top", () => {
    const folders = new Set(
      trackedFiles()
        .filter((file) => file.includes("/"))
        .map((file) => file.split("/")[0]),
    );
    expect([...folders].sort()).toEqual([".ci", ".github", "docs", "drizzle", "src", "test"]);
  });

  test("no check is silenced and no type is dodged", () => {
    const words = [
      "@ts-" + "ignore",
      "@ts-" + "expect-error",
      "@ts-" + "nocheck",
      "biome-" + "ignore",
      "eslint-" + "disable",
    ];
    const silenced = code.filter((file) => words.some((word) => read(file).includes(word)));
    expect(silenced).toEqual([]);
  });

  test("no file names a place of one machine or a registry", () => {
    const places = ["/" + "work/", "/" + "root/", "/" + "home/", "registry." + "npmjs.org", "localhost:" + "4873"];
    const text = trackedFiles().filter((file) => !/\.(png|ico|zst|wasm|woff2)$/.test(file));
    const naming = text.filter((file) => places.some((place) => read(file).includes(place)));
    expect(naming).toEqual([]);
    expect(text.length).toBeGreaterThan(80);
  });
});
