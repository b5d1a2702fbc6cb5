/** The dashboard and the alerts ask for metrics that are there, with labels that they have. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { metricTable } from "../../src/core/metrics.ts";
import { pathOf } from "../support/repository.ts";

const read = (file: string): string => readFileSync(pathOf(file), "utf8");
const Rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const Dashboard = z.object({
  uid: z.literal("taskwire"),
  panels: z.array(
    z.object({
      id: z.int(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
});

const rules = Rules.parse(Bun.YAML.parse(read("docs/deploy/alerts.yaml"))).groups.flatMap((group) => group.rules);
const { panels } = Dashboard.parse(JSON.parse(read("docs/deploy/grafana.json")));
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];
/** Metrics by the names of their series. */
const series = new Map(
  metricTable.flatMap((metric) => {
    const suffixes = metric.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    return suffixes.map((suffix) => [`${metric.name}${suffix}`, metric] as const);
  }),
);

describe("the dashboard and the alerts", () => {
  test("ask for series that the server has, by labels that they have", () => {
    const wrong = expressions.flatMap((expr) =>
      [...expr.matchAll(/\b((?:taskwire|process)_\w+)(?:\{([^}]*)\})?/g)].filter(([, name = "", labels = ""]) => {
        const metric = series.get(name);
        const known = ["instance", "job", ...(metric?.labels ?? []), ...(name.endsWith("_bucket") ? ["le"] : [])];
        return !metric || [...labels.matchAll(/(\w+)=/g)].some(([, label = ""]) => !known.includes(label));
      }),
    );
    expect(wrong.map(([text]) => text)).toEqual([]);
    expect(expressions.length).toBeGreaterThan(30);
  });

  test("group by labels that are there", () => {
    for (const expr of expressions) {
      const names = [...expr.matchAll(/\b(?:taskwire|process)_\w+/g)].map(([name]) => name);
      const known = names.flatMap((name) => series.get(name)?.labels ?? []).concat("le", "instance");
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
      expect([expr, grouped.filter((label) => !known.includes(label))]).toEqual([expr, []]);
    }
  });

  test("show every metric but what only identifies the process", () => {
    const shown = new Set(expressions.flatMap((expr) => [...expr.matchAll(/\b(?:taskwire|process)_\w+/g)].map(String)));
    const metrics = new Set([...shown].map((name) => series.get(name)?.name));
    const left = metricTable.map(({ name }) => name).filter((name) => !metrics.has(name));
    expect(left.sort()).toEqual(["process_start_time_seconds", "taskwire_build_info"]);
  });

  test("do not lie over one another", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  test("and the page of operations name the same alerts", () => {
    const told = [...read("docs/operations.md").matchAll(/^\| (Taskwire\w+) \|/gm)].map(([, name]) => name);
    expect(told).toEqual(rules.map(({ alert }) => alert));
  });
});
