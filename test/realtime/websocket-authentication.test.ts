import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { Connected } from "../../src/protocol/sessions.ts";
import { type Account, getToken, signUp } from "../support/accounts.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";
import { makeKey } from "../support/keys.ts";
import { caller } from "../support/people.ts";
import { openWire, type Wire, type WireOptions } from "../support/wire.ts";

let clock: MovableClock;
let app: TestApp;
let ana: Account;
let token: string;
const wires: Wire[] = [];

const open = async (options?: WireOptions): Promise<Wire> => {
  const wire = await openWire(app.url, options);
  wires.push(wire);
  return wire;
};

beforeAll(async () => {
  clock = createMovableClock(Date.now());
  app = await startApp({ overrides: { clock }, env: { CORS_ORIGINS: "https://other.example.org" } });
  ana = await signUp(app.url);
  token = (await getToken(ana.visitor)).token;
});
afterEach(() => {
  for (const wire of wires.splice(0)) wire.destroy();
});
afterAll(() => app?.stop());

const own = (): Record<string, string> => ({ cookie: ana.visitor.cookie(), origin: app.url });

describe("the four ways to authenticate", () => {
  test("[S1] the session cookie of a page of ours", async () => {
    const wire = await open({ headers: own() });
    expect((await wire.take("connected")).data).toMatchObject({ user: { id: ana.id } });
  });

  test("[S1] the session cookie of a page in CORS_ORIGINS", async () => {
    const wire = await open({ headers: { ...own(), origin: "https://other.example.org" } });
    expect((await wire.take("connected")).data).toMatchObject({ user: { id: ana.id } });
  });

  test("[S1] a token in the Authorization header", async () => {
    const wire = await open({ token });
    expect((await wire.take("connected")).data).toMatchObject({ user: { id: ana.id } });
    expect(wire.headers.has("sec-websocket-protocol")).toBeFalse();
  });

  test("[S1] a token in a subprotocol; the server answers taskwire.v1 alone, in whatever order they were offered", async () => {
    for (const protocols of [
      ["taskwire.v1", `bearer.${token}`],
      [`bearer.${token}`, "taskwire.v1"],
      ["taskwire.v2", "taskwire.v1", `bearer.${token}`],
    ]) {
      const wire = await open({ protocols });
      expect(wire.headers.get("sec-websocket-protocol")).toBe("taskwire.v1");
      expect((await wire.take("connected")).data).toMatchObject({ user: { id: ana.id } });
    }
  });

  test("[S1] the frame authenticate; connected comes before its answer", async () => {
    const wire = await open();
    wire.send({ id: 1, event: "authenticate", data: { token } });
    const answer = await wire.take((frame) => frame.id === 1);
    expect(answer).toEqual({ id: 1, ok: true, data: { expires_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) } });
    expect(wire.frames.map((frame) => frame.event ?? frame.id)).toEqual(["connected", 1]);
  });

  test("[S1] frames behind authenticate wait for it", async () => {
    const wire = await open();
    wire.sendTogether([
      { id: 1, event: "ping" },
      { id: 2, event: "authenticate", data: { token } },
      { id: 3, event: "ping" },
    ]);
    await wire.take((frame) => frame.id === 3);
    expect(wire.frames.map((frame) => [frame.event ?? frame.id, frame.ok])).toEqual([
      [1, false],
      ["connected", undefined],
      [2, true],
      [3, true],
    ]);
  });
});

describe("whoever cannot authenticate", () => {
  test("[S1] a bad token in the header is HTTP 401", async () => {
    const bad = [
      { token: "nonsense" },
      { token: `${token}x` },
      { headers: { authorization: "Basic YTpi" } },
      { token: "nonsense", headers: own() },
    ];
    for (const options of bad) {
      const wire = await open(options);
      expect(wire.status).toBe(401);
      expect(JSON.parse(wire.body)).toMatchObject({ code: "unauthenticated", status: 401 });
      expect(wire.headers.get("content-type")).toBe("application/problem+json");
    }
  });

  test("[S1] a bad token in a subprotocol opens and is closed with 4401, having said nothing", async () => {
    const wire = await open({ protocols: ["taskwire.v1", "bearer.nonsense"] });
    expect(wire.status).toBe(101);
    expect(await wire.closed).toMatchObject({ code: 4401 });
    expect(wire.frames).toEqual([]);
  });

  test("[S1] who may open none is told so in a subprotocol, too: 4403, and stays away", async () => {
    const person = { id: ana.id, name: ana.name, token, call: caller(app, token) };
    const blind = await makeKey(person, { scopes: ["write"] });
    const wire = await open({ protocols: ["taskwire.v1", `bearer.${blind.key}`] });
    expect([wire.status, await wire.closed]).toMatchObject([101, { code: 4403 }]);
    expect(wire.frames).toEqual([]);
    expect((await open({ token: blind.key })).status).toBe(403);
  });

  test("[S1] a bad token in the frame is answered and closed with 4401", async () => {
    const wire = await open();
    expect(await wire.ask("authenticate", { token: "nonsense" })).toMatchObject({
      ok: false,
      error: { code: "unauthenticated" },
    });
    expect(await wire.closed).toMatchObject({ code: 4401 });
    expect(wire.frames).toHaveLength(1);
  });

  test("[S1] a foreign origin with a cookie is HTTP 403, with or without a token", async () => {
    const { host } = new URL(app.url);
    const foreign = [
      "https://evil.example",
      "null",
      `http://${host}.evil.example`,
      `http://evil.${host}`,
      "http://127",
    ];
    for (const origin of foreign) {
      for (const more of [{}, { token }, { protocols: ["taskwire.v1", `bearer.${token}`] }]) {
        const wire = await open({ headers: { ...own(), origin }, ...more });
        expect(wire.status).toBe(403);
        expect(JSON.parse(wire.body)).toMatchObject({ code: "forbidden" });
      }
    }
  });

  test("[S1] a foreign origin without a cookie needs a token like everyone", async () => {
    const headers = { origin: "https://evil.example" };
    await (await open({ headers, token })).take("connected");
    expect(await (await open({ headers })).ask("ping")).toMatchObject({ error: { code: "unauthenticated" } });
  });

  test("[S1] a token in the query string is HTTP 401, good or not", async () => {
    for (const query of [`token=${token}`, `access_token=x`, `jwt=x`, `q=${token}`, `q=bearer.${token}`]) {
      expect((await open({ path: `/ws?${query}`, headers: own() })).status).toBe(401);
    }
    expect((await open({ path: "/ws?room=a.b.c", headers: own() })).status).toBe(101);
  });

  test("[S1] before authentication everything else is unauthenticated, and the connection lives", async () => {
    const wire = await open();
    for (const event of ["register", "join_project", "task_create", "ping", "nonsense"]) {
      expect(await wire.ask(event, {})).toMatchObject({ ok: false, error: { code: "unauthenticated" } });
    }
    wire.send({ event: "ping" });
    expect((await wire.take("error")).data).toMatchObject({ code: "unauthenticated" });
    expect(await wire.ask("authenticate", { token })).toMatchObject({ ok: true });
  });

  test("[S1] silence is closed with 4401 after 10 s, not before", async () => {
    const wire = await open();
    const other = await open();
    clock.advance(9_900);
    expect(await other.ask("authenticate", { token })).toMatchObject({ ok: true });
    expect(await wire.ask("ping")).toMatchObject({ error: { code: "unauthenticated" } });
    clock.advance(1_100);
    expect(await wire.closed).toMatchObject({ code: 4401 });
    expect(await other.ask("ping")).toMatchObject({ ok: true });
  });

  test("[S1] what is no WebSocket handshake is HTTP 426, or 422 where only its version is wrong", async () => {
    const plain = await open({ upgrade: false });
    expect(plain.status).toBe(426);
    expect(plain.headers.get("upgrade")).toBe("websocket");
    expect(JSON.parse(plain.body)).toMatchObject({ status: 426, code: "invalid" });
    expect((await open({ token, headers: { "Sec-WebSocket-Key": "" } })).status).toBe(422);
    expect((await open({ token, protocols: ["graphql-ws"] })).status).toBe(422);
    expect((await open({ token, headers: { Upgrade: "WebSocket" } })).status).toBe(101);
  });
});

describe("the first frame", () => {
  test("[S4] connected says who and where one is, and the person's room is joined behind its position", async () => {
    const wire = await open({ token });
    const frame = await wire.take("connected");
    const data = Connected.parse(frame.data);
    expect(data).toMatchObject({
      user: { id: ana.id, name: ana.name, email: ana.email, role: "admin", avatar_url: null },
      protocol: 1,
      heartbeat_seconds: 25,
      user_room: { room: `user:${ana.id}` },
    });
    expect(data.server_time).toBe(new Date(clock.now()).toISOString());
    const { status } = await ana.visitor.call("POST", "/api/projects", { name: "Website" });
    expect(status).toBe(201);
    expect(await wire.take("project_joined")).toMatchObject({
      room: `user:${ana.id}`,
      seq: data.user_room.seq + 1,
    });
    expect(wire.frames[0]).toEqual(frame);
  });

  test("[S4] every connection has a session_id of its own", async () => {
    const [a, b] = await Promise.all([open({ token }), open({ token })]);
    const ids = [(await a.take("connected")).data.session_id, (await b.take("connected")).data.session_id];
    expect(new Set(ids).size).toBe(2);
  });

  test("register is answered as connected; another person's id is forbidden", async () => {
    const wire = await open({ token });
    const { data } = await wire.take("connected");
    for (const input of [{}, { user_id: ana.id }, { user_id: ana.id.toUpperCase(), more: 1 }]) {
      const answer = await wire.ask("register", input);
      expect(Connected.parse(answer.data)).toMatchObject({ session_id: data.session_id, user: { id: ana.id } });
    }
    expect(await wire.ask("register", { user_id: Bun.randomUUIDv7() })).toMatchObject({ error: { code: "forbidden" } });
    expect(wire.frames.filter((frame) => frame.event === "connected")).toHaveLength(1);
  });

  test("[S4] resume_user answers the person's events up to the position connected told", async () => {
    const wire = await open({ token });
    const { user_room } = Connected.parse((await wire.take("connected")).data);
    await ana.visitor.call("POST", "/api/projects", { name: "Later" });
    await wire.take("project_joined");
    const since = { epoch: user_room.epoch, seq: 0 };
    const { data } = await wire.ask("resume_user", { since });
    expect(data).toMatchObject({ recovered: true, more: false, seq: user_room.seq, room: user_room.room });
    const events = data.events;
    if (!Array.isArray(events)) throw new Error("no events");
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: user_room.seq }, (_, i) => i + 1));
    expect(await wire.ask("resume_user", { since: { epoch: "another", seq: 0 } })).toMatchObject({
      data: { recovered: false, events: [] },
    });
  });
});

test("[S10] a sign-in that ends while its socket is opening is not missed", async () => {
  const bo = await signUp(app.url);
  const { token: bosToken } = await getToken(bo.visitor);
  const wire = await open();
  // The token is looked at and found good, from a copy; the row goes before the person's room is joined.
  await (await open({ token: bosToken })).take("connected");
  await app.database.sql`delete from sessions where user_id = ${bo.id}`;
  wire.send({ event: "authenticate", data: { token: bosToken } });
  expect(await wire.closed).toMatchObject({ code: 4401 });
  expect(wire.frames.some((frame) => frame.event === "connected")).toBeFalse();
});
