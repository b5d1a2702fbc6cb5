/** A pool of postgres.js with drizzle over it, and with sockets of our own so that it can be cut off at once. */
import { Socket } from "node:net";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { Log } from "../core/log.ts";
import type { Address } from "./address.ts";
import * as schema from "./schema.ts";
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
// A transaction waits for nothing but the next statement of ours; a longer pause means its owner is stuck or gone.
const idleInTransactionTimeoutMs = 10_000;
// A reachable server answers in milliseconds; one whose packets vanish would be waited for half a minute.
const connectTimeoutS = 3;
// A server that restarts should be found again at once; each connection tries on its own.
const reconnectDelayS = 0.1;

/**
 * Plans are made once a connection, often when the tables are still empty, and kept. Every statement here has its index,
 * so a scan of a whole table is never wanted; compiling (JIT) costs more than any statement takes.
 */
export const plannerSettings = { enable_seqscan: "off", jit: "off" } as const;

/** Options of postgres.js that both databases share. */
export const driverOptions = (log: Log | undefined) => ({
  types: valueTypes,
  fetch_types: false,
  prepare: true,
  backoff: () => reconnectDelayS,
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
  const sockets = new Set<Socket>();
  let destroyed = false;
  let allClosed: (() => void) | undefined;
  const socket = () => {
    const made = newSocket(address);
    sockets.add(made);
    made.once("close", () => {
      sockets.delete(made);
      if (sockets.size === 0) allClosed?.();
    });
    setImmediate(() => {
      // postgres.js may still carry out a reconnection it had planned before the pool was destroyed.
      if (destroyed) made.destroy();
      else if (address.path !== undefined) made.connect({ path: address.path });
      else made.setNoDelay(true).connect({ host: address.host, port: address.port });
    });
    return made;
  };
  const options = { ...address.options, ...driverOptions(log), max, connect_timeout: connectTimeoutS, socket };
  const connection = {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    ...plannerSettings,
    ...address.parameters,
    application_name: name,
  };
  const client = makeClient({ ...options, connection });
  const cut = () => {
    destroyed = true;
    for (const open of sockets) open.destroy();
  };
  return {
    ...client,
    name,
    destroy() {
      // postgres.js rejects what waits and what runs in the next tick; a socket to a stopped server would stay for ever.
      void client.sql.end({ timeout: 0 }).finally(cut);
    },
    async end(timeoutMs) {
      // postgres.js waits out the timeout for a connection that broke in the middle of a statement.
      const closed = new Promise<void>((resolve) => {
        if (sockets.size === 0) resolve();
        else allClosed = resolve;
      });
      await Promise.race([client.sql.end({ timeout: timeoutMs / 1000 }), closed]);
      cut();
    },
  };
}

/**
 * Not connected yet: postgres.js listens for errors only after it was handed the socket, and a missing socket file is
 * told at once. It names `host` and `port` in its errors and checks certificates against `host`.
 */
const newSocket = ({ host, port }: Address): Socket => Object.assign(new Socket(), { host, port });
