/** The broker of this configuration, and the Redis it may stand on. */
import type { Config } from "../../core/config.ts";
import type { Log } from "../../core/log.ts";
import { createRedis, type Keyspace } from "../../core/redis.ts";
import { installationId } from "../../db/installation.ts";
import type { Database } from "../../db/open.ts";
import type { Broker } from "./broker.ts";
import { createMemoryBroker } from "./memory.ts";
import { createPostgresBroker, wakeNodes } from "./postgres.ts";
import { createRedisBroker, wakeNodesByRedis } from "./redis.ts";

type BrokerConfig = Pick<Config, "broker" | "redisUrl" | "databaseUrl">;

/** Where REDIS_URL is set: the installation's part of that Redis, not started. */
export async function openKeyspace(
  { redisUrl }: Pick<Config, "redisUrl">,
  database: Database,
  log?: Log,
): Promise<Keyspace | undefined> {
  if (redisUrl === undefined) return undefined;
  const redis = createRedis({ url: redisUrl, ...(log && { log }) });
  return { redis, url: redisUrl, prefix: `taskwire:${await installationId(database)}:` };
}

export function createBroker({ broker, databaseUrl }: BrokerConfig, keyspace: Keyspace | undefined, log: Log): Broker {
  if (broker === "redis" && keyspace) return createRedisBroker(keyspace);
  if (broker !== "postgres" || databaseUrl === undefined) return createMemoryBroker();
  const failed = (error: unknown) => log.warn({ err: error }, "nodes could not be told; the poll tells them");
  return createPostgresBroker({ databaseUrl, failed });
}

/** Tells the nodes, from a process that is none. Rejects where the database refuses; without Redis their poll tells them. */
export async function wakeAll(config: BrokerConfig, database: Database, wakes: ReadonlyMap<string, number>) {
  if (wakes.size === 0) return;
  if (config.broker === "postgres") return wakeNodes(database, wakes);
  const keyspace = config.broker === "redis" ? await openKeyspace(config, database) : undefined;
  if (!keyspace) return;
  await keyspace.redis.start();
  await wakeNodesByRedis(keyspace, wakes).catch(() => {});
  keyspace.redis.stop();
}
