/**
 * Wakes over Redis' PUBLISH. One connection hears (it may do nothing else), the process's shared one speaks. Redis keeps
 * nothing for anybody: without it nodes hear of each other's events by the poll, later and never not at all.
 */
import { createRedis, type Keyspace } from "../../core/redis.ts";
import type { Broker } from "./broker.ts";
import { createTalk, wakePayloads } from "./talk.ts";

/** Redis would take far more; so much keeps one payload from delaying the others. */
const payloadBytes = 60_000;

/** `redis` speaks; whoever made it starts and stops it. */
export function createRedisBroker({ redis, url, prefix }: Keyspace): Broker {
  const channel = channelOf(prefix);
  // What could not be said is repaired by the poll; that Redis is down is told once, by the connection.
  const failed = (): void => {};
  const say = async (payloads: readonly string[]): Promise<void> => {
    for (const payload of payloads) await redis.send("PUBLISH", [channel, payload]);
  };
  const talk = createTalk({ payloadBytes, carriedBytes: payloadBytes, failed, say });
  const ears = createRedis({
    url,
    prepare: (client) => client.subscribe(channel, talk.hear),
    connected: talk.recovered,
    lost: talk.lost,
  });
  return {
    kind: "redis",
    async start(listener) {
      talk.start(listener);
      await ears.start();
      if (!ears.up()) talk.lost();
    },
    tell: talk.tell,
    cast: talk.cast,
    healthy: talk.healthy,
    connected: talk.connected,
    reconnects: ears.reconnects,
    async stop() {
      await talk.stop();
      ears.stop();
    },
  };
}

/** Wakes the nodes from a process that is none, such as a command. Rejects where Redis does not take it. */
export async function wakeNodesByRedis(
  { redis, prefix }: Pick<Keyspace, "redis" | "prefix">,
  wakes: ReadonlyMap<string, number>,
): Promise<void> {
  for (const payload of wakePayloads(wakes, payloadBytes)) await redis.send("PUBLISH", [channelOf(prefix), payload]);
}

const channelOf = (prefix: string): string => `${prefix}nodes`;
