/** Three nodes as processes behind nginx (docs/deploy/nginx-nodes.conf) on one PostgreSQL, with links that can be cut. */
import { readFileSync } from "node:fs";
import type { LoadServer } from "./load.ts";
import { type NetworkLink, startNetwork } from "./network.ts";
import { findNginx, nodesSite, startNginx } from "./nginx.ts";
import { hasRedis, startRedis, type TestRedis } from "./redis.ts";
import { pathOf } from "./repository.ts";
import { type ServerProcess, startServer } from "./server.ts";
import { freePort, startPostgres, type TestPostgres } from "./services.ts";

export interface ClusterNode {
  readonly server: ServerProcess;
  /** From nginx to the node. */
  readonly front: NetworkLink;
  /** From the node to PostgreSQL. */
  readonly database: NetworkLink;
  /** From the node to Redis, where there is one. */
  readonly redis: NetworkLink | undefined;
}

/** As a load sees it, it is one server: nginx. */
export interface Cluster extends LoadServer {
  readonly nodes: readonly ClusterNode[];
  readonly postgres: TestPostgres;
  readonly redis: TestRedis | undefined;
  stop(): Promise<void>;
}

export type ClusterBroker = "postgres" | "redis";

const nodeCount = 3;
/** Seconds: whoever is cut off is noticed within a test. */
const heartbeat = { WEBSOCKET_PING_INTERVAL: "2", WEBSOCKET_PING_TIMEOUT: "6" } as const;

/** Starts it all; undefined (and said so) where a program is not installed. */
export async function startCluster(broker: ClusterBroker): Promise<Cluster | undefined> {
  const nginxProgram = findNginx();
  if (nginxProgram === undefined || (broker === "redis" && !hasRedis())) return undefined;
  const postgres = await startPostgres({ fsync: true });
  if (!postgres) return undefined;
  const redis = broker === "redis" ? await startRedis() : undefined;
  const network = await startNetwork();
  const databaseUrl = new URL(await postgres.createDatabase());
  const startNode = async (): Promise<ClusterNode> => {
    const database = await network.open(postgres.port);
    const url = new URL(databaseUrl);
    url.port = String(database.port);
    const toRedis = redis && (await network.open(redis.port));
    const REDIS_URL = toRedis && `redis://127.0.0.1:${toRedis.port}`;
    const env = { BROKER: broker, REDIS_URL, TRUSTED_PROXIES: "127.0.0.1", ...heartbeat };
    const server = await startServer({ databaseUrl: url.href, env });
    return { server, database, redis: toRedis, front: await network.open(Number(new URL(server.url).port)) };
  };
  // The first one makes the tables; the others need not wait for its lock.
  const nodes = [await startNode(), ...(await Promise.all(Array.from({ length: nodeCount - 1 }, startNode)))];
  const ports = { http: freePort(), redirect: freePort() };
  const fronts = nodes.map(({ front }) => front.port);
  const site = nodesSite(readFileSync(pathOf("docs/deploy/nginx-nodes.conf"), "utf8"), ports, fronts);
  const nginx = await startNginx(nginxProgram, site, ports.http);
  const [first] = nodes;
  return {
    url: `http://127.0.0.1:${ports.http}`,
    token: (person) => first?.server.token(person) ?? Promise.reject(new Error("a cluster has nodes")),
    output: () => nodes.map(({ server }) => server.output()).join("\n"),
    nodes,
    postgres,
    redis,
    async stop() {
      await nginx.stop();
      await Promise.all(nodes.map(({ server }) => server.close()));
      await network.stop();
      await redis?.stop();
      await postgres.stop();
    },
  };
}
