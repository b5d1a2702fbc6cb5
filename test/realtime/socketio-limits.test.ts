import { describe, expect, test } from "bun:test";
import { makeKeyText } from "../../src/features/auth/key-text.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { useSocketIo } from "../support/socketio-app.ts";
import { clientKinds } from "../support/socketio-client.ts";
import { engineWire } from "../support/socketio-wire.ts";

const home = useSocketApp({
  RATE_LIMIT_ENABLED: "true",
  WEBSOCKET_ROOMS_MAX: "2",
  RATE_LIMIT_SIGN_INS_PER_MINUTE: "1", // ten times as many keys that are none
  RATE_LIMIT_REQUESTS_PER_MINUTE: "6000",
});
const io = useSocketIo(home);
const [bySocket, byPolling, byUpgrade, , oldestByPolling, oldest] = clientKinds;
const burst = 60;
const abuse = 3 * burst;
const maxBytes = 65_536;

describe.each([bySocket, byPolling, byUpgrade, oldest])("what one client may say, $name", (kind) => {
  test("[I3][S8] a burst of 60, entering among them; the next is rate_limited with retry_after, and after that passes", async () => {
    const client = await io.connect(await home.person("Ana"), { kind });
    const answers = await Promise.all(Array.from({ length: burst }, () => client.ask("ping")));
    expect(answers.map(({ ok }) => ok)).toEqual([...new Array(burst - 1).fill(true), false]);
    expect(answers.at(-1)?.error).toEqual({ code: "rate_limited", message: expect.any(String), retry_after: 0.1 });
    home.clock.advance(100);
    expect(await client.ask("ping")).toMatchObject({ ok: true });
  });

  test("[I3][S9] whoever goes on after being refused is told and loses the transport; another connection does not", async () => {
    const ana = await home.person("Ana");
    const [client, other] = [await io.connect(ana, { kind }), await io.connect(ana, { kind })];
    for (let i = 0; i < burst + abuse; i++) client.emit("ping");
    expect(await client.disconnected).toMatch(/^transport (?:close|error)$/);
    const { data } = await client.take(({ event, data }) => event === "error" && data.message !== "too many frames");
    expect(data).toMatchObject({ code: "rate_limited", message: "too many frames: back off" });
    expect(await other.ask("ping")).toMatchObject({ ok: true });
  });

  test("[I3][S8] what is larger than a frame may be ends the connection, which may come back", async () => {
    const client = await io.connect(await home.person("Ana"), { kind, reconnection: true });
    client.emit("ping", { text: "x".repeat(maxBytes) });
    expect(await client.disconnected).toMatch(/^transport (?:close|error)$/);
    await client.take("connected");
    const room = await client.ask("join_project", { project_id: Bun.randomUUIDv7(), text: "x".repeat(maxBytes - 200) });
    expect(room).toMatchObject({ ok: false, error: { code: "invalid" } });
  });

  test("[I3][S8] one room more than allowed is refused, until one is left", async () => {
    const ana = await home.person("Ana");
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await home.project(ana)).id);
    const client = await io.connect(ana, { kind });
    const join = (i: number) => client.ask("join_project", { project_id: ids[i] });
    for (const i of [0, 1]) expect(await join(i)).toMatchObject({ ok: true });
    expect(await join(2)).toMatchObject({ ok: false, error: { code: "rate_limited" } });
    await client.ask("leave_project", { project_id: ids[0] });
    expect(await join(2)).toMatchObject({ ok: true });
  });
});

test("[I1] an address that tries too many keys is refused with `rate_limited` and for how long", async () => {
  const refusals = [];
  for (let i = 0; i < 12; i++) {
    const { key } = makeKeyText();
    refusals.push(await io.open({ kind: i % 2 ? byPolling : bySocket, auth: { token: key } }).entered());
  }
  expect(refusals[0]).toMatchObject({ message: "unauthenticated" });
  expect(refusals.at(-1)).toMatchObject({
    message: "rate_limited",
    data: { code: "rate_limited", retry_after: expect.any(Number) },
  });
  home.clock.advance(60_000);
});

describe("packets by hand", () => {
  const wire = () => engineWire(home.app.url, "/socket.io/");

  test("[S9] flooding closes with 4429, also where nobody has entered; a frame too large with 1009; no packet with 4400", async () => {
    const closing = async (say: (socket: ReturnType<ReturnType<typeof wire>["socket"]>) => void) => {
      const socket = wire().socket();
      await socket.next();
      say(socket);
      return socket.closed;
    };
    const flood = (packet: string) =>
      closing((socket) => {
        for (let i = 0; i <= burst + abuse; i++) socket.send(packet);
      });
    expect(await flood("3")).toBe(4429); // answers to pings that nobody asked for
    expect(await closing((socket) => socket.send(`4${"x".repeat(maxBytes)}`))).toBe(1009);
    expect(await closing((socket) => socket.send("4nonsense"))).toBe(4400);
    expect(await closing((socket) => socket.send("nonsense"))).toBe(4400);
    expect(await closing((socket) => socket.send("2probe"))).toBe(4400);
  });

  test("[I3][S8] leaving and entering again begins no new burst", async () => {
    const { token } = await home.person("Ana");
    const enters = `40${JSON.stringify({ token })}`;
    const socket = wire().socket();
    await socket.next();
    // Entering, leaving and entering again are three of the sixty.
    for (const packet of [enters, ...new Array<string>(burst - 2).fill('421["ping",{}]'), "41"]) socket.send(packet);
    socket.send(enters);
    let packet = "";
    while (!packet.startsWith("44")) packet = String(await socket.nextBut("2"));
    expect(packet).toContain('"code":"rate_limited"');
    socket.close();
  });

  test("[I3][S11] bytes are no data: one path is told, not one for each byte", async () => {
    const client = await io.connect(await home.person("Ana"), { kind: bySocket });
    const { error } = await client.ask("ping", Buffer.alloc(40_000));
    expect(error).toMatchObject({ code: "invalid", errors: [{ path: "data", message: "is JSON, not bytes" }] });
    const { error: many } = await client.ask("ping", Object.fromEntries(Array.from({ length: 400 }, (_, i) => [i, i])));
    expect(many).toMatchObject({ code: "invalid", errors: { length: 50 } });
  });

  test("[I3][S8] a POST that is too large is 413 and ends the session, with or without a length told before", async () => {
    for (const chunked of [false, true]) {
      const sid = await wire().open();
      const text = `4${"x".repeat(maxBytes)}`;
      const body = chunked ? new Blob([text]).stream() : text;
      const url = `${home.app.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
      expect((await fetch(url, { method: "POST", body })).status).toBe(413);
      expect((await wire().poll(sid)).text).toBe("1");
      expect((await wire().poll(sid)).status).toBe(400);
    }
  });

  test("[I3] the newest client parts what it says by the size it was told; so does ours what a poll brings", async () => {
    const client = await io.connect(await home.person("Ana"), { kind: byPolling });
    const text = "x".repeat(maxBytes - 200);
    const answers = await Promise.all([1, 2, 3].map(() => client.ask("join_project", { text })));
    expect(answers.map(({ error }) => error?.code)).toEqual(["invalid", "invalid", "invalid"]);
    const old = await io.connect(await home.person("Bo"), { kind: oldestByPolling });
    expect(await old.ask("join_project", { text })).toMatchObject({ error: { code: "invalid" } });
  });
});
