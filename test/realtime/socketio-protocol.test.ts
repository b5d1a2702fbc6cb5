/** The two protocols, packet by packet, against the echo application that their own suites are run against. */
import { afterAll, describe, expect, test } from "bun:test";
import { createMovableClock } from "../support/clock.ts";
import { startEcho } from "../support/socketio-echo.ts";
import { engineWire } from "../support/socketio-wire.ts";

/** No ping comes in between because the machine is slow. */
const clock = createMovableClock();
const echo = startEcho({ clock });
const engine = engineWire(echo.url, "/engine.io/");
const io = engineWire(echo.url, "/socket.io/");
afterAll(() => echo.stop());

/** A poll that hears nothing for much longer than the listener lets a connection be silent; begun first, for it takes long. */
const silent = startEcho({ intervalMs: 6_000, idleTimeout: 1 });
afterAll(() => silent.stop());
const silentWire = engineWire(silent.url, "/engine.io/");
const longPoll = silentWire.open().then((sid) => silentWire.poll(sid));
longPoll.catch(() => {}); // the test below says so

const ping = "2";
const pingMs = 300;
const openPacket = (upgrades: readonly string[]) => ({
  sid: expect.stringMatching(/^[\w-]{20}$/),
  upgrades,
  pingInterval: pingMs,
  pingTimeout: 200,
  maxPayload: 1_000_000,
});

/** A client in the main namespace; what it was told on the way is taken. */
async function enter() {
  const socket = io.socket();
  await socket.next();
  socket.send("40");
  await socket.nextBut(ping);
  await socket.nextBut(ping);
  return socket;
}

describe.each([
  ["/engine.io/", engine],
  ["/socket.io/", io],
] as const)("Engine.IO at %s", (path, wire) => {
  test("[I4] a session opens by polling, with an upgrade to offer, or as a WebSocket, without", async () => {
    const polled = await wire.ask("GET", "transport=polling");
    expect([polled.status, polled.text[0]]).toEqual([200, "0"]);
    expect(JSON.parse(polled.text.slice(1))).toEqual(openPacket(["websocket"]));
    const socket = wire.socket();
    expect(JSON.parse(String(await socket.next()).slice(1))).toEqual(openPacket([]));
    socket.close();
  });

  test("[I4] another version, another transport or another method opens none", async () => {
    for (const query of [
      "transport=polling",
      "EIO=abc&transport=polling",
      "EIO=3&transport=polling",
      "EIO=4",
      "EIO=4&transport=abc",
    ])
      expect((await fetch(`${echo.url}${path}?${query}`)).status).toBe(400);
    for (const method of ["POST", "PUT", "DELETE"])
      expect((await wire.ask(method, "transport=polling")).status).toBe(400);
    for (const query of ["", "EIO=abc&transport=websocket", "EIO=4&transport=abc"]) {
      const refused = new WebSocket(`${echo.url.replace("http", "ws")}${path}?${query}`);
      await new Promise((resolve) => refused.addEventListener("close", resolve));
    }
    expect((await wire.ask("GET", "transport=websocket")).status).toBe(400);
    expect((await wire.poll("nobody")).status).toBe(400);
  });

  test("[I4] the server pings, and a session that answers lives", async () => {
    const sid = await wire.open();
    const socket = wire.socket();
    await socket.next();
    for (let i = 0; i < 2; i++) {
      clock.advance(pingMs);
      const [polled, frame] = await Promise.all([wire.poll(sid), socket.next()]);
      expect([polled, frame]).toEqual([{ status: 200, text: ping }, ping]);
      socket.send("3");
      expect(await wire.post(sid, "3")).toEqual({ status: 200, text: "ok" });
    }
    socket.close();
  });

  test("[I4] one that does not answer is over when interval and timeout have passed", async () => {
    const sid = await wire.open();
    const socket = wire.socket();
    await socket.next();
    clock.advance(pingMs);
    expect(await socket.next()).toBe(ping);
    clock.advance(200);
    expect(await socket.closed).toBe(4408);
    expect((await wire.poll(sid)).status).toBe(400);
  });

  test("[I4] a client closes its session", async () => {
    const sid = await wire.open();
    const polled = wire.poll(sid);
    // The poll is to be waiting by then: requests of one client are answered as they come.
    const socket = wire.socket();
    await socket.next();
    expect(await wire.post(sid, "1")).toEqual({ status: 200, text: "ok" });
    expect(await polled).toEqual({ status: 200, text: "6" });
    expect((await wire.poll(sid)).status).toBe(400);
    socket.send("1");
    await socket.closed;
  });

  test("[I4] a WebSocket takes a session over; polls and other WebSockets are refused from then on", async () => {
    const sid = await wire.open();
    const socket = wire.socket(sid);
    await socket.opened;
    socket.send("2probe");
    expect(await socket.next()).toBe("3probe");
    expect(await wire.poll(sid)).toEqual({ status: 200, text: "6" });
    socket.send("5");
    let polled = await wire.poll(sid);
    while (polled.text === "6") polled = await wire.poll(sid); // it came in before the upgrade did
    expect(polled.status).toBe(400);
    expect((await wire.post(sid, "4hello")).status).toBe(400);
    expect(await wire.socket(sid).closed).toBe(4400);
    clock.advance(pingMs);
    expect(await socket.next()).toBe(ping);
    socket.close();
  });

  test("[I4] a WebSocket that opened to take over and says nothing gives way to the next", async () => {
    const sid = await wire.open();
    const silent = wire.socket(sid);
    await silent.opened;
    const next = wire.socket(sid);
    await next.opened;
    next.send("2probe");
    expect(await next.next()).toBe("3probe");
    expect(await silent.closed).toBe(4400);
    next.close();
  });

  test("[I4] a WebSocket that goes away while it probes leaves the session to the polls", async () => {
    const sid = await wire.open();
    const socket = wire.socket(sid);
    await socket.opened;
    socket.send("2probe");
    await socket.next();
    socket.close();
    await socket.closed;
    const polled = wire.poll(sid);
    await wire.open(); // the poll went out before it, and waits by now
    clock.advance(pingMs);
    expect(await polled).toEqual({ status: 200, text: ping });
  });

  test("[I4] two polls at once end the session", async () => {
    const sid = await wire.open();
    const first = wire.poll(sid);
    const second = wire.poll(sid);
    const statuses = [(await first).status, (await second).status].toSorted();
    expect(statuses).toEqual([200, 400]);
    expect([(await first).text, (await second).text]).toContain("1");
    expect((await wire.poll(sid)).status).toBe(400);
  });

  test("[I4] what is no packet ends the session", async () => {
    const sid = await wire.open();
    expect((await wire.post(sid, "abc")).status).toBe(400);
    expect((await wire.poll(sid)).status).toBe(400);
    const socket = wire.socket();
    await socket.next();
    socket.send("abc");
    expect(await socket.closed).toBe(4400);
  });
});

describe("messages of Engine.IO", () => {
  test.each(["4hello", "4one\x1e4two\x1e4three", "4hello\x1ebAQIDBA=="])(
    "[I4] %j comes back by polling",
    async (body) => {
      const sid = await engine.open();
      expect(await engine.post(sid, body)).toEqual({ status: 200, text: "ok" });
      expect(await engine.poll(sid)).toEqual({ status: 200, text: body });
    },
  );

  test("[I4] a poll is answered with 16 packets at most, which is what every client takes", async () => {
    const sid = await engine.open();
    const sent = Array.from({ length: 40 }, (_, i) => `4packet ${i}`);
    await engine.post(sid, sent.join("\x1e"));
    const polls: string[][] = [];
    while (polls.flat().filter((packet) => packet !== ping).length < sent.length) {
      const { status, text } = await engine.poll(sid);
      expect(status).toBe(200);
      polls.push(text.split("\x1e"));
    }
    expect(polls.flat().filter((packet) => packet !== ping)).toEqual(sent);
    expect(Math.max(...polls.map((packets) => packets.length))).toBe(16);
  });

  test("[I4] text and bytes come back over a WebSocket, also over one that took a session over", async () => {
    const sid = await engine.open();
    const later = engine.socket(sid);
    await later.opened;
    later.send("2probe");
    await later.next();
    await engine.post(sid, "4before");
    later.send("5");
    expect(await later.next()).toBe("4before");
    const socket = engine.socket();
    await socket.next();
    for (const each of [later, socket]) {
      each.send("4hello");
      expect(await each.nextBut(ping)).toBe("4hello");
      each.send(Uint8Array.from([1, 2, 3, 4]));
      expect(await each.nextBut(ping)).toEqual(Uint8Array.from([1, 2, 3, 4]));
      each.close();
    }
  });

  test("[I4] more in one POST than is allowed is 413 and ends the session", async () => {
    const sid = await engine.open();
    expect((await engine.post(sid, `4${"x".repeat(1_000_000)}`)).status).toBe(413);
    expect((await engine.post(sid, "4hello")).status).toBe(400);
  });
});

describe("Socket.IO", () => {
  test.each([
    ["40", "40", '42["auth",{}]'],
    ['40{"token":"123"}', "40", '42["auth",{"token":"123"}]'],
    ["40/custom,", "40/custom,", '42/custom,["auth",{}]'],
    ['40/custom,{"token":"abc"}', "40/custom,", '42/custom,["auth",{"token":"abc"}]'],
  ])("[I4] %s enters a namespace", async (packet, start, told) => {
    const socket = io.socket();
    await socket.next();
    socket.send(packet);
    const answer = String(await socket.nextBut(ping));
    expect(answer).toStartWith(`${start}{`);
    expect(JSON.parse(answer.slice(start.length))).toEqual({ sid: expect.any(String) });
    expect(await socket.nextBut(ping)).toBe(told);
    socket.close();
  });

  test("[I4] a namespace that is none is refused, and the connection lives", async () => {
    const socket = await enter();
    socket.send("40/random");
    expect(await socket.nextBut(ping)).toBe('44/random,{"message":"Invalid namespace"}');
    socket.send('42["message",1]');
    expect(await socket.nextBut(ping)).toBe('42["message-back",1]');
    socket.close();
  });

  test("[I4] leaving a namespace leaves the others, and the connection", async () => {
    const socket = await enter();
    socket.send("40/custom");
    expect(String(await socket.nextBut(ping))).toStartWith("40/custom,");
    expect(await socket.nextBut(ping)).toBe('42/custom,["auth",{}]');
    socket.send("41/custom");
    socket.send('42["message","to the main one"]');
    expect(await socket.nextBut(ping)).toBe('42["message-back","to the main one"]');
    socket.send("41");
    socket.send("40");
    expect(String(await socket.next())).toStartWith("40{");
    socket.close();
  });

  test("[I4] events and acknowledgements, with and without bytes", async () => {
    const socket = await enter();
    const holes = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
    const bytes = [Uint8Array.from([1, 2, 3]), Uint8Array.from([4, 5, 6])];
    const say = async (text: string, attached: readonly Uint8Array<ArrayBuffer>[] = []) => {
      for (const each of [text, ...attached]) socket.send(each);
      return [
        await socket.nextBut(ping),
        ...(attached.length > 0 ? [await socket.nextBut(ping), await socket.nextBut(ping)] : []),
      ];
    };
    expect(await say('42["message",1,"2",{"3":[true]}]')).toEqual(['42["message-back",1,"2",{"3":[true]}]']);
    expect(await say('42456["message-with-ack",1,"2",{"3":[false]}]')).toEqual(['43456[1,"2",{"3":[false]}]']);
    expect(await say(`452-["message",${holes}]`, bytes)).toEqual([`452-["message-back",${holes}]`, ...bytes]);
    expect(await say(`452-789["message-with-ack",${holes}]`, bytes)).toEqual([`462-789[${holes}]`, ...bytes]);
    socket.close();
  });

  test.each([
    "4abc",
    "42{}",
    '42abc["message-with-ack",1]',
    "42",
    '42/custom,["message"]',
    "40",
    '42["connect"]',
    "44",
    "4511-[]",
  ])("[I4] %s closes the connection", async (packet) => {
    const socket = await enter();
    socket.send(packet);
    expect(await socket.closed).toBe(4400);
  });

  test("[I4] bytes that belong to no event close the connection, and so does text where bytes are due", async () => {
    const stray = await enter();
    stray.send(Uint8Array.from([1]));
    expect(await stray.closed).toBe(4400);
    const interrupted = await enter();
    interrupted.send('451-["message",{"_placeholder":true,"num":0}]');
    interrupted.send('42["message",1]');
    expect(await interrupted.closed).toBe(4400);
  });
});

test("[I4][S7] a poll waits for the next ping, however long the listener lets other connections be silent", async () => {
  expect(await longPoll).toEqual({ status: 200, text: ping });
});
