/** The embedded database behind the Database interface: one connection, an engine that is started anew when it dies. */
import { systemClock } from "../core/clock.ts";
import { openEmbedded } from "./embedded.ts";
import { createGuard } from "./guard.ts";
import type { Database, OpenOptions } from "./open.ts";
import { driverOptions, makeClient, statementTimeoutMs } from "./pool.ts";
import { startWatch, type Watch } from "./watch.ts";

const closeTimeoutMs = 2_000;
/** Asked only when a call lost its link: the engine has its own watchdog, and a long statement is no outage here. */
const times = { intervalMs: 2 ** 31 - 1, silenceMs: Number.POSITIVE_INFINITY, retryMs: 50 };

/** Throws StartError. */
export async function openEmbeddedDatabase({ dataDir, log }: OpenOptions): Promise<Database> {
  const engine = await openEmbedded({ dataDir, statementTimeoutMs, log });
  const client = makeClient({ ...engine.options, ...driverOptions(log), max: 1 });
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
    orm: client.orm,
    get state() {
      return guard.state;
    },
    guard: guard.run,
    onUp: guard.onUp,
    onDown: guard.onDown,
    async close() {
      guard.close();
      watch.stop();
      await client.sql.end({ timeout: closeTimeoutMs / 1000 });
      await engine.close();
    },
  };
}
