/** PostgreSQL behind the Database interface: a pool that is thrown away in an outage and made anew after it. */
import { systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { StartError } from "../core/start-error.ts";
import { type Address, parseAddress } from "./address.ts";
import { createGuard } from "./guard.ts";
import type { Database, OpenOptions } from "./open.ts";
import { createPool, type Pool } from "./pool.ts";
import { explainStart } from "./start-advice.ts";
import { type Link, postgresTimes, startWatch, type Watch } from "./watch.ts";

const oldestMajor = 15;
/** What still runs when the server stops gets this long. */
const closeTimeoutMs = 2_000;
/** How long to wait, after an outage, for sessions of the lost pool to be gone. */
const ghostTimeoutMs = 500;

interface ProbeLink extends Link {
  readonly pool: Pool;
}

/** Throws StartError. */
export async function openPostgres(options: OpenOptions & { databaseUrl: string }): Promise<Database> {
  const address = parseAddress(options.databaseUrl);
  const { log, poolSize, statementTimeoutMs } = options;
  const newPool = () => createPool(address, { max: poolSize, statementTimeoutMs, log });
  const newLane = () => createPool(address, { max: 1, statementTimeoutMs, log });
  const newLink = () => probeLink(address, log);
  const first = { pool: newPool(), lane: newLane(), link: newLink() };
  try {
    await Promise.all([first.link.probe(), first.pool.sql.unsafe("select 1")]);
    requireVersion(first.link.pool.sql.parameters.server_version);
  } catch (error) {
    first.pool.destroy();
    first.lane.destroy();
    first.link.destroy();
    throw explainStart(error, address);
  }
  return watchedDatabase(first, { newPool, newLane, newLink, log, poolSize });
}

interface Makers {
  readonly newPool: () => Pool;
  readonly newLane: () => Pool;
  readonly newLink: () => ProbeLink;
  readonly log: Log | undefined;
  readonly poolSize: number;
}

interface Opened {
  readonly pool: Pool;
  readonly lane: Pool;
  readonly link: ProbeLink;
}

function watchedDatabase(first: Opened, { newPool, newLane, newLink, log, poolSize }: Makers): Database {
  let { pool, lane } = first;
  let link = first.link;
  let watch: Watch | undefined;
  const guard = createGuard({ alive: () => watch?.alive(), linkLost: () => watch?.suspect() });
  watch = startWatch({
    clock: systemClock,
    times: postgresTimes,
    link,
    relink: () => (link = newLink()),
    lost() {
      log?.warn("database lost");
      pool.destroy();
      lane.destroy();
      guard.down();
    },
    recover: () => endGhosts(link.pool, [pool.name, lane.name]),
    back(afterOutage) {
      if (afterOutage) {
        pool = newPool();
        lane = newLane();
        log?.info("database back");
      }
      guard.up();
    },
  });
  return {
    kind: "postgres",
    get sql() {
      return pool.sql;
    },
    get lane() {
      return lane.sql;
    },
    get orm() {
      return pool.orm;
    },
    get state() {
      return guard.state;
    },
    guard: guard.run,
    onUp: guard.onUp,
    onDown: guard.onDown,
    load() {
      const [shared, own] = [pool.sql.load(), lane.sql.load()];
      return {
        open: shared.open + own.open,
        used: shared.used + own.used,
        // What waits in the lane waits before its connection, and is shown there.
        waiting: shared.waiting,
        max: poolSize + 1,
      };
    },
    async close() {
      guard.close();
      watch.stop();
      await Promise.all([pool.end(closeTimeoutMs), lane.end(closeTimeoutMs)]);
    },
  };
}

function probeLink(address: Address, log: Log | undefined): ProbeLink {
  const pool = createPool(address, { max: 1, log });
  return { pool, probe: () => pool.sql.unsafe("select 1"), destroy: pool.destroy };
}

/**
 * Ends the sessions of the pools we have given up: a paused server would still carry out, and commit, what it was sent
 * before the pause, after everybody has read the log again.
 */
async function endGhosts(over: Pool, names: string[]): Promise<void> {
  const deadline = performance.now() + ghostTimeoutMs;
  let left = 1;
  while (left > 0 && performance.now() < deadline) {
    const [row] = await over.sql<{ left: number }[]>`
      select count(pg_terminate_backend(pid)) as left from pg_stat_activity where application_name = any(${names}::text[])`;
    left = row?.left ?? 0;
    if (left > 0) await Bun.sleep(10);
  }
}

function requireVersion(version: unknown): void {
  const major = Number.parseInt(String(version), 10);
  if (major >= oldestMajor) return;
  throw new StartError(
    `DATABASE_URL leads to PostgreSQL ${version}; Taskwire needs ${oldestMajor} or later`,
    `Upgrade that server, or leave DATABASE_URL away to use the embedded database.`,
  );
}
