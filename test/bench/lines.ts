/** What was measured, how it stands to its limit and to what was promised; printed and kept. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { version } from "../../src/core/version.ts";

/** One line of a result. */
export interface Line {
  readonly scenario: string;
  readonly case: string;
  readonly measure: string;
  readonly taskwire: number;
  /** The same of the limit, measured turn about. */
  readonly limit?: number | undefined;
  /** `taskwire` by `limit`. */
  readonly ratio?: number | undefined;
  readonly promised: string;
  /** What the promise compares: the ratio with so much, or Taskwire's own figure. Absent: nothing is promised. */
  readonly bound?: Bound | undefined;
  readonly kept: boolean;
  readonly rounds: number;
}

export interface Bound {
  readonly of: "ratio" | "value";
  readonly is: "at least" | "at most";
  readonly figure: number;
}

export interface Result {
  /** RFC 3339. */
  readonly at: string;
  readonly version: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly bun: string };
  readonly lines: readonly Line[];
}

export type Measurement = Pick<Line, "scenario" | "case" | "measure" | "taskwire" | "limit"> & {
  /** What the limit is, in the words of a promise: `the statement by hand`. */
  readonly than?: string;
  /** `MB`, `ms`: for a promise about Taskwire's own figure. */
  readonly unit?: string;
  readonly bound?: Bound;
};

export interface Lines {
  add(measurement: Measurement): void;
  /** Was every promise kept? */
  readonly kept: boolean;
  /** A file for each scenario in test/bench/results. */
  write(): void;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

const isKept = ({ of, is, figure }: Bound, taskwire: number, ratio: number): boolean => {
  const got = of === "ratio" ? ratio : taskwire;
  return is === "at least" ? got >= figure : got <= figure;
};

function promiseOf({ bound, than = "the limit", unit = "" }: Measurement): string {
  if (!bound) return "no promise";
  const sign = bound.is === "at least" ? "≥" : "≤";
  const figure = bound.figure.toLocaleString("en");
  return bound.of === "ratio" ? `${sign} ${figure} × ${than}` : `${sign} ${figure} ${unit}`.trim();
}

export function createLines(rounds: number): Lines {
  const lines: Line[] = [];
  return {
    get kept() {
      return lines.every((line) => line.kept);
    },
    add(measurement) {
      const { scenario, case: name, measure, taskwire, limit, bound } = measurement;
      const ratio = limit === undefined ? undefined : taskwire / limit;
      const kept = bound === undefined || isKept(bound, taskwire, ratio ?? 0);
      const promised = promiseOf(measurement);
      lines.push({ scenario, case: name, measure, taskwire, limit, ratio, promised, bound, kept, rounds });
      const beside = limit === undefined ? "" : `, limit ${short(limit)}, ratio ${short(ratio ?? 0)}`;
      console.log(`  ${name}: ${short(taskwire)} ${measure}${beside}  (${promised}: ${kept ? "kept" : "MISSED"})`);
    },
    write() {
      const folder = join(import.meta.dirname, "results");
      mkdirSync(folder, { recursive: true });
      const machine = { cpu: cpus()[0]?.model ?? "", cores: cpus().length, bun: Bun.version };
      for (const [scenario, own] of Map.groupBy(lines, (line) => line.scenario)) {
        const result: Result = { at: new Date().toISOString(), version, machine, lines: own };
        writeFileSync(join(folder, `${scenario}.json`), `${JSON.stringify(result, null, 2)}\n`);
      }
    },
  };
}

export const readResult = (file: URL): Result => JSON.parse(readFileSync(file, "utf8"));
