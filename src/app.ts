/** The composition root: every part is made here, in order, and handed to those above it. */
import type { Server } from "bun";
import { type Clock, systemClock } from "./core/clock.ts";
import type { Config } from "./core/config.ts";
import type { Role } from "./core/config-values.ts";
import { createLifecycle, type Lifecycle } from "./core/lifecycle.ts";
import { listenerUrl } from "./core/local-url.ts";
import { createLog, type Log } from "./core/log.ts";
import { watchLoopDelay } from "./core/loop-delay.ts";
import { createMeter } from "./core/meter.ts";
import type { Sources } from "./core/metric.ts";
import { createOwnLimits, type MakeLimiter } from "./core/rate-limit.ts";
import { version } from "./core/version.ts";
import type { Store } from "./db/context.ts";
import { migrateUp } from "./db/migrate.ts";
import type { Migration } from "./db/migration-files.ts";
import { type Database, databaseLabel, openDatabase } from "./db/open.ts";
import { createServers } from "./db/servers.ts";
import { createConnections } from "./features/admin/connections.ts";
import { type ApiDeps, createApi } from "./features/api.ts";
import type { Administration } from "./features/auth/administration.ts";
import { createAuth } from "./features/auth/service.ts";
import { type BackgroundOptions, createBackground } from "./features/background/service.ts";
import { commentFrames } from "./features/comments/frames.ts";
import { unsubscribePath } from "./features/mail/unsubscribe.ts";
import { answerUnsubscribe } from "./features/mail/unsubscribe-page.ts";
import { createConnectionFigures } from "./features/metrics/service.ts";
import { createReadWorkload } from "./features/metrics/workload.ts";
import { notificationFrames } from "./features/notifications/frames.ts";
import { taskFrames } from "./features/tasks/frames.ts";
import { createAssets } from "./http/assets.ts";
import { requireDocumented } from "./http/documented.ts";
import { requestIdHeader } from "./http/headers.ts";
import type { Health } from "./http/health.ts";
import type { HttpKit } from "./http/kit.ts";
import { createOperations } from "./http/operations.ts";
import { originAllowed } from "./http/origin.ts";
import { createReference } from "./http/reference.ts";
import { createRequestLimit } from "./http/request-limit.ts";
import { takeRoute } from "./http/route-taken.ts";
import { tlsOf } from "./http/tls.ts";
import { createFetch, type RequestContext } from "./http/wrap.ts";
import { AppError } from "./protocol/errors.ts";
import type { Broker } from "./realtime/broker/broker.ts";
import { createBroker, openKeyspace } from "./realtime/broker/open.ts";
import { roomSizes } from "./realtime/hub.ts";
import type { LiveCtx } from "./realtime/live.ts";
import { createMessenger } from "./realtime/messenger.ts";
import { createNode, type Node } from "./realtime/node.ts";
import { createPresence } from "./realtime/presence.ts";
import { socketIoPath } from "./realtime/transport/socketio.ts";
import { createTransports, type SocketData, type Transports } from "./realtime/transport/transports.ts";
import { createTyping } from "./realtime/typing.ts";
import { assetPath, createPage, isExecutable, loadPage } from "./web/assets.ts";
import { changesPath, createChanges } from "./web/changes.ts";

export interface App {
  /** Resolves when requests are taken. Throws StartError, or the listener's own error (a port in use). */
  start(): Promise<Started>;
  /** Refuses new work, lets what runs finish, closes sockets with 1012, closes the database. */
  stop(): Promise<void>;
}

export interface Started {
  /** `http://HOST:PORT` of the listener. */
  readonly url: string;
  /** Where the first account is made, while there is none and sign-up is by invitation. */
  readonly setupUrl: string | undefined;
  readonly databaseLabel: string;
  /** Where it is, and whether it answers; undefined without REDIS_URL. */
  readonly redisLabel: string | undefined;
  readonly database: Database;
  /** For the operator's commands. */
  readonly store: Store;
  readonly administration: Administration;
}

export interface Overrides extends Pick<BackgroundOptions, "pace"> {
  readonly log?: Log;
  readonly clock?: Clock;
  readonly broker?: Broker;
  /** Instead of the configuration's, and on any database: who takes a role away does without what it does. */
  readonly roles?: readonly Role[];
  /** Instead of this build's: for one that is a release ahead of it. */
  readonly ahead?: { readonly migrations: readonly Migration[]; readonly protocolVersion: number };
}

const stopDeadlineMs = 4_500;
const warmAfterMs = 1_000;
/**
 * Bodies beyond this are cut off by the listener, with a bare 413. Far above what routes take (1 MiB), so that whoever is
 * moderately wrong gets a problem that says so.
 */
const bodyMaxBytes = 64 * 1024 * 1024;
/** Longest silence on an HTTP connection; Bun's maximum. */
const idleTimeoutSeconds = 255;

export function createApp(config: Config, overrides: Overrides = {}): App {
  const log = overrides.log ?? createLog(config);
  const clock = overrides.clock ?? systemClock;
  let lifecycle: Lifecycle | undefined;
  return {
    async start() {
      const database = await openDatabase({ ...config, poolSize: config.databasePoolSize, log });
      const running = await assemble(config, database, log, clock, overrides).catch(async (error) => {
        await database.close();
        throw error;
      });
      lifecycle = running.lifecycle;
      await lifecycle.start();
      return {
        url: running.url(),
        setupUrl: config.roles.includes("web") ? await running.auth.setupUrl() : undefined,
        databaseLabel: databaseLabel(config),
        redisLabel: running.redisLabel(),
        database,
        store: running.store,
        administration: running.auth.administration,
      };
    },
    async stop() {
      await lifecycle?.stop();
    },
  };
}

async function assemble(config: Config, database: Database, log: Log, clock: Clock, overrides: Overrides) {
  await migrateUp(database, overrides.ahead?.migrations, {
    ahead: (release) =>
      log.warn({ release }, "the next release was here before; this one works beside it until it is replaced"),
  });
  const { broker: given, roles = config.roles, pace } = overrides;
  const keyspace = await openKeyspace(config, database, log);
  const broker = given ?? createBroker(config, keyspace, log);
  const meter = createMeter();
  const makeLimiter = keyspace
    ? (await import("./core/shared-limits.ts")).createSharedLimits({ keyspace, clock, meter })
    : createOwnLimits(clock);
  const node: Node = createNode({
    others: () => servers.others(),
    database,
    broker,
    clock,
    log,
    meter,
    runsJobs: roles.includes("jobs"),
    publisher: { publish: (room, frame) => transport.publisher.publish(room, frame) },
    left(connection, room) {
      presence.left(connection, room);
      typing.left(connection, room);
    },
    sessionEnded: (userId, sessionId) => transport.sessionEnded(userId, sessionId),
    personChanged: (userId) => auth.personChanged(userId),
    committed: (events) => background.committed(events),
    grown: (...word) => background.grown(...word),
    recovered: () => background.recovered(),
  });
  const { live, store, peers, makeCache } = node;
  const presence = createPresence({ clock, hub: live.hub, peers });
  const typing = createTyping({ clock, hub: live.hub, peers });
  const url = (): string => listenerUrl({ ...config, port: server?.port ?? config.port });
  const origin = (): string => config.publicUrl ?? url();
  const shared = { config, store, clock, log, meter };
  const auth = await createAuth({ ...shared, makeLimiter, makeCache, origin, tellPersonChanged: node.personChanged });
  const transport = createTransports({
    ...shared,
    live,
    presence,
    typing,
    version,
    protocolVersion: overrides.ahead?.protocolVersion,
    authenticator: auth.authenticator,
    handlers: { ...taskFrames, ...commentFrames, ...notificationFrames },
    originAllowed: (request) => originAllowed(request, config),
  });
  const others = { peers, connected: broker.connected };
  const background = createBackground({ ...shared, roles, linkKey: auth.linkKey, origin, pace, others });
  const messenger = createMessenger({ connections: transport.all, peers });
  let phase: Health["phase"] = "starting";
  const health = (): Health => ({
    version,
    node: peers.id,
    phase,
    parts: { database: database.state === "up" },
    helpers: {
      ...(broker.kind !== "memory" && { broker: broker.connected() }),
      ...(keyspace && { redis: keyspace.redis.up() }),
    },
  });
  const sources: Sources = {
    meter,
    version,
    database: database.kind,
    connections: transport.count,
    transports: transport.counts,
    people: () => roomSizes(live.hub, "user").size,
    projects: () => roomSizes(live.hub, "project"),
    databaseUp: () => database.state === "up",
    broker: () => ({ kind: broker.kind, up: broker.connected(), reconnects: broker.reconnects() }),
    redis: () => keyspace && { up: keyspace.redis.up(), reconnects: keyspace.redis.reconnects() },
    pool: () => database.load(),
    workload: createReadWorkload(database, background.kinds),
  };
  const connections = createConnections(config, transport.connections, peers);
  const figures = createConnectionFigures(sources, () => roomSizes(live.hub, "user").keys(), peers);
  const operations = createOperations({ health, metricsToken: config.metricsToken, sources });
  const servers = createServers({
    ...config,
    database,
    fingerprint: auth.secretFingerprint,
    broker: broker.kind,
    clock: systemClock,
    log,
  });
  const web = roles.includes("web")
    ? createAnswer({
        config,
        makeLimiter,
        log,
        clock,
        auth,
        node,
        transport,
        background,
        messenger,
        connections,
        figures,
      })
    : nothing;
  let server: Server<SocketData> | undefined;
  let stopWarming = (): void => {};
  let stopWatching = (): void => {};
  const warm = (): void => void auth.warm().catch((error) => log.error({ err: error }, "accounts failed to load"));

  const lifecycle = createLifecycle(
    [
      { name: "database", stop: () => database.close() },
      { name: "servers", start: () => servers.start(), stop: () => servers.stop() },
      { name: "redis", start: () => keyspace?.redis.start(), stop: () => keyspace?.redis.stop() },
      { name: "node", start: () => node.start(), stop: () => node.stop() },
      ...background.parts,
      { name: "presence", stop: () => presence.stop() },
      { name: "typing", stop: () => typing.stop() },
      { name: "sockets", stop: () => transport.drain() },
      {
        name: "listener",
        start() {
          server = Bun.serve<SocketData>({
            hostname: config.host,
            port: config.port,
            ...tlsOf(config),
            reusePort: false,
            idleTimeout: idleTimeoutSeconds,
            maxRequestBodySize: bodyMaxBytes,
            fetch: createFetch(
              { config, log, meter },
              (request, at, listener: Server<SocketData>) => operations(request, at) ?? web(request, at, listener),
            ),
            websocket: transport.handlers,
          });
          phase = "ready";
          if (broker.kind !== "memory") log.info({ node: peers.id }, "started"); // others name it by this id
        },
        async stop() {
          phase = "draining";
          // Not awaited: it resolves when the last socket is closed, which `sockets` does next.
          void server?.stop(false);
        },
      },
      {
        name: "metrics",
        start() {
          stopWatching = watchLoopDelay(meter);
        },
        stop: () => stopWatching(),
      },
      {
        name: "accounts",
        // Loading them takes a while of the event loop: not while the first requests (a health check) come in.
        start() {
          if (roles.includes("web")) stopWarming = clock.setTimeout(warm, warmAfterMs);
        },
        stop: () => stopWarming(),
      },
    ],
    { log, clock: systemClock, stopDeadlineMs },
  );
  const redisLabel = () => keyspace && `${keyspace.redis.label}${keyspace.redis.up() ? "" : " (does not answer)"}`;
  return { lifecycle, auth, store, url, redisLabel };
}

interface AnswerDeps extends ApiDeps {
  readonly config: Config;
  readonly makeLimiter: MakeLimiter;
  readonly transport: Transports;
}

/** Of a process that serves no people. */
function nothing(): never {
  throw new AppError("not_found", "this process runs jobs alone; others answer requests");
}

function createAnswer(deps: AnswerDeps) {
  const { config, auth, node, transport } = deps;
  const { live, store } = node;
  const countRequest = createRequestLimit(config, deps.makeLimiter);
  const kit: HttpKit = {
    answered: config.mode === "test" ? requireDocumented : undefined,
    async ctx(request): Promise<LiveCtx> {
      const actor = await auth.resolveActor(request);
      const counted = countRequest(actor.id);
      if (counted) await counted;
      return { store, live, actor, requestId: request.headers.get(requestIdHeader) ?? "" };
    },
  };
  const api = createApi(kit, deps);
  const page = createPage(config.mode, () => loadPage(config.mode).then(createAssets));
  const reference = createReference(isExecutable());
  const changes = config.mode === "development" && !isExecutable() ? createChanges() : undefined;
  return async (
    request: Request,
    { url, requestId }: RequestContext,
    server: Server<SocketData>,
  ): Promise<Response | undefined> => {
    const { pathname } = url;
    if (pathname === "/ws" && config.webSocketEnabled) {
      takeRoute(request, pathname);
      return transport.upgrade(request, server);
    }
    if (pathname === socketIoPath && config.webSocketEnabled) {
      takeRoute(request, pathname);
      return transport.socketIo(request, server);
    }
    if (pathname === unsubscribePath) {
      takeRoute(request, pathname);
      const { links } = deps.background;
      return store.database.guard(() => answerUnsubscribe(request, { store, links }, requestId));
    }
    if (pathname.startsWith("/api/")) return store.database.guard(() => Promise.resolve(api.fetch(request)));
    if (pathname === changesPath && changes) return changes.respond();
    const path = assetPath(pathname);
    const file =
      (await reference(request, pathname)) ??
      (await (await page(path)).respond(request, path)) ??
      (await (await page(path)).respondMissing(request, "/"));
    if (file) {
      takeRoute(request, "page");
      return file;
    }
    throw new AppError("not_found", "there is nothing at this path");
  };
}
