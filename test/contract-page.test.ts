/** docs/protocol.md against the code: its routes are those of the catalogue, and every clause has tests that prove it. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { clauseTests } from "../.ci/docs-protocol.ts";
import type { Endpoint } from "../src/protocol/endpoint.ts";
import { endpoints } from "../src/protocol/endpoints.ts";
import { trackedFiles } from "./support/repository.ts";

const page = readFileSync(new URL("../docs/protocol.md", import.meta.url), "utf8");
const numbered = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
const clauses = [...numbered("H", 5), ...numbered("S", 12), ...numbered("I", 4)];

/** `GET,PATCH /api/me` of the table of routes, one by one. */
function routesOfPage(): string[] {
  const [, table = ""] = /\n### Routes\n([\s\S]*?)\n\nHEAD /.exec(page) ?? [];
  const cells = table.split("\n").flatMap((row) => row.split("|")[1] ?? []);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`([A-Z,]+) (\/[^`]*)`/g)].flatMap(([, methods = "", path = ""]) =>
      methods.split(",").map((method) => `${method} ${path}`),
    ),
  );
}

describe("docs/protocol.md", () => {
  test("its table of routes is the catalogue of endpoints, no more and no less", () => {
    const catalogue = Object.values<Endpoint>(endpoints).map(({ method, path }) => `${method} ${path}`);
    expect(routesOfPage().sort()).toEqual(catalogue.sort());
  });

  for (const clause of clauses) {
    test(`${clause} is written out, and tests prove it`, () => {
      expect(page).toMatch(new RegExp(`^### ${clause}\\. .+\\n\\n[\\s\\S]{100,}?<!-- tests ${clause} -->`, "m"));
      const tests = clauseTests().filter((one) => one.clause === clause);
      expect(tests.length).toBeGreaterThan(0);
      for (const { file } of tests) expect(trackedFiles()).toContain(file);
    });
  }

  test("no test names a clause of H, S or I that is not written", () => {
    const named = clauseTests().filter(({ clause }) => /^[HSI]/.test(clause) && !clauses.includes(clause));
    expect(named).toEqual([]);
  });

  test("every name of a test that begins with a clause is found", () => {
    const marks = trackedFiles()
      .filter((file) => /^test\/.*\.test\.tsx?$/.test(file))
      .flatMap(
        (file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8").match(/["`](?:\[[A-Z]\d+\])+ /g) ?? [],
      );
    const wanted = marks.flatMap((mark) => mark.match(/\[[A-Z]\d+\]/g) ?? []);
    expect(clauseTests().length).toBe(wanted.length);
    expect(wanted.length).toBeGreaterThan(150);
  });
});
