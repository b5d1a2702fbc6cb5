/** What operations need, in a command's own process: the database, opened for it alone. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createCaches } from "../core/cache.ts";
import { systemClock } from "../core/clock.ts";
import type { Config } from "../core/config.ts";
import { createLog } from "../core/log.ts";
import { createMeter } from "../core/meter.ts";
import type { Store } from "../db/context.ts";
import { migrateUp, migrationStatus } from "../db/migrate.ts";
import { type Database, openDatabase } from "../db/open.ts";
import { readFingerprint } from "../db/servers.ts";
import { createAdministration } from "../features/auth/administration.ts";
import { createPasswords } from "../features/auth/passwords.ts";
import { createSessions } from "../features/auth/sessions.ts";
import { wakeAll } from "../realtime/broker/open.ts";
import { CommandError } from "./command-error.ts";
import type { Office } from "./operation.ts";
import { printError } from "./terminal.ts";

interface Needs {
  readonly makes: boolean;
  readonly migrated: boolean;
}

/** A command needs few connections, and PostgreSQL has few to give. */
const poolSize = 4;

/**
 * Runs `work` on the database of this configuration. Throws DataFolderInUse where a server has the embedded one, and
 * CommandError where the database is not what `needs` says.
 */
export async function inOwnProcess<T>(config: Config, needs: Needs, work: (office: Office) => Promise<T>): Promise<T> {
  if (!needs.makes) requireDatabase(config);
  const debug = config.logLevel === "debug" || config.logLevel === "trace";
  const log = createLog({ logLevel: debug ? config.logLevel : "silent", logFormat: config.logFormat }, (line) =>
    printError(line.trimEnd()),
  );
  const database = await openDatabase({ ...config, poolSize, log });
  try {
    if (needs.migrated) await requireTables(database);
    const wakes = new Map<string, number>();
    const result = await work(makeOffice(config, database, wakes));
    // Before the answer: what was committed is heard by every server at once.
    await wakeAll(config, database, wakes);
    return result;
  } catch (error) {
    log.debug({ err: error }, "command failed");
    throw error;
  } finally {
    await database.close();
  }
}

/** Of a process that lives for one command. */
const makeCache = createCaches(systemClock, createMeter());

function makeOffice(config: Config, database: Database, wakes: Map<string, number>): Office {
  const store: Store = {
    database,
    committed(events) {
      for (const { roomId, seq } of events) if ((wakes.get(roomId) ?? 0) < seq) wakes.set(roomId, seq);
    },
  };
  const sessions = createSessions(store, systemClock, makeCache);
  const administration = createAdministration({
    store,
    clock: systemClock,
    sessions,
    passwords: createPasswords(),
    tokens: () => ownTokens(config, database),
    forget: sessions.forget,
  });
  return { config, store, administration, serving: false };
}

/** Tokens that the server accepts: signed with its secret, which is not made here for a server that lives elsewhere. */
async function ownTokens(config: Config, { sql }: Database) {
  const { loadAuthKeys } = await import("../features/auth/secrets.ts");
  const { createTokens } = await import("../features/auth/tokens.ts");
  const elsewhere = config.databaseUrl !== undefined && config.authSecret === undefined;
  if (elsewhere && !existsSync(join(config.dataDir, "auth-secret"))) {
    throw new CommandError(
      `neither AUTH_SECRET nor the folder ${config.dataDir} holds the secret of a server`,
      "Set AUTH_SECRET or DATA_DIR as the server has it; a server without either makes one when it first starts.",
    );
  }
  const keys = await loadAuthKeys(config);
  const noted = await readFingerprint(sql);
  if (noted !== undefined && noted !== keys.fingerprint) {
    throw new CommandError(
      "the server of this database has another AUTH_SECRET: it would refuse the token",
      "Set AUTH_SECRET or DATA_DIR as the server has it. Where the secret was changed, start the server first.",
    );
  }
  return createTokens({ key: keys.token, ttlSeconds: config.jwtTtlSeconds, clock: systemClock, makeCache });
}

/** Where somebody stands in the wrong folder, an empty database would answer for the real one. */
function requireDatabase({ databaseUrl, dataDir }: Config): void {
  if (databaseUrl !== undefined || existsSync(join(dataDir, "pg"))) return;
  throw new CommandError(
    `there is no database in the folder ${dataDir}`,
    'Set DATA_DIR (or DATABASE_URL) as the server has it, or make a database here: "taskwire migrate up".',
    "not_found",
  );
}

/** Makes the tables of an empty database; an older one is brought up on purpose only. */
async function requireTables(database: Database): Promise<void> {
  const { applied, pending } = await migrationStatus(database);
  if (applied.length > 0 && pending.length > 0) {
    throw new CommandError(
      `the database lacks ${pending.length} of this version's migrations`,
      'Run "taskwire migrate up", or start the server, which does the same.',
    );
  }
  await migrateUp(database);
}
