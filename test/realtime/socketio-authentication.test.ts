import { describe, expect, test } from "bun:test";
import { type Account, getToken, signUp } from "../support/accounts.ts";
import { makeHolder, makeKey } from "../support/keys.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { useSocketIo } from "../support/socketio-app.ts";
import { type ConnectError, clientKinds } from "../support/socketio-client.ts";
import { engineWire } from "../support/socketio-wire.ts";

const listed = "https://other.example.org";
const home = useSocketApp({ CORS_ORIGINS: listed });
const io = useSocketIo(home);
const [bySocket, byPolling] = clientKinds;
const bothWays = [bySocket, byPolling];

const own = (account: Account): Record<string, string> => ({ cookie: account.visitor.cookie(), origin: home.app.url });
const unauthenticated = (error: ConnectError | undefined) =>
  expect(error).toMatchObject({ message: "unauthenticated", data: { code: "unauthenticated" } });

describe.each(bothWays)("who may enter, $name", (kind) => {
  test("[I1] a token as auth or in the Authorization header, a cookie of a page of ours or of CORS_ORIGINS", async () => {
    const ana = await signUp(home.app.url);
    const { token } = await getToken(ana.visitor);
    for (const options of [
      { auth: { token } },
      { auth: { token: null }, headers: own(ana) },
      { headers: { authorization: `Bearer ${token}` } },
      { headers: own(ana) },
      { headers: { ...own(ana), origin: listed } },
    ]) {
      const client = io.open({ kind, ...options });
      expect(await client.entered()).toBeUndefined();
      expect((await client.take("connected")).data).toMatchObject({ user: { id: ana.id }, session_id: client.id });
    }
  });

  test("[I1] nothing, a token that does not hold, or a foreign page's cookie: connect_error `unauthenticated`", async () => {
    const ana = await signUp(home.app.url);
    for (const options of [
      {},
      { auth: { token: "nonsense" } },
      { auth: { token: 7 } },
      { auth: { token: "nonsense" }, headers: own(ana) },
      { headers: { authorization: "Basic YTpi" } },
      { headers: { ...own(ana), origin: "https://evil.example" } },
    ]) {
      const client = io.open({ kind, ...options });
      unauthenticated(await client.entered());
      expect(client.heard).toEqual([]);
    }
  });

  test("[I1] a token in the address is refused, whatever stands beside it", async () => {
    const ana = await home.person("Ana");
    const client = io.open({ kind, auth: { token: ana.token }, query: { token: ana.token } });
    unauthenticated(await client.entered());
  });

  test("[I1] who was refused may try again on the same connection, with a token that holds", async () => {
    const ana = await home.person("Ana");
    let token = "nonsense";
    const client = io.open({ kind, auth: (give) => give({ token }) });
    unauthenticated(await client.entered());
    token = ana.token;
    client.enter();
    expect(await client.entered()).toBeUndefined();
    expect(await client.ask("ping")).toMatchObject({ ok: true });
  });
});

describe("what else is looked at", () => {
  test("[I1] an API key enters where it may read, and does what its scopes allow", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const { robot } = await makeHolder(home.app, ana, { scopes: ["read"] });
    const client = await io.connect(robot);
    expect(await client.ask("join_project", { project_id: project.id })).toMatchObject({ ok: true });
    const write = await client.ask("task_create", { project_id: project.id, title: "No" });
    expect(write).toMatchObject({ ok: false, error: { code: "forbidden" } });
    const blind = await makeKey(ana, { scopes: ["events:publish"] });
    expect(await io.open({ auth: { token: blind.key } }).entered()).toMatchObject({ message: "forbidden" });
  });

  test("[I1] a database that does not answer refuses with `unavailable`, and lets in when it is back", async () => {
    const ana = await home.person("Ana");
    const { sql } = home.app.database;
    for (const kind of bothWays) {
      const client = io.open({ kind, auth: { token: ana.token } });
      await sql`alter table rooms rename to rooms_away`;
      const refused = await client.entered();
      await sql`alter table rooms_away rename to rooms`;
      expect(refused).toMatchObject({ message: "unavailable", data: { code: "unavailable", retry_after: 1 } });
      client.enter();
      expect(await client.entered()).toBeUndefined();
      expect(await client.ask("ping")).toMatchObject({ ok: true });
    }
  });

  test("[I1] silence is ended after 10 s", async () => {
    const wire = engineWire(home.app.url, "/socket.io/");
    const sid = await wire.open();
    const socket = wire.socket();
    await socket.next();
    home.clock.advance(9_000);
    const polled = wire.poll(sid);
    home.clock.advance(3_000);
    // A ping may have been due in between.
    const last = await polled;
    expect((last.text === "2" ? await wire.poll(sid) : last).status).toBe(400);
    expect(await socket.closed).toBe(4401);
  });

  test("[I1] polls of a foreign page cannot go on with a session that a cookie opened, nor read an answer", async () => {
    const ana = await signUp(home.app.url);
    const wire = engineWire(home.app.url, "/socket.io/");
    const sid = await wire.open(own(ana));
    const query = `transport=polling&sid=${sid}`;
    const foreign = { ...own(ana), origin: "https://evil.example" };
    for (const method of ["GET", "POST"])
      expect((await wire.ask(method, query, method === "POST" ? "40" : undefined, foreign)).status).toBe(403);
    expect((await wire.ask("POST", query, "40", own(ana))).status).toBe(200);
    expect((await wire.poll(sid)).text).toContain("connected");
    const read = (origin: string) =>
      fetch(`${home.app.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } }).then((answer) =>
        answer.headers.get("access-control-allow-origin"),
      );
    expect([await read(listed), await read("https://evil.example")]).toEqual([listed, null]);
  });

  test("[I2] before it has entered, a client's events end the connection", async () => {
    const socket = engineWire(home.app.url, "/socket.io/").socket();
    await socket.next();
    socket.send('42["ping"]');
    expect(await socket.closed).toBe(4400);
  });

  test("[I2] register and authenticate are as on the native socket; authenticate renews in place", async () => {
    const [ana, bo] = [await signUp(home.app.url), await home.person("Bo")];
    const client = io.open({ auth: { token: (await getToken(ana.visitor)).token } });
    await client.entered();
    expect(await client.ask("register", {})).toMatchObject({ ok: true, data: { session_id: client.id } });
    expect(await client.ask("register", { user_id: bo.id })).toMatchObject({ error: { code: "forbidden" } });
    const next = await getToken(ana.visitor);
    const renewed = await client.ask("authenticate", { token: next.token });
    expect(renewed).toEqual({ ok: true, data: { expires_at: next.expires_at } });
    expect(await client.ask("authenticate", { token: bo.token })).toMatchObject({ error: { code: "forbidden" } });
    expect(client.heard.map(({ event }) => event)).toEqual(["connected"]);
  });
});
