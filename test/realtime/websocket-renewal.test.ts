import { afterAll, beforeAll, expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock.ts";
import { loadConfig } from "../../src/core/config.ts";
import { createMeter } from "../../src/core/meter.ts";
import type { Actor } from "../../src/db/context.ts";
import { createMemoryBroker } from "../../src/realtime/broker/memory.ts";
import { createNode, type Node } from "../../src/realtime/node.ts";
import { createPresence } from "../../src/realtime/presence.ts";
import type { Identity } from "../../src/realtime/transport/authenticator.ts";
import { createTransports, type SocketData, type Transports } from "../../src/realtime/transport/transports.ts";
import { createTyping } from "../../src/realtime/typing.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeProject, silent } from "../support/nodes.ts";
import { openWire } from "../support/wire.ts";

let db: TestDatabase;
let node: Node;
let transport: Transports;
let server: Bun.Server<SocketData>;
const clock = systemClock;
const meter = createMeter();
/** Looking at a token takes as long as the test wants. */
const looks: { token: string; found: (identity: Identity | undefined) => void }[] = [];
let looked = Promise.withResolvers<void>();

beforeAll(async () => {
  const [kind] = databases;
  if (!kind) throw new Error("there is always the embedded database");
  db = await kind.open();
  node = createNode({
    database: db.database,
    broker: createMemoryBroker(),
    clock,
    log: silent,
    meter,
    publisher: { publish: (room, frame) => transport.publisher.publish(room, frame) },
    left() {},
    sessionEnded: (userId, sessionId) => transport.sessionEnded(userId, sessionId),
  });
  transport = createTransports({
    config: loadConfig({ MODE: "test" }),
    clock,
    log: silent,
    meter,
    store: node.store,
    live: node.live,
    presence: createPresence({ clock, hub: node.live.hub, peers: node.peers }),
    typing: createTyping({ clock, hub: node.live.hub, peers: node.peers }),
    handlers: {},
    originAllowed: () => true,
    version: "test",
    authenticator: {
      fromCookie: async () => undefined,
      fromToken: (token) =>
        new Promise((found) => {
          looks.push({ token, found });
          looked.resolve();
        }),
    },
  });
  server = Bun.serve<SocketData>({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, self) => transport.upgrade(request, self),
    websocket: transport.handlers,
  });
});
afterAll(async () => {
  await transport.drain();
  await server.stop(true);
  await node.stop();
  await db.close();
});

async function find(identity: Identity): Promise<void> {
  await looked.promise;
  looked = Promise.withResolvers();
  looks.shift()?.found(identity);
}

test("[S10] a sign-in that ends while its token is being looked at is not taken over by a renewal", async () => {
  const ana: Actor = makeActor("Ana");
  await makeProject(db.database, [ana], 0);
  const wire = await openWire(server.url.origin);
  wire.send({ id: 1, event: "authenticate", data: { token: "first" } });
  await find({ actor: ana, expiresAtMs: null });
  await wire.take((frame) => frame.id === 1);
  const sessionId = Bun.randomUUIDv7();
  wire.send({ id: 2, event: "authenticate", data: { token: "second" } });
  await looked.promise;
  transport.sessionEnded(ana.id, sessionId);
  await find({ actor: { ...ana, sessionId }, expiresAtMs: null });
  expect(await wire.take((frame) => frame.id === 2)).toMatchObject({ ok: false, error: { code: "unauthenticated" } });
  expect(await wire.closed).toMatchObject({ code: 4401 });
});

test("[S4] a person's room that cannot be joined closes the socket, and it may come back", async () => {
  const ana: Actor = makeActor("Ana");
  await makeProject(db.database, [ana], 0);
  await db.database.sql`alter table rooms rename to rooms_away`;
  const wire = await openWire(server.url.origin);
  wire.send({ id: 1, event: "authenticate", data: { token: "first" } });
  await find({ actor: ana, expiresAtMs: null });
  const answer = await wire.take((frame) => frame.id === 1);
  await db.database.sql`alter table rooms_away rename to rooms`;
  expect(answer).toMatchObject({ ok: false, error: { code: "internal" } });
  expect(await wire.closed).toMatchObject({ code: 1012 });
  expect([...node.live.hub.connectionsOf(ana.id)]).toEqual([]);
});
