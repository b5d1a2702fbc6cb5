/** The embedded database in tests: opened in this process, or under load in one that may be killed. */
import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import postgres from "postgres";
import { type Embedded, type EmbeddedOptions, openEmbedded } from "../../src/db/embedded.ts";
import type { Sql } from "../../src/db/pool.ts";
import { valueTypes } from "../../src/db/values.ts";

const program = new URL("../faults/embedded-writer.ts", import.meta.url).pathname;

// The event "exit" does not come in a test process, so this module cleans up behind the file that imports it.
const folders: string[] = [];
const children = new Set<Subprocess>();
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all([...children].map((child) => child.exited));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A data folder of the test's own, removed when its file is done. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "taskwire-embedded-"));
  folders.push(folder);
  return folder;
}

export interface OpenEngine {
  readonly engine: Embedded;
  readonly sql: Sql;
  /** Another client, with a connection of its own. */
  another(): Sql;
  close(): Promise<void>;
}

export async function openEngine(options: Partial<EmbeddedOptions> & { dataDir: string }): Promise<OpenEngine> {
  const log = process.env.EMBEDDED_LOG ? { debug: console.log, warn: console.log } : undefined;
  const engine = await openEmbedded({ statementTimeoutMs: 30_000, log, ...options });
  const clients: Sql[] = [];
  const another = () => {
    const client = postgres({ ...engine.options, types: valueTypes, fetch_types: false, onnotice() {} });
    clients.push(client);
    return client;
  };
  const sql = another();
  return {
    engine,
    sql,
    another,
    async close() {
      await Promise.all(clients.map((client) => client.end({ timeout: 1 })));
      await engine.close();
    },
  };
}

export interface WriterOptions {
  dataDir: string;
  inFlight: number;
  /** 0: until it is killed. */
  rows: number;
  /** Put before the command: a tracer and its arguments. */
  under?: readonly string[];
}

export interface Writer {
  readonly pid: number;
  /** Resolves with the ids acknowledged so far when there are this many; rejects where the process ends before. */
  acknowledged(count: number): Promise<readonly string[]>;
  kill(): void;
  /** All ids acknowledged before its end, codes of errors, and its exit code (null: killed). */
  readonly ended: Promise<{
    ids: readonly string[];
    refused: readonly string[];
    exitCode: number | null;
    stderr: string;
  }>;
}

/** Starts test/faults/embedded-writer.ts. */
export function startWriter({ dataDir, inFlight, rows, under = [] }: WriterOptions): Writer {
  const args = [dataDir, String(inFlight), String(rows)];
  const child = Bun.spawn([...under, process.execPath, "--no-env-file", program, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  children.add(child);
  const ids: string[] = [];
  const refused: string[] = [];
  let waiting: { count: number; resolve: (ids: readonly string[]) => void } | undefined;
  const look = () => {
    if (waiting && ids.length >= waiting.count) waiting.resolve(ids);
  };
  const read = async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("refused ")) refused.push(line.slice("refused ".length));
        else if (line !== "ready") ids.push(line);
      }
      look();
    }
  };
  const ended = Promise.all([read(), new Response(child.stderr).text(), child.exited]).then(([, stderr]) => {
    children.delete(child);
    return { ids, refused, exitCode: child.exitCode, stderr };
  });
  return {
    pid: child.pid,
    ended,
    acknowledged(count) {
      const reached = new Promise<readonly string[]>((resolve) => {
        waiting = { count, resolve };
        look();
      });
      const early = ended.then(({ stderr }) => Promise.reject(new Error(`the writer ended: ${stderr}`)));
      early.catch(() => {});
      return Promise.race([reached, early]);
    },
    kill: () => child.kill("SIGKILL"),
  };
}
