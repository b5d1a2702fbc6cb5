/** The database of the house: PostgreSQL where there is an address, else the embedded one in the data folder. */
import type { Log } from "../core/log.ts";
import type { PoolLoad } from "../core/metric.ts";
import type { Orm, Sql } from "./pool.ts";

export { sqlState } from "./errors.ts";
export type { Orm, Sql } from "./pool.ts";

export interface Database {
  readonly kind: "postgres" | "embedded";
  /** postgres.js; the pool is replaced after an outage, so read this property each time. Values: see values.ts. */
  readonly sql: Sql;
  /**
   * One connection for the lane alone (on the embedded database the only one there is): its plans and the server's
   * caches stay warm, and no slow read keeps it waiting. The same rule.
   */
  readonly lane: Sql;
  /** Drizzle over `sql`; the same rule. */
  readonly orm: Orm;
  readonly state: "up" | "down";
  /**
   * Settles as `work` does, with the database's errors as AppErrors where the contract has a code; rejects with
   * `unavailable` at once when the database is (or is found) down. What `work` had asked may have happened or not.
   */
  guard<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Called after an outage, and after connections were lost and made anew: commits may have gone unheard.
   * Returns a function that unsubscribes.
   */
  onUp(listener: () => void): () => void;
  /** Called when an outage is found; everything guarded has been rejected. Returns a function that unsubscribes. */
  onDown(listener: () => void): () => void;
  /** What the connections do now, the lane's included. */
  load(): PoolLoad;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** postgres://user:password@host:port/database; absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** Where the embedded database lives. */
  readonly dataDir: string;
  /** Connections to PostgreSQL; the embedded database has one. */
  readonly poolSize: number;
  /** How long one statement may run; default: ten seconds. */
  readonly statementTimeoutMs?: number | undefined;
  readonly log?: Log | undefined;
}

/** Opens the database. Throws StartError with what to do where it cannot be reached or used. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  if (options.databaseUrl !== undefined) {
    const { openPostgres } = await import("./postgres.ts");
    return openPostgres({ ...options, databaseUrl: options.databaseUrl });
  }
  const { openEmbeddedDatabase } = await import("./embedded-database.ts");
  return openEmbeddedDatabase(options);
}

/** What it is and where, for a person; no secret. */
export function databaseLabel({ databaseUrl }: Pick<OpenOptions, "databaseUrl">): string {
  const url = databaseUrl === undefined ? undefined : URL.parse(databaseUrl);
  return url ? `PostgreSQL at ${url.host}${url.pathname}` : "embedded";
}
