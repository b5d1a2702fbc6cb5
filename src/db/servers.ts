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
  /** Does another one live, as far as was seen two seconds ago at most? */
  others(): boolean;
  stop(): Promise<void>;
}

export interface ServersOptions {
  readonly database: Database;
  /** Where it is, if it is PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** Tells the server's secret from others and says nothing else of it. */
  readonly fingerprint: string;
  /** What wakes this server: the others must be woken by the same. */
  readonly broker: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Beside the lock of migrations ("Taskwire" on a telephone's keys): held by whoever lives, and by whoever looks who does. */
const livingSpace = 82_759_474;
const gateSpace = 82_759_475;
/** By what a server is woken. (82_759_476 is of mutations, in context.ts.) */
const brokerSpace = 82_759_477;
/** The locks are lost with their connection, as in a restart of PostgreSQL; so often they are looked for. */
const lookMs = 2_000;
const stopMs = 500;
/** Seconds. A machine that vanished says no goodbye: PostgreSQL asks for it, and forgets it after 20 s. */
const keepalive = { tcp_keepalives_idle: "5", tcp_keepalives_interval: "5", tcp_keepalives_count: "3" } as const;

export function createServers(options: ServersOptions): Servers {
  const { database, databaseUrl, fingerprint, broker, clock, log } = options;
  const said = (standing: Standing): void => {
    if (standing === "changed")
      log.warn({}, "AUTH_SECRET is not the one of before: its sessions, tokens and links in mails have ended");
  };
  if (databaseUrl === undefined) {
    return {
      start: async () => said(await stand(database.sql, fingerprint)),
      others: () => false,
      async stop() {},
    };
  }
  const address = parseAddress(databaseUrl);
  const parameters = { ...keepalive, ...address.parameters };
  let pool: Pool | undefined;
  let stopLooking: CancelTimer = () => {};
  let looking = false;
  let seen: Seen = { held: false, living: 1, alike: 1 };
  let mixedLooks = 0;

  /** Takes the locks again where they were lost, and sees who else has one. */
  const look = async ({ sql }: Pool): Promise<void> => {
    seen = await readLiving(sql, broker);
    if (!seen.held) {
      said(await stand(sql, fingerprint, broker));
      seen = await readLiving(sql, broker);
    }
    // Once may be one that begins or ends, between its two locks.
    mixedLooks = seen.living > seen.alike ? mixedLooks + 1 : 0;
    if (mixedLooks === 2)
      log.warn(
        { broker, servers: seen.living, alike: seen.alike },
        "another server of this database is woken in another way: people there hear late of what is done here. Give all servers the same BROKER and REDIS_URL",
      );
  };

  return {
    async start() {
      const own = createPool({ ...address, parameters }, { max: 1, log });
      pool = own;
      said(await stand(own.sql, fingerprint, broker));
      await look(own);
      stopLooking = clock.setInterval(() => {
        if (looking || database.state === "down") return;
        looking = true;
        look(own)
          .catch((error) => {
            if (error instanceof StartError) log.error({}, `${error.message}. ${error.advice}`);
            else log.debug({ err: error }, "the locks of living servers are still to be taken");
          })
          .finally(() => {
            looking = false;
          });
      }, lookMs);
    },
    others: () => seen.living > 1,
    async stop() {
      stopLooking();
      await pool?.end(stopMs);
    },
  };
}

type Standing = "same" | "changed";

/** How many live, and how many of them are woken as this one is; `held`: is this one of them? */
interface Seen {
  readonly held: boolean;
  readonly living: number;
  readonly alike: number;
}

async function readLiving(sql: Sql, broker: string): Promise<Seen> {
  const [row] = await sql<Seen[]>`
    select coalesce(bool_or(classid = ${livingSpace}::oid and pid = pg_backend_pid()), false) as held,
      count(*) filter (where classid = ${livingSpace}::oid)::int as living,
      count(*) filter (where classid = ${brokerSpace}::oid)::int as alike
    from pg_locks where locktype = 'advisory' and granted
      and database = (select oid from pg_database where datname = current_database())
      and (classid = ${livingSpace}::oid and objid = (hashtext(current_schema())::bigint & 4294967295)::oid
        or classid = ${brokerSpace}::oid
          and objid = (hashtext(current_schema() || ' ' || ${broker}::text)::bigint & 4294967295)::oid)`;
  if (!row) throw new Error("a count is always answered");
  return row;
}

/**
 * One at a time: compares the secret with the one that was noted, and, with a `broker`, takes the locks of those who live
 * until the connection ends. Throws StartError.
 */
async function stand(sql: Sql, fingerprint: string, broker?: string): Promise<Standing> {
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${gateSpace}::int, hashtext(current_schema()))`;
    const noted = await readFingerprint(tx);
    const same = noted === undefined || noted === fingerprint;
    if (!same && broker !== undefined) {
      const [row] = await tx<{ alone: boolean }[]>`
        select pg_try_advisory_lock(${livingSpace}::int, hashtext(current_schema())) as alone`;
      if (!row?.alone) throw otherSecret();
      await tx`select pg_advisory_unlock(${livingSpace}::int, hashtext(current_schema()))`;
    }
    if (noted !== fingerprint) {
      await tx`insert into meta (key, value) values ('auth_secret', to_json(${fingerprint}::text))
        on conflict (key) do update set value = excluded.value`;
    }
    // Of the session: they outlive this transaction.
    if (broker !== undefined)
      await tx`select pg_advisory_lock_shared(${livingSpace}::int, hashtext(current_schema())),
        pg_advisory_lock_shared(${brokerSpace}::int, hashtext(current_schema() || ' ' || ${broker}::text))`;
    return same ? "same" : "changed";
  });
}

/** Of the secret that the servers of this database have; undefined where none was started yet. */
export async function readFingerprint(sql: Pick<Sql, "unsafe">): Promise<string | undefined> {
  const [noted] = await sql.unsafe<{ fingerprint: string }[]>(
    "select value #>> '{}' as fingerprint from meta where key = 'auth_secret'",
  );
  return noted?.fingerprint;
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
