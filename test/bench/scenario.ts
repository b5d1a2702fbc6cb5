/** What the scenarios share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type TestPostgres } from "../support/services.ts";
import { type Running, startServer, type Target } from "./harness.ts";
import type { Lines } from "./lines.ts";

export interface Bench {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  /** The executable, or the sources where it is not built. */
  readonly command: readonly string[];
  readonly lines: Lines;
}

export type Scenario = (bench: Bench) => Promise<void>;

/** With fsync on; `more` is of its configuration. */
export async function withPostgres(
  run: (server: TestPostgres) => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const server = await startPostgres({ fsync: true, more });
  if (!server) throw new Error("this scenario needs PostgreSQL: apt-get install postgresql");
  try {
    await run(server);
  } finally {
    await server.stop();
  }
}

export async function withFolder<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "taskwire-bench-"));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts, measures, stops; a run that lost something is no result. */
export async function once<Result extends { readonly ok: boolean }>(
  target: Target,
  measure: (server: Running) => Promise<Result>,
): Promise<Result> {
  const server = await startServer(target);
  try {
    const measured = await measure(server);
    if (!measured.ok) throw new Error(`${target.name} lost or doubled something: ${JSON.stringify(measured)}`);
    return measured;
  } finally {
    await server.stop();
  }
}
