/** The embedded database behind the Database interface: one connection, an engine that is started anew when it dies. */
import { Duplex } from "node:stream";
import { systemClock } from "../core/clock.ts";
import { openEmbedded } from "./embedded.ts";
import { createGuard } from "./guard.ts";
import type { Database, OpenOptions } from "./open.ts";
import { defaultStatementTimeoutMs, driverOptions, makeClient } from "./pool.ts";
import { startWatch, type Watch } from "./watch.ts";

const closeTimeoutMs = 2_000;
/** Asked only when a call lost its link: the engine has its own watchdog, and a long statement is no outage here. */
const times = { intervalMs: 2 ** 31 - 1, silenceMs: Number.POSITIVE_INFINITY, retryMs: 50 };

/** Throws StartError. */
export async function openEmbeddedDatabase(options: OpenOptions): Promise<Database> {
  const { dataDir, statementTimeoutMs = defaultStatementTimeoutMs, log } = options;
  const engine = await openEmbedded({ dataDir, statementTimeoutMs, log });
  const socket = orBroken(engine.options.socket);
  const client = makeClient(Object.assign({ ...engine.options, ...driverOptions(log) }, { socket }));
  const link = { probe: () => client.sql.unsafe("select 1"), destroy() {} };
  let watch: Watch | undefined;
  const guard = createGuard({
    alive() {},
    linkLost() {
      if (guard.state === "down") return;
      // There is one connection: when it is lost, so is everything that was asked over it.
      log?.warn("database lost");
      guard.down();
      watch?.suspect();
    },
  });
  watch = startWatch({
    clock: systemClock,
    times,
    link,
    relink: () => link,
    lost() {},
    recover: () => Promise.resolve(),
    back() {
      if (guard.state === "down") log?.info("database back");
      guard.up();
    },
  });
  return {
    kind: "embedded",
    sql: client.sql,
    lane: client.sql,
    orm: client.orm,
    get state() {
      return guard.state;
    },
    guard: guard.run,
    onUp: guard.onUp,
    onDown: guard.onDown,
    load: () => ({ ...client.sql.load(), max: 1 }),
    async close() {
      guard.close();
      watch.stop();
      await client.sql.end({ timeout: closeTimeoutMs / 1000 });
      await engine.close();
    },
  };
}

/**
 * A socket that cannot be had becomes one that breaks at once: where the promise rejects, postgres.js never tries that
 * connection again, and a full disk that has room again would need a restart.
 */
export const orBroken =
  <Made>(make: () => Promise<Made>) =>
  (): Promise<Made | Duplex> =>
    make().catch((error: Error) => {
      const broken = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      setImmediate(() => broken.destroy(error)); // after postgres.js listens
      return broken;
    });
