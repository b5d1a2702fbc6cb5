/**
 * Taskwire's socket without the database behind its frames: everything a frame passes (limits, parsing, order, answer)
 * and the publishing of an ephemeral event are the real parts; only the write is left out.
 */

import { systemClock } from "../../src/core/clock.ts";
import { loadConfig } from "../../src/core/config.ts";
import { createLog } from "../../src/core/log.ts";
import { createMeter } from "../../src/core/meter.ts";
import { createOwnLimits } from "../../src/core/rate-limit.ts";
import { migrateUp } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import { createAuth } from "../../src/features/auth/service.ts";
import { createMemoryBroker } from "../../src/realtime/broker/memory.ts";
import { encodeEphemeral } from "../../src/realtime/log.ts";
import { createNode } from "../../src/realtime/node.ts";
import { createPresence } from "../../src/realtime/presence.ts";
import { socketIoPath } from "../../src/realtime/transport/socketio.ts";
import { createTransports, type SocketData } from "../../src/realtime/transport/transports.ts";
import { createTyping } from "../../src/realtime/typing.ts";

const config = loadConfig(process.env);
const log = createLog(config);
const clock = systemClock;
const meter = createMeter();
const database = await openDatabase({ ...config, poolSize: config.databasePoolSize, log });
await migrateUp(database);
const node = createNode({
  database,
  broker: createMemoryBroker(),
  clock,
  log,
  meter,
  publisher: { publish: (room, frame) => transport.publisher.publish(room, frame) },
  left() {},
  sessionEnded() {},
});
const { live, store, cast, peers, makeCache } = node;
const makeLimiter = createOwnLimits(clock);
const auth = await createAuth({ config, store, log, clock, makeLimiter, makeCache, origin: () => "http://127.0.0.1" });
const transport = createTransports({
  config,
  clock,
  log,
  meter,
  store,
  live,
  presence: createPresence({ clock, hub: live.hub, peers }),
  typing: createTyping({ clock, hub: live.hub, peers }),
  authenticator: auth.authenticator,
  version: "bench",
  originAllowed: () => true,
  handlers: {
    // Any frame with a text would do; this one's name says nothing here.
    async task_update({ connection }, { changes }) {
      const [room] = [...connection.rooms].filter((name) => name.startsWith("project:"));
      const at = new Date(clock.now()).toISOString();
      if (room) cast(room, encodeEphemeral("relayed", at, JSON.stringify({ d: changes.title }), room));
      return { task: JSON.parse("{}"), seq: 0 };
    },
  },
});
await node.start();
Bun.serve<SocketData>({
  hostname: "127.0.0.1",
  port: config.port,
  websocket: transport.handlers,
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/health/ready") return new Response("ok");
    return pathname === socketIoPath ? transport.socketIo(request, server) : transport.upgrade(request, server);
  },
});
