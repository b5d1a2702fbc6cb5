/** Rounds of faults: how many, on which databases, from which seed, and what is printed and kept of them. */
import { afterAll } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Figures } from "../support/load.ts";
import { type ServerOptions, type ServerProcess, startServer } from "../support/server.ts";
import { startPostgres, type TestPostgres } from "../support/services.ts";

/** 5 in a test run; `bun run test:faults` sets 100. */
export const rounds = Number(process.env.FAULT_ROUNDS ?? 5);
/** A round takes seconds; one that takes longer hangs. */
export const roundsTimeoutMs = 60_000 + rounds * 40_000;

const firstSeed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 1_000_000));
/** The seed of a round; FAULT_SEED names the first one's. */
export const seedOf = (round: number): number => firstSeed + round;

export interface Kind {
  readonly name: "embedded" | "postgres";
  /** A server on a fresh database. */
  server(options?: ServerOptions): Promise<ServerProcess>;
  /** The address of a fresh database; undefined: the embedded one. */
  database(): Promise<string | undefined>;
  /** The cluster behind it, with fsync on. */
  readonly postgres: TestPostgres | undefined;
}

/** The databases this machine has. The cluster is this file's own; call it once a file. */
export async function faultKinds(): Promise<readonly [Kind, ...Kind[]]> {
  const embedded: Kind = {
    name: "embedded",
    server: startServer,
    database: () => Promise.resolve(undefined),
    postgres: undefined,
  };
  const postgres = await startPostgres({ fsync: true });
  if (!postgres) return [embedded];
  afterAll(() => postgres.stop());
  const database = () => postgres.createDatabase();
  const server = async (options: ServerOptions = {}) =>
    startServer({ ...options, databaseUrl: options.databaseUrl ?? (await database()) });
  return [embedded, { name: "postgres", server, database, postgres }];
}

const none: Figures = {
  acked: 0,
  refused: 0,
  lost: 0,
  duplicate: 0,
  gap: 0,
  outOfOrder: 0,
  diverged: 0,
  resumeP99Ms: 0,
};

/** Adds the figures of rounds up; the slowest resume counts. */
export const total = (all: readonly Figures[]): Figures =>
  all.reduce(
    (sum, one) => ({
      acked: sum.acked + one.acked,
      refused: sum.refused + one.refused,
      lost: sum.lost + one.lost,
      duplicate: sum.duplicate + one.duplicate,
      gap: sum.gap + one.gap,
      outOfOrder: sum.outOfOrder + one.outOfOrder,
      diverged: sum.diverged + one.diverged,
      resumeP99Ms: Math.max(sum.resumeP99Ms, one.resumeP99Ms),
    }),
    none,
  );

/** Prints one line of figures; with FAULT_REPORT set also keeps it for docs/faults.md. `more` is told as it is. */
export function report(test: string, kind: string, figures: Figures, more: Record<string, number> = {}): void {
  const { acked, lost, duplicate, gap, outOfOrder, diverged, resumeP99Ms } = figures;
  const line = { acked, lost, duplicate, gap, out_of_order: outOfOrder, diverged, resume_p99_ms: resumeP99Ms, ...more };
  const words = Object.entries(line).map(([name, value]) => `${name} ${value}`);
  console.log(`${test}, ${kind}, ${rounds} rounds from seed ${firstSeed}: ${words.join(", ")}`);
  keep(test, kind, { rounds, ...line });
}

/** The same of inputs that are only answered, not acknowledged. */
export function reportInputs(kind: Kind["name"], figures: Readonly<Record<string, number>>): void {
  const words = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  console.log(`inputs of every kind, ${kind}, from seed ${firstSeed}: ${words.join(", ")}`);
  keep("inputs of every kind", kind, { rounds, ...figures });
}

function keep(test: string, kind: string, line: Readonly<Record<string, number>>): void {
  if (!process.env.FAULT_REPORT) return;
  const folder = join(import.meta.dir, "results");
  mkdirSync(folder, { recursive: true });
  const kept = { test, database: kind, date: new Date().toISOString().slice(0, 10), ...line };
  const fileWord = (words: string): string => words.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase();
  const name = `${fileWord(test)}.${fileWord(kind)}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(kept)}\n`);
}
