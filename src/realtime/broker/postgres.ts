/**
 * Wakes over PostgreSQL's NOTIFY, on connections of its own (inside the write's statement it would cost most of the
 * throughput).
 */
import postgres from "postgres";
import type { Database } from "../../db/open.ts";
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

export function createPostgresBroker({ databaseUrl, failed }: PostgresBrokerOptions): Broker {
  const sql = postgres(databaseUrl, {
    max: 1,
    idle_timeout: 0,
    connect_timeout: 5,
    backoff: () => 0.25,
    onnotice: () => {},
    connection: { application_name: "taskwire broker" },
  });
  const say = (payloads: readonly string[]) =>
    sql.unsafe(notifySql(payloads.length), [channel, ...payloads], { prepare: true });
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
      talk.start(listener);
      await sql.listen(channel, talk.hear, listening);
    },
    tell: talk.tell,
    cast: talk.cast,
    healthy: talk.healthy,
    connected: talk.connected,
    reconnects: () => Math.max(0, listens - 1),
    async stop() {
      // A database that does not answer is not waited for.
      await Promise.race([talk.stop(), Bun.sleep(goodbyeMs)]);
      await sql.end({ timeout: 1 });
    },
  };
}

const goodbyeMs = 250;

const notifySql = (count: number): string =>
  `select ${Array.from({ length: count }, (_, i) => `pg_notify($1::text, $${i + 2}::text)`).join(", ")}`;

/** Wakes the nodes from a process that is none, such as a command. Throws where the database refuses. */
export async function wakeNodes(database: Pick<Database, "sql">, wakes: ReadonlyMap<string, number>): Promise<void> {
  for (const payload of wakePayloads(wakes, payloadBytes)) await database.sql`select pg_notify(${channel}, ${payload})`;
}
