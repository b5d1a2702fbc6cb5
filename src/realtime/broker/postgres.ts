/**
 * Wakes over PostgreSQL's NOTIFY, on connections of its own (inside the write's statement it would cost most of the
 * throughput).
 */
import { parseAddress } from "../../db/address.ts";
import type { Database } from "../../db/open.ts";
import { createPool } from "../../db/pool.ts";
import type { Broker } from "./broker.ts";
import { createTalk, wakePayloads } from "./talk.ts";

const channel = "taskwire";
/** NOTIFY carries 7,999 bytes. */
const payloadBytes = 7_500;
/** Events of one moment are told by one statement of several such: one commit, whose lock is the cluster's. */
const carriedBytes = 4 * payloadBytes;

export interface PostgresBrokerOptions {
  readonly databaseUrl: string;
  readonly failed: (error: unknown) => void;
}

/** Throws StartError where the address is none. */
export function createPostgresBroker({ databaseUrl, failed }: PostgresBrokerOptions): Broker {
  const address = parseAddress(databaseUrl);
  const name = `${address.applicationName} broker`;
  const open = () => createPool({ ...address, applicationName: name }, { max: 1 });
  let pool = open();
  let openedAtMs = performance.now();
  let stopReviving = (): void => {};
  const say = (payloads: readonly string[]) =>
    pool.sql.unsafe(notifySql(payloads.length), [channel, ...payloads], { prepare: true });
  const talk = createTalk({ payloadBytes, carriedBytes, failed, say });
  let listens = 0;
  return {
    kind: "postgres",
    async start(listener) {
      // Called again after each reconnection: what was said meanwhile is lost.
      const listening = (): void => {
        listens++;
        talk.recovered();
      };
      const revive = async (): Promise<void> => {
        if (talk.connected() || performance.now() - openedAtMs < deafMs) return;
        openedAtMs = performance.now();
        pool.destroy();
        pool = open();
        await pool.sql.listen(channel, talk.hear, listening).catch(failed);
      };
      talk.start(listener);
      await pool.sql.listen(channel, talk.hear, listening);
      const timer = setInterval(() => void revive(), reviveMs);
      stopReviving = () => clearInterval(timer);
    },
    tell: talk.tell,
    cast: talk.cast,
    healthy: talk.healthy,
    connected: talk.connected,
    reconnects: () => Math.max(0, listens - 1),
    async stop() {
      stopReviving();
      // A database that does not answer is not waited for.
      await Promise.race([talk.stop(), Bun.sleep(goodbyeMs)]);
      await pool.end(closeMs);
    },
  };
}

const goodbyeMs = 250;
const closeMs = 1_000;
/**
 * A line that swallows packets is not reported by anybody for a quarter of an hour: whoever does not hear itself (talk.ts) gets
 * a new one. One that was made just now has so long to be heard.
 */
const deafMs = 4_000;
const reviveMs = 500;

const notifySql = (count: number): string =>
  `select ${Array.from({ length: count }, (_, i) => `pg_notify($1::text, $${i + 2}::text)`).join(", ")}`;

/** Wakes the nodes from a process that is none, such as a command. Throws where the database refuses. */
export async function wakeNodes(database: Pick<Database, "sql">, wakes: ReadonlyMap<string, number>): Promise<void> {
  for (const payload of wakePayloads(wakes, payloadBytes)) await database.sql`select pg_notify(${channel}, ${payload})`;
}
