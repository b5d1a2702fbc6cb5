/**
 * Which servers live on this database. Each holds a shared advisory lock on a connection of its own, so that PostgreSQL
 * itself forgets a server that was killed, the moment its connection ends. The embedded database has one server.
 */
import type { CancelTimer, Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { StartError } from "../core/start-error.ts";
import { parseAddress } from "./address.ts";
import type { Database } from "./open.ts";
import { createPool, type Pool, type Sql } from "./pool.ts";

export interface Servers {
  /** Counts from now on as one of them. Throws StartError where living servers have another secret. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServersOptions {
  readonly database: Database;
  /** Where it is, if it is PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Tells the server's secret from others and says nothing else of it. */
  readonly fingerprint: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Beside the lock of migrations ("Taskwire" on a telephone's keys): held by whoever lives, and by whoever looks who does. */
const livingSpace = 82_759_474;
const gateSpace = 82_759_475;
/** The lock is lost with its connection, as in a restart of PostgreSQL; so often it is looked for. */
const lookMs = 2_000;
const stopMs = 500;
/** Seconds. A machine that vanished says no goodbye: PostgreSQL asks for it, and forgets it after 20 s. */
const keepalive = { tcp_keepalives_idle: "5", tcp_keepalives_interval: "5", tcp_keepalives_count: "3" } as const;

export function createServers({ database, databaseUrl, fingerprint, clock, log }: ServersOptions): Servers {
  const said = (standing: Standing): void => {
    if (standing === "changed")
      log.warn({}, "AUTH_SECRET is not the one of before: its sessions, tokens and links in mails have ended");
  };
  if (databaseUrl === undefined) {
    return { start: async () => said(await stand(database.sql, fingerprint, false)), async stop() {} };
  }
  const address = parseAddress(databaseUrl);
  const parameters = { ...keepalive, ...address.parameters };
  let pool: Pool | undefined;
  let stopLooking: CancelTimer = () => {};
  let looking = false;

  /** Takes the lock again where it was lost. */
  const look = async ({ sql }: Pool): Promise<void> => {
    const [row] = await sql<{ held: number }[]>`select count(*)::int as held from pg_locks
      where locktype = 'advisory' and classid = ${livingSpace}::oid and pid = pg_backend_pid()`;
    if (row?.held) return;
    said(await stand(sql, fingerprint, true));
  };

  return {
    async start() {
      const own = createPool({ ...address, parameters }, { max: 1, log });
      pool = own;
      said(await stand(own.sql, fingerprint, true));
      stopLooking = clock.setInterval(() => {
        if (looking || database.state === "down") return;
        looking = true;
        look(own)
          .catch((error) => {
            if (error instanceof StartError) log.error({}, `${error.message}. ${error.advice}`);
            else log.debug({ err: error }, "the lock of living servers is still to be taken");
          })
          .finally(() => {
            looking = false;
          });
      }, lookMs);
    },
    async stop() {
      stopLooking();
      await pool?.end(stopMs);
    },
  };
}

type Standing = "same" | "changed";

/**
 * One at a time: compares the secret with the one that was noted, and, with `shared`, takes the lock of those who live until
 * the connection ends. Throws StartError.
 */
async function stand(sql: Sql, fingerprint: string, shared: boolean): Promise<Standing> {
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${gateSpace}::int, hashtext(current_schema()))`;
    const [noted] = await tx<{ fingerprint: string }[]>`
      select value #>> '{}' as fingerprint from meta where key = 'auth_secret'`;
    const same = noted === undefined || noted.fingerprint === fingerprint;
    if (!same && shared) {
      const [row] = await tx<{ alone: boolean }[]>`
        select pg_try_advisory_lock(${livingSpace}::int, hashtext(current_schema())) as alone`;
      if (!row?.alone) throw otherSecret();
      await tx`select pg_advisory_unlock(${livingSpace}::int, hashtext(current_schema()))`;
    }
    if (noted?.fingerprint !== fingerprint) {
      await tx`insert into meta (key, value) values ('auth_secret', to_json(${fingerprint}::text))
        on conflict (key) do update set value = excluded.value`;
    }
    // Of the session: it outlives this transaction.
    if (shared) await tx`select pg_advisory_lock_shared(${livingSpace}::int, hashtext(current_schema()))`;
    return same ? "same" : "changed";
  });
}

const otherSecret = (): StartError =>
  new StartError(
    "another server of this database has another AUTH_SECRET",
    "Give all of them the same one. To change it, stop all of them first: then everybody signs in again.",
  );

/** How many live on this PostgreSQL database; on the embedded one nobody else can. */
export async function countServers({ kind, sql }: Database): Promise<number> {
  if (kind === "embedded") return 0;
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_locks
    where locktype = 'advisory' and granted and classid = ${livingSpace}::oid
      and objid = (hashtext(current_schema())::bigint & 4294967295)::oid
      and database = (select oid from pg_database where datname = current_database())`;
  return row?.count ?? 0;
}
