/** The whole application in this process, on a listener and a database of its own. */
import { afterAll, beforeAll, describe } from "bun:test";
import { rmSync } from "node:fs";
import { createApp, type Overrides } from "../../src/app.ts";
import { loadConfig } from "../../src/core/config.ts";
import { createLog } from "../../src/core/log.ts";
import type { Database } from "../../src/db/open.ts";
import { databases } from "./db.ts";
import { newDataDir, newPostgresDatabase } from "./prepared.ts";

export const hostSecret = "a secret that only the tests and their servers know";

/** Nobody waits in a test for what production gathers. */
const quick = { gatherMs: 10, restMs: 20, jobTickMs: 50 };

export interface TestApp {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly database: Database;
  /** Its address, where it is PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Lines logged so far, as JSON text. */
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** Default: the embedded database. */
  readonly kind?: Database["kind"];
  /** Another node on the same PostgreSQL. */
  readonly databaseUrl?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly overrides?: Overrides;
}

/** Runs a suite against one application on each kind of database this machine has. */
export function describeApp(name: string, suite: (app: TestApp) => void, overrides: Overrides = {}): void {
  describe.each(databases.map(({ name, kind }) => ({ database: name, kind })))(`${name} on $database`, ({ kind }) => {
    let running: TestApp | undefined;
    const started = (): TestApp => {
      if (!running) throw new Error("the application runs inside of tests only");
      return running;
    };
    beforeAll(async () => {
      running = await startApp({ kind, overrides });
    });
    afterAll(() => running?.stop());
    suite({
      get url() {
        return started().url;
      },
      get database() {
        return started().database;
      },
      get databaseUrl() {
        return started().databaseUrl;
      },
      get logged() {
        return started().logged;
      },
      stop: () => started().stop(),
    });
  });
}

/**
 * The same, where nothing is written but by requests: what the log's readers, reminders and jobs would do a moment later is
 * no part of what such a suite looks at.
 */
export const describeRequests = (name: string, suite: (app: TestApp) => void): void =>
  describeApp(name, suite, { roles: ["web"] });

export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const databaseUrl = options.databaseUrl ?? (options.kind === "postgres" ? await newPostgresDatabase() : undefined);
  if (options.kind === "postgres" && databaseUrl === undefined) throw new Error("PostgreSQL is not installed");
  const dataDir = newDataDir("app", databaseUrl);
  const config = loadConfig({
    MODE: "test",
    HOST: "127.0.0.1",
    PORT: "0",
    DATA_DIR: dataDir,
    TRUSTED_JWT_SECRET: hostSecret,
    AUTH_SECRET: hostSecret,
    RATE_LIMIT_ENABLED: "false",
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...options.env,
  });
  const logged: string[] = [];
  const log = createLog({ logLevel: "info", logFormat: "json" }, (line) => void logged.push(line));
  const app = createApp(config, { log, pace: quick, ...options.overrides });
  const { url, database } = await app.start();
  return {
    url,
    database,
    databaseUrl,
    logged,
    async stop() {
      await app.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
