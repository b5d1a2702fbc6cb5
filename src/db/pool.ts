/** A pool of postgres.js with drizzle over it, and with sockets of our own so that it can be cut off at once. */
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { Log } from "../core/log.ts";
import type { Address } from "./address.ts";
import * as schema from "./schema.ts";
import { createSockets, type Sockets } from "./sockets.ts";
import { valueTypes } from "./values.ts";

export type Sql = ReturnType<typeof makeSql>;
export type Orm = PostgresJsDatabase<typeof schema>;

export interface Pool {
  readonly sql: Sql;
  readonly orm: Orm;
  /** The `application_name` of its connections, of no other pool anywhere. */
  readonly name: string;
  /** Rejects whatever runs on it and drops its connections, without waiting for the server. */
  destroy(): void;
  /** Lets what runs finish, for at most `timeoutMs`. */
  end(timeoutMs: number): Promise<void>;
}

export interface PoolOptions {
  readonly max: number;
  readonly statementTimeoutMs?: number | undefined;
  readonly log?: Log | undefined;
}

// A verb takes milliseconds; a statement that runs for ten seconds is lost, and holds locks that others wait for.
export const defaultStatementTimeoutMs = 10_000;
// A blocked room stalls its whole lane; whoever holds the lock that long is stuck itself.
const lockTimeoutMs = 2_000;
// A transaction waits for nothing but the next statement of ours; a longer pause means its owner is stuck or gone. A
// server cut off in the middle of one holds the room's lock for so long, and the others' writes to it.
const idleInTransactionTimeoutMs = 3_000;
// A reachable server answers in milliseconds; one whose packets vanish would be waited for half a minute.
const connectTimeoutS = 3;
// A server that restarts should be found again at once; each connection tries on its own.
const reconnectDelayS = 0.1;

/**
 * Plans are made once a connection, often when the tables are still empty, and kept. Every statement here has its index,
 * so a scan of a whole table is never wanted; compiling (JIT) costs more than any statement takes.
 */
const plannerSettings = { enable_seqscan: "off", jit: "off" } as const;

// Beyond the server's own deadline plus this, nobody is there any more: a stopped session, a path that swallows packets.
const silenceMarginMs = 2_000;

/** Options of postgres.js that both databases share. */
export const driverOptions = (log: Log | undefined) => ({
  types: valueTypes,
  fetch_types: false,
  prepare: true,
  backoff: () => reconnectDelayS,
  // A connection lives as long as it works: closing one by age while it is in use gains nothing here.
  max_lifetime: null,
  onnotice: (notice: postgres.Notice) => log?.debug({ notice: notice.message, code: notice.code }, "database notice"),
});

const makeSql = (options: postgres.Options<typeof valueTypes>) => postgres(options);

export const makeClient = (options: postgres.Options<typeof valueTypes>): { sql: Sql; orm: Orm } => {
  const sql = makeSql(options);
  // Drizzle changes the client's parsers (timestamps stay text), so every client gets it, also where nobody uses `orm`.
  return { sql, orm: drizzle(sql, { schema }) };
};

export function createPool(
  address: Address,
  { max, statementTimeoutMs = defaultStatementTimeoutMs, log }: PoolOptions,
): Pool {
  const name = `${address.applicationName} ${crypto.randomUUID().slice(0, 8)}`;
  const sockets = createSockets(address, silenceLimit(address, statementTimeoutMs));
  const options = { ...address.options, ...driverOptions(log), max, connect_timeout: connectTimeoutS };
  const connection = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    ...plannerSettings,
    ...address.parameters,
    application_name: name,
  };
  const client = makeClient(Object.assign({ ...options, connection }, { socket: sockets.open }));
  patience.set(client.sql, sockets);
  return {
    ...client,
    name,
    destroy() {
      // postgres.js rejects what waits and what runs in the next tick; a socket to a stopped server would stay for ever.
      void client.sql.end({ timeout: 0 }).finally(sockets.cut);
    },
    async end(timeoutMs) {
      // postgres.js waits out the timeout for a connection that broke in the middle of a statement.
      await Promise.race([client.sql.end({ timeout: timeoutMs / 1000 }), sockets.allClosed()]);
      sockets.cut();
    },
  };
}

/** How long the server may owe an answer; undefined where a statement may take any time. */
function silenceLimit({ parameters, options }: Address, statementTimeoutMs: number): number | undefined {
  const timeoutMs = Number(parameters.statement_timeout ?? statementTimeoutMs);
  // TLS takes the socket over: what comes in is not seen there.
  return timeoutMs > 0 && !options.ssl ? timeoutMs + silenceMarginMs : undefined;
}

const patience = new WeakMap<object, Sockets>();

/** For statements that set their own `statement_timeout`: until `work` settles, no silence of the server is too long. */
export async function withoutDeadline<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  const release = patience.get(sql)?.bePatient();
  try {
    return await work();
  } finally {
    release?.();
  }
}
