import { afterAll, beforeAll, expect, test } from "bun:test";
import { createMeter } from "../../src/core/meter.ts";
import type { CommittedEvent } from "../../src/db/context.ts";
import { projectRoom } from "../../src/protocol/rooms.ts";
import { createHub, type Hub } from "../../src/realtime/hub.ts";
import { createRelay, type Relay } from "../../src/realtime/relay.ts";
import { Socket } from "../../src/realtime/transport/socket.ts";
import { makeActor } from "../support/nodes.ts";
import { openWire, type Wire } from "../support/wire.ts";

const room = projectRoom(Bun.randomUUIDv7());
let server: Bun.Server<Socket>;
let hub: Hub;
let relay: Relay;
let opened: (socket: Socket) => void;

beforeAll(() => {
  server = Bun.serve<Socket>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, self) {
      const identity = { actor: makeActor("Ana"), expiresAtMs: null };
      self.upgrade(request, { data: new Socket(identity, undefined) });
    },
    websocket: {
      open(ws) {
        ws.data.ws = ws;
        opened(ws.data);
      },
      message() {},
    },
  });
  hub = createHub(
    { publish: (name, frame) => void server.publish(name, frame) },
    {
      meter: createMeter(),
      roomOpened: (name) => relay.follow(name),
      roomClosed: (name) => relay.release(name),
      left() {},
    },
  );
  relay = createRelay({
    read: async () => undefined,
    moved: async () => [],
    before() {},
    publish: (event) => hub.publish(event.room, JSON.stringify({ event: event.event, seq: event.seq })),
    restarted() {},
    failed() {},
  });
});
afterAll(() => server.stop(true));

async function connect(): Promise<{ socket: Socket; wire: Wire }> {
  const { promise, resolve } = Promise.withResolvers<Socket>();
  opened = resolve;
  const wire = await openWire(server.url.origin);
  return { wire, socket: await promise };
}

const eventAt = (seq: number): CommittedEvent => ({
  room,
  roomId: room.slice(8),
  seq,
  event: "task_updated",
  at: "2026-11-21T10:00:00.000Z",
  actor: null,
  mutationId: null,
  data: "{}",
});

test("[S5] what is published between the tick that subscribes and the one that answers comes behind the answer", async () => {
  const { socket, wire } = await connect();
  await socket.hold(async () => {
    hub.join(socket, room);
    relay.start(room, 4, "e");
    relay.committed([eventAt(5)]);
    return { seq: 4 };
  });
  relay.committed([eventAt(6)]);
  socket.sendLater('{"id":1,"ok":true,"data":{"seq":4}}');
  socket.goLive(relay);
  relay.committed([eventAt(7)]);
  await wire.take((frame) => frame.seq === 7);
  expect(wire.frames.map((frame) => frame.id ?? frame.seq)).toEqual([1, 5, 6, 7]);
  hub.leave(socket, room);
  wire.destroy();
});

test("[S10] whoever is evicted while its join is being answered hears nothing", async () => {
  const { socket, wire } = await connect();
  await socket.hold(async () => {
    hub.join(socket, room);
    relay.start(room, 7, "e");
    return { seq: 7 };
  });
  hub.evict(room, socket.actor.id);
  socket.send('{"id":1,"ok":true,"data":{}}');
  socket.goLive(relay);
  hub.publish(room, '{"event":"task_updated","seq":8}');
  socket.send('{"id":2,"ok":true,"data":{}}');
  await wire.take((frame) => frame.id === 2);
  expect(wire.frames.map((frame) => frame.id)).toEqual([1, 2]);
  wire.destroy();
});
