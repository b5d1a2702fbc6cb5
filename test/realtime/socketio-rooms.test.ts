/** One house, two languages: what clients of Socket.IO and native ones share. */
import { describe, expect, test } from "bun:test";
import type { LiveSession } from "../../src/protocol/connections.ts";
import { makeAdministrator, makeHolder } from "../support/keys.ts";
import { addMember, makeTask, ok, type Page } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { useSocketIo } from "../support/socketio-app.ts";
import { clientKinds, type SocketIoClient } from "../support/socketio-client.ts";
import type { Wire } from "../support/wire.ts";

const home = useSocketApp();
const io = useSocketIo(home);
const [bySocket, byPolling, byUpgrade] = clientKinds;

const seqsOf = (client: SocketIoClient) => client.heard.flatMap(({ data }) => data._meta.seq ?? []);
const sameOf = ({ heard }: SocketIoClient) =>
  heard.flatMap(({ event, data: { _meta, ...data } }) => (_meta.seq === undefined ? [] : [{ event, data, ..._meta }]));
const nativeOf = ({ frames }: Wire) => frames.filter(({ seq, id }) => seq !== undefined && id === undefined);
const lists = (data: unknown): unknown[] => (Array.isArray(data) ? data : []);

describe("rooms", () => {
  test("[I3][S6] both kinds of clients hear the same events in the same order, whoever writes", async () => {
    const [ana, bo] = [await home.person("Ana"), await home.person("Bo")];
    const project = await home.project(ana, [bo]);
    const tasks = await Promise.all(Array.from({ length: 4 }, () => makeTask(ana, project)));
    const native = await home.connect(ana);
    const clients = await Promise.all([bySocket, byPolling, byUpgrade].map((kind) => io.connect(bo, { kind })));
    const joined = await native.ask("join_project", { project_id: project.id });
    for (const client of clients) await client.ask("join_project", { project_id: project.id });
    const from = Number(joined.data.seq);
    const writes = 24;
    const round = Array.from({ length: writes }, (_, i) => i);
    await Promise.all(
      round.map((i) => {
        const data = { task_id: tasks[i % 4]?.id, changes: { title: `title ${i}` } };
        const client = clients[i % 4];
        if (client) return client.ask("task_update", data);
        return i % 8 === 3
          ? native.ask("task_update", data)
          : ana.call("PATCH", `/api/tasks/${data.task_id}`, data.changes);
      }),
    );
    const last = from + writes;
    await native.take(({ seq }) => seq === last);
    for (const client of clients) await client.take(({ data }) => data._meta.seq === last);
    expect(nativeOf(native).map(({ seq }) => seq)).toEqual(round.map((i) => from + 1 + i));
    const same: unknown[] = [...nativeOf(native)];
    for (const client of clients) expect<unknown[]>(sameOf(client)).toEqual(same);
  });

  test("[I3] presence and typing pass between both", async () => {
    const [ana, bo] = [await home.person("Ana"), await home.person("Bo")];
    const project = await home.project(ana, [bo]);
    const task = await makeTask(ana, project);
    const native = await home.connect(ana);
    await native.ask("join_project", { project_id: project.id });
    const client = await io.connect(bo, { kind: byPolling });
    const { data } = await client.ask("join_project", { project_id: project.id });
    expect(data.presence).toContainEqual(expect.objectContaining({ user_id: ana.id, status: "active" }));
    await client.ask("presence_update", { status: "busy" });
    home.clock.advance(1_000);
    const seen = await native.take(({ event, data }) => event === "user_presence" && data.user_id === bo.id);
    expect(seen.data).toMatchObject({ status: "busy" });
    await native.ask("user_typing", { project_id: project.id, task_id: task.id, is_typing: true });
    home.clock.advance(1_000);
    const typing = await client.take("user_typing_status");
    expect(typing.data).toMatchObject({ task_id: task.id, user: { id: ana.id }, is_typing: true });
    expect(typing.data._meta).toEqual({ room: `project:${project.id}`, at: expect.any(String) });
    client.leave();
    const gone = () => native.frames.some(({ event, data }) => event === "user_presence" && data.status === "offline");
    while (!gone()) {
      home.clock.advance(1_000); // what says goodbye may be on its way still
      await native.ask("ping");
    }
  });

  test("[I3] what other applications publish reaches both, durable or not, in one order", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const { robot } = await makeHolder(home.app, ana, { name: "Builds", scopes: ["events:publish"] });
    const native = await home.connect(ana);
    const clients = await Promise.all([bySocket, byPolling, byUpgrade].map((kind) => io.connect(ana, { kind })));
    await native.ask("join_project", { project_id: project.id });
    for (const client of clients) await client.ask("join_project", { project_id: project.id });
    const at = `/api/projects/${project.id}/events`;
    const data = { build: 7, text: '"_meta":{}],\\u0000 ü', _meta: "of the application" };
    const events = Array.from({ length: 100 }, (_, i) => ({ event: "x_tick", data: { ...data, i } }));
    ok(await robot.call("POST", at, { event: "x_told", data, durable: false }), 201);
    ok(await robot.call("POST", at, { events, mutation_id: "batch" }), 201);
    ok(await robot.call("POST", at, { event: "x_empty", data: {} }), 201);
    const actor = { id: ana.id, name: "Builds", kind: "key" };
    const room = `project:${project.id}`;
    for (const client of clients) {
      const told = await client.take("x_told");
      expect(told.data).toEqual({ ...data, _meta: { room, at: expect.any(String), actor } });
      const empty = await client.take("x_empty");
      expect(empty.data).toEqual({ _meta: { room, seq: 101, at: expect.any(String), actor } });
      const ticks = client.heard.filter(({ event }) => event === "x_tick").map((heard) => heard.data);
      expect(ticks.map(({ i, _meta }) => [i, _meta.seq])).toEqual(events.map((_, i) => [i, i + 1]));
      expect(ticks[7]).toMatchObject({ build: 7, text: data.text, _meta: { mutation_id: "batch" } });
    }
    await native.take("x_empty");
    expect(nativeOf(native).map(({ seq }) => seq)).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
  });

  test("[I3] who types on a client of Socket.IO is seen typing by native ones and by others of its kind", async () => {
    const [ana, bo] = [await home.person("Ana"), await home.person("Bo")];
    const project = await home.project(ana, [bo]);
    const task = await makeTask(ana, project);
    const native = await home.connect(ana);
    const [other, polls] = [await io.connect(ana, { kind: bySocket }), await io.connect(ana, { kind: byPolling })];
    const join = { project_id: project.id };
    await native.ask("join_project", join);
    for (const client of [other, polls]) await client.ask("join_project", join);
    const typist = await io.connect(bo, { kind: byUpgrade });
    await typist.ask("join_project", join);
    expect(await typist.ask("user_typing", { ...join, task_id: task.id, is_typing: true })).toMatchObject({ ok: true });
    home.clock.advance(1_000);
    const typing = { task_id: task.id, user: { id: bo.id, name: bo.name }, is_typing: true };
    expect((await native.take("user_typing_status")).data).toMatchObject(typing);
    for (const client of [other, polls]) expect((await client.take("user_typing_status")).data).toMatchObject(typing);
    home.clock.advance(7_000);
    const over = await polls.take("user_typing_status");
    expect(over.data).toMatchObject({ task_id: task.id, is_typing: false });
  });

  test("[I3][S5] whoever comes back with `since` has missed nothing and hears nothing twice", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const task = await makeTask(ana, project);
    for (const kind of [bySocket, byPolling]) {
      const client = await io.connect(ana, { kind, reconnection: true });
      const joined = await client.ask("join_project", { project_id: project.id });
      const from = Number(joined.data.seq);
      const write = async (count: number, name: string) => {
        for (let i = 0; i < count; i++)
          ok(await ana.call("PATCH", `/api/tasks/${task.id}`, { title: `${name} ${i} ${kind.name}` }), 200);
      };
      await write(3, "before");
      await client.take(({ data }) => data._meta.seq === from + 3);
      client.cut();
      await client.disconnected;
      await write(3, "between");
      await client.take("connected"); // the first one was taken
      const since = { epoch: joined.data.epoch, seq: from + 3 };
      const again = await client.ask("join_project", { project_id: project.id, since });
      expect(again.data).toMatchObject({ recovered: true, more: false, seq: from + 6 });
      const missed = lists(again.data.events).map((event) => Object(event).seq);
      await write(3, "after");
      await client.take(({ data }) => data._meta.seq === from + 9);
      const [before, after] = [seqsOf(client).slice(0, 3), seqsOf(client).slice(3)];
      expect([...before, ...missed, ...after]).toEqual(Array.from({ length: 9 }, (_, i) => from + 1 + i));
    }
  });

  test("[I3] leaving a project, or the namespace, ends what is heard of it", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const client = await io.connect(ana);
    const id = client.id;
    await client.ask("join_project", { project_id: project.id });
    await client.ask("leave_project", { project_id: project.id });
    await makeTask(ana, project);
    expect(await client.ask("ping")).toMatchObject({ ok: true });
    expect(client.heard.map(({ event }) => event)).toEqual(["connected"]);
    client.leave();
    client.enter();
    await client.take("connected");
    expect(client.id).not.toBe(id);
    expect(await client.ask("ping")).toMatchObject({ ok: true });
  });

  test("[I3][S10] whoever is removed from a project hears nothing of it any more, but that it happened", async () => {
    const [ana, bo] = [await home.person("Ana"), await home.person("Bo")];
    const project = await home.project(ana, [bo]);
    const clients = await Promise.all([bySocket, byPolling].map((kind) => io.connect(bo, { kind })));
    for (const client of clients) await client.ask("join_project", { project_id: project.id });
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${bo.id}`), 204);
    await makeTask(ana, project);
    for (const client of clients) {
      await client.take("project_left");
      await client.ask("ping");
      const names = client.heard.map(({ event }) => event);
      expect(names).not.toContain("member_removed");
      expect(names).not.toContain("task_created");
      const again = await client.ask("join_project", { project_id: project.id });
      expect(again).toMatchObject({ ok: false, error: { code: "not_found" } });
    }
    await addMember(ana, project, bo, "viewer");
    for (const client of clients)
      expect(await client.ask("join_project", { project_id: project.id })).toMatchObject({ ok: true });
  });
});

describe("what reaches one connection alone", () => {
  test("[I2] a failing event without an acknowledgement yields the event `error`; `ping` yields `pong`", async () => {
    const client = await io.connect(await home.person("Ana"));
    client.emit("task_update", { nothing: true });
    const { data } = await client.take("error");
    expect(data).toMatchObject({
      code: "invalid",
      errors: [{ path: "task_id" }, { path: "changes" }, { path: "nothing" }],
    });
    client.emit("ping");
    expect((await client.take("pong")).data).toEqual({
      server_time: expect.any(String),
      _meta: { at: expect.any(String) },
    });
  });

  test("[I2] an event takes one argument, and one that is none of ours is refused; the connection lives", async () => {
    const client = await io.connect(await home.person("Ana"));
    for (const args of [[{}, {}], ["text"], [7], [[]], [Buffer.from("bytes")]])
      expect(await client.ask("join_project", ...args)).toMatchObject({ ok: false, error: { code: "invalid" } });
    const unknown = await client.ask("no_such_event", {});
    expect(unknown).toMatchObject({ ok: false, error: { code: "invalid", errors: [{ path: "event" }] } });
    expect(await client.ask("ping", null)).toMatchObject({ ok: true });
  });

  test("[I3] both kinds stand in the list of connections and in the figures", async () => {
    const administrator = await makeAdministrator(home.app);
    const ana = await home.person("Ana");
    const [client, native] = [await io.connect(ana, { kind: byPolling }), await home.connect(ana)];
    const list = ok(await administrator.call<Page<LiveSession>>("GET", `/api/sessions?user_id=${ana.id}`), 200);
    expect(list.items).toMatchObject([
      { session_id: client.id, transport: "socketio", address: "127.0.0.1" },
      { session_id: native.frames[0]?.data.session_id, transport: "websocket" },
    ]);
    const metrics = await (await fetch(`${home.app.url}/metrics`)).text();
    expect(metrics).toMatch(/^taskwire_transport_connections\{transport="socketio"\} 1$/m);
  });
});
