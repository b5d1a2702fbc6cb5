import { describe, expect, test } from "bun:test";
import { createTaskwire } from "../../src/client/index.ts";
import type { PublishedEvents } from "../../src/protocol/custom-events.ts";
import { LoggedEvent } from "../../src/protocol/event.ts";
import { describeApp, startApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { makeHolder } from "../support/keys.ts";
import { addMember, type Events, getEvents, makePerson, makeProject, ok, type Person } from "../support/people.ts";
import { openWire, type Wire } from "../support/wire.ts";

const publish = (person: Person, project: { id: string }, body: object, headers?: Record<string, string>) =>
  person.call<PublishedEvents>("POST", `/api/projects/${project.id}/events`, body, headers);

const listen = async (app: { url: string }, person: Person, project: { id: string }): Promise<Wire> => {
  const wire = await openWire(app.url, { token: person.token });
  await wire.take("connected");
  await wire.ask("join_project", { project_id: project.id });
  return wire;
};

describeApp("events of applications", (app) => {
  test("[S3] a durable one is in the log with its number, and the room hears it", async () => {
    const [ana, ben] = [await makePerson(app, "x-ana"), await makePerson(app, "x-ben")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "viewer");
    const { robot } = await makeHolder(app, ana, { name: "Builds", scopes: ["events:publish"] });
    const wire = await listen(app, ben, project);
    const data = { build: 7, ünï: ['"', "\\u0000", null, { deep: [1.5, true] }], __proto__x: 1 };
    const reply = await publish(robot, project, { event: "x_build_done", data, mutation_id: "build 7" });
    const seq = ok(reply, 201).events[0]?.seq ?? 0;
    expect(reply.body).toEqual({ events: [{ event: "x_build_done", seq }] });
    const frame = await wire.take("x_build_done");
    expect(frame).toEqual({
      event: "x_build_done",
      room: `project:${project.id}`,
      seq,
      at: expect.any(String),
      actor: { id: ana.id, name: "Builds", kind: "key" },
      mutation_id: "build 7",
      data,
    } as typeof frame);
    const path = reply.headers.get("location") ?? "";
    const logged = ok(await ben.call<Events>("GET", path), 200).items;
    expect(logged).toEqual([LoggedEvent.parse(frame)] as unknown as typeof logged);
    wire.destroy();
  });

  test("[H4] a retry publishes nothing and answers the same numbers; the events without a seq come once", async () => {
    const ana = await makePerson(app, "x-retry");
    const project = await makeProject(ana);
    const wire = await listen(app, ana, project);
    const body = {
      mutation_id: "batch",
      events: [
        { event: "x_a", data: { i: 0 } },
        { event: "x_b", data: { i: 1 }, durable: false },
        { event: "x_a", data: { i: 2 } },
      ],
    };
    const first = ok(await publish(ana, project, body), 201);
    expect(first.events).toEqual([
      { event: "x_a", seq: expect.any(Number) },
      { event: "x_b" },
      { event: "x_a", seq: (first.events[0]?.seq ?? 0) + 1 },
    ]);
    expect(ok(await publish(ana, project, body), 201)).toEqual(first);
    const ephemeral = { event: "x_c", data: {}, durable: false, mutation_id: "once" };
    expect(ok(await publish(ana, project, ephemeral), 201)).toEqual({ events: [{ event: "x_c" }] });
    expect(ok(await publish(ana, project, ephemeral), 201)).toEqual({ events: [{ event: "x_c" }] });
    expect((await publish(ana, project, { ...ephemeral, data: { other: 1 } })).problem.code).toBe(
      "idempotency_mismatch",
    );
    ok(await publish(ana, project, { event: "x_end", data: {} }), 201);
    await wire.take("x_end");
    const heard = wire.frames.filter(({ event }) => event?.startsWith("x_"));
    expect(heard.map(({ event }) => event).sort()).toEqual(["x_a", "x_a", "x_b", "x_c", "x_end"]);
    expect(await getEvents(ana, project)).toHaveLength(3);
    wire.destroy();
  });

  test("an ephemeral one has a room and an actor, no seq, and is not in the log", async () => {
    const ana = await makePerson(app, "x-ephemeral");
    const project = await makeProject(ana);
    const wire = await listen(app, ana, project);
    expect(ok(await publish(ana, project, { event: "x_cursor", data: { x: 1 }, durable: false }), 201)).toEqual({
      events: [{ event: "x_cursor" }],
    });
    expect(await wire.take("x_cursor")).toEqual({
      event: "x_cursor",
      room: `project:${project.id}`,
      at: expect.any(String),
      actor: { id: ana.id, name: "x-ephemeral", kind: "user" },
      data: { x: 1 },
    } as Awaited<ReturnType<Wire["take"]>>);
    expect(await getEvents(ana, project)).toEqual([]);
    wire.destroy();
  });

  test("a hundred go in one transaction, numbered in their order; one bad one, and none goes", async () => {
    const ana = await makePerson(app, "x-batch");
    const project = await makeProject(ana);
    const events = Array.from({ length: 100 }, (_, i) => ({ event: "x_tick", data: { i } }));
    const { events: published } = ok(await publish(ana, project, { events }), 201);
    expect(published.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect((await getEvents(ana, project)).map(({ data }) => data)).toEqual(events.map(({ data }) => data));
    const bad = [...events.slice(1), { event: "x_tick", data: [] }];
    expect((await publish(ana, project, { events: bad })).problem.errors?.[0]?.path).toBe("events.99.data");
    expect((await publish(ana, project, { events: [...events, ...events] })).status).toBe(422);
    expect(await getEvents(ana, project)).toHaveLength(100);
  });

  test("it takes the role member, in the room's project: for people, host tokens and keys", async () => {
    const [ana, ben, eve] = [
      await makePerson(app, "x-owner"),
      await makePerson(app, "x-viewer"),
      await makePerson(app, "x-eve"),
    ];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "viewer");
    const { robot } = await makeHolder(app, ben, { scopes: ["events:publish"] });
    for (const durable of [true, false]) {
      const body = { event: "x_a", data: {}, durable };
      expect((await publish(ben, project, body)).status).toBe(403);
      expect((await publish(robot, project, body)).status).toBe(403);
      expect((await publish(eve, project, body)).status).toBe(404);
    }
    ok(await ana.call("PATCH", `/api/projects/${project.id}/members/${ben.id}`, { role: "member" }), 200);
    ok(await publish(robot, project, { event: "x_a", data: {}, durable: false }), 201);
    ok(await publish(robot, project, { event: "x_a", data: {} }), 201);
    ok(await ana.call("DELETE", `/api/projects/${project.id}`), 204);
    expect((await publish(ana, project, { event: "x_a", data: {}, durable: false })).status).toBe(404);
    expect((await publish(ana, project, { event: "x_a", data: {} })).status).toBe(404);
  });

  test("names and data are checked, with the path of what is wrong", async () => {
    const ana = await makePerson(app, "x-bad");
    const project = await makeProject(ana);
    const wrong = async (body: object) => (await publish(ana, project, body)).problem.errors?.map(({ path }) => path);
    const data = {};
    const names = ["", "x_", "build", "task_created", "x_Build", "x_a-b", `x_${"a".repeat(63)}`, 'x_"', "X_a", "x_a\n"];
    for (const event of names) expect([event, await wrong({ event, data })]).toEqual([event, ["event"]]);
    const message = "is x_ and 1 to 62 of a-z, 0-9, _";
    for (const event of ["build_done", "x_build-done", 7]) {
      const single = await publish(ana, project, { event, data });
      expect(single.problem).toMatchObject({ detail: `event: ${message}`, errors: [{ path: "event", message }] });
      const batch = await publish(ana, project, {
        events: [
          { event: "x_a", data },
          { event, data },
        ],
      });
      expect(batch.problem.errors).toEqual([{ path: "events.1.event", message }]);
    }
    ok(await publish(ana, project, { event: `x_${"a".repeat(62)}`, data }), 201);
    for (const each of [[], "x", 1, null]) expect(await wrong({ event: "x_a", data: each })).toEqual(["data"]);
    expect(await wrong({ event: "x_a" })).toEqual(["data"]);
    expect(await wrong({ data })).toEqual(["event"]);
    expect(await wrong({})).toEqual(["event"]);
    expect(await wrong({ events: [] })).toEqual(["events"]);
    expect(await wrong({ events: [{ event: "x_a", data }], event: "x_b" })).toEqual(["events"]);
    expect(await wrong({ event: "x_a", data, seq: 1 })).toEqual(["seq"]);
    expect(await wrong({ events: [{ event: "x_a", data, mutation_id: "x" }] })).toEqual(["events.0.mutation_id"]);
    for (const text of ["\0", "a\\\0", "\ud800"])
      expect(await wrong({ event: "x_a", data: { text } })).toEqual(["data"]);
    ok(await publish(ana, project, { event: "x_a", data: { text: "\\u0000 \\\\u0000 \\ud800 😀" } }), 201);
    const sized = (bytes: number) => ({ text: "x".repeat(bytes - '{"text":""}'.length) });
    ok(await publish(ana, project, { event: "x_a", data: sized(16_384) }), 201);
    expect(await wrong({ event: "x_a", data: sized(16_385) })).toEqual(["data"]);
    expect(await wrong({ event: "x_a", data: { text: "é".repeat(8_200) } })).toEqual(["data"]);
    for (const [levels, status] of [
      [63, 201],
      [64, 422],
      [100_000, 422],
    ] as const) {
      const deep = `{"event":"x_a","data":{"a":${"[".repeat(levels)}${"]".repeat(levels)}}}`;
      expect((await ana.call("POST", `/api/projects/${project.id}/events`, deep)).status).toBe(status);
    }
  });

  test("the SDK hears them by name, with and without a seq, and its state stays what it is", async () => {
    const ana = await makePerson(app, "x-sdk");
    const project = await makeProject(ana);
    const client = createTaskwire({ url: app.url, token: ana.token });
    try {
      const store = await client.joinProject(project.id);
      const before = store.tasks.value;
      const heard: unknown[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      client.on("x_deploy", (data, { seq }) => {
        heard.push([data.stage, seq]);
        if (heard.length === 2) resolve();
      });
      ok(await publish(ana, project, { event: "x_deploy", data: { stage: "durable" } }), 201);
      ok(await publish(ana, project, { event: "x_deploy", data: { stage: "ephemeral" }, durable: false }), 201);
      await promise;
      expect(heard.toSorted()).toEqual([
        ["durable", 1],
        ["ephemeral", undefined],
      ]);
      expect(store.tasks.value).toBe(before);
    } finally {
      client.close();
    }
  });
});

describe.if(databases.some(({ kind }) => kind === "postgres"))("events of applications over two nodes", () => {
  test("both kinds reach those who are connected to the other one", async () => {
    const here = await startApp({ kind: "postgres" });
    const there = await startApp({ databaseUrl: here.databaseUrl });
    try {
      const ana = await makePerson(here, "x-nodes");
      const project = await makeProject(ana);
      const wire = await listen(there, ana, project);
      ok(await publish(ana, project, { event: "x_kept", data: { big: "x".repeat(16_000) } }), 201);
      expect((await wire.take("x_kept")).seq).toBe(1);
      // The nodes know each other by now: what is only told reaches the other one.
      ok(await publish(ana, project, { event: "x_told", data: { small: "x".repeat(2_000) }, durable: false }), 201);
      expect((await wire.take("x_told")).data).toEqual({ small: "x".repeat(2_000) });
      wire.destroy();
    } finally {
      await there.stop();
      await here.stop();
    }
  });
});
