/** Clients of Socket.IO on one node and native ones on another: one house over all nodes (I3). */
import { afterEach, describe, expect, test } from "bun:test";
import { databases } from "../support/db.ts";
import { makeAdministrator } from "../support/keys.ts";
import { type NodeApp, useNodes } from "../support/node-apps.ts";
import { addMember, makePerson, makeProject, makeTask, ok, type Person } from "../support/people.ts";
import { clientKinds, openSocketIo, type SocketIoClient } from "../support/socketio-client.ts";
import type { Wire } from "../support/wire.ts";

const [bySocket, byPolling, byUpgrade] = clientKinds;
const kinds = [bySocket, byPolling, byUpgrade];
const writes = 24;

describe.if(databases.some(({ kind }) => kind === "postgres"))("clients of Socket.IO on several nodes", () => {
  const nodes = useNodes(2);
  const clients: SocketIoClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.leave();
  });

  const open = async (node: NodeApp, person: Person, kind: (typeof clientKinds)[number]) => {
    const client = openSocketIo(node.url, { kind, auth: { token: person.token } });
    clients.push(client);
    await client.take("connected");
    return client;
  };
  const person = (node: NodeApp, name: string) => makePerson(node, `${name} ${Bun.randomUUIDv7()}`);

  /** Ana is at the first node with a native client, Bo at `there` with one client of Socket.IO of each kind. */
  async function room(there = nodes.at(1)) {
    const here = nodes.at(0);
    const [ana, bo] = [await person(here, "Ana"), await person(here, "Bo")];
    const project = await makeProject(ana);
    await addMember(ana, project, bo, "member");
    const join = { project_id: project.id };
    const native = await here.connect(ana);
    const { data } = await native.ask("join_project", join);
    const far: SocketIoClient[] = [];
    for (const kind of kinds) far.push(await open(there, bo, kind));
    for (const client of far) expect(await client.ask("join_project", join)).toMatchObject({ ok: true });
    await nodes.pass(0.5);
    return { here, there, ana, bo, project, join, native, far, epoch: data.epoch, seq: Number(data.seq) };
  }

  /** Words between the nodes wait for their clock, answers for the database. */
  const passUntil = async <T>(wanted: Promise<T>): Promise<T> => {
    let here = false;
    const settled = wanted.finally(() => {
      here = true;
    });
    while (!here) {
      await nodes.pass(0.25);
      await nodes.at(0).database.sql`select pg_sleep(0.01)`;
    }
    return settled;
  };

  /** An event as a native client is told it. */
  const told = ({ heard }: SocketIoClient, room: unknown) =>
    heard.flatMap(({ event, data: { _meta, ...data } }) =>
      _meta.seq !== undefined && _meta.room === room ? [{ event, data, ..._meta }] : [],
    );
  const toldNative = ({ frames }: Wire, room: unknown) =>
    frames.filter((frame) => frame.seq !== undefined && frame.id === undefined && frame.room === room);
  const lists = (data: unknown): unknown[] => (Array.isArray(data) ? data : []);
  const seqsOf = (client: SocketIoClient, room: string) => told(client, room).map(({ seq }) => seq);
  const rangeTo = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + 1 + i);

  test("[I3][S6] they hear the same events in the same order with the same `_meta`, whichever node wrote", async () => {
    const { ana, project, native, far, seq: from } = await room();
    const name = `project:${project.id}`;
    const tasks = await Promise.all(Array.from({ length: 4 }, () => makeTask(ana, project)));
    const writers = [native, ...far];
    const answers = Promise.all(
      Array.from({ length: writes }, (_, i) =>
        writers[i % 4]?.ask("task_update", { task_id: tasks[i % 4]?.id, changes: { title: `title ${i}` } }),
      ),
    );
    for (const answer of await passUntil(answers)) expect(answer).toMatchObject({ ok: true });
    const all = rangeTo(from, tasks.length + writes);
    await passUntil(
      Promise.all([
        native.take(({ seq, id }) => seq === all.at(-1) && id === undefined),
        ...far.map((client) => client.take(({ data: { _meta } }) => _meta.seq === all.at(-1) && _meta.room === name)),
      ]),
    );
    const same: unknown[] = toldNative(native, name);
    expect(toldNative(native, name).map(({ seq }) => seq)).toEqual(all);
    for (const client of far) expect<unknown[]>(told(client, name)).toEqual(same);
  });

  test("[I3][S5] presence and typing pass between them", async () => {
    const { ana, bo, project, join, native, far, there } = await room();
    const task_id = (await makeTask(ana, project)).id;
    const late = await open(there, bo, byPolling);
    const { data } = await late.ask("join_project", join);
    expect(lists(data.presence)).toContainEqual(expect.objectContaining({ user_id: ana.id, status: "active" }));
    for (const client of [late, ...far]) await client.ask("presence_update", { status: "busy" });
    const seen = native.take(
      ({ event, data: { user_id, status } }) => event === "user_presence" && user_id === bo.id && status === "busy",
    );
    await passUntil(seen);
    await native.ask("user_typing", { ...join, task_id, is_typing: true });
    const meta = { room: `project:${project.id}`, at: expect.any(String) };
    for (const client of far) {
      const typing = await passUntil(client.take("user_typing_status"));
      expect(typing.data).toMatchObject({ task_id, user: { id: ana.id }, is_typing: true });
      expect(typing.data._meta).toEqual(meta);
    }
    await far[1]?.ask("user_typing", { ...join, task_id, is_typing: true });
    const typing = native.take(
      ({ event, data: { user } }) => event === "user_typing_status" && Object(user).id === bo.id,
    );
    expect((await passUntil(typing)).data).toMatchObject({ task_id, is_typing: true });
    for (const client of [late, ...far]) client.leave();
    await passUntil(native.take(({ event, data }) => event === "user_presence" && data.status === "offline"));
  });

  test("[I3] a message to a client's `socket.id` reaches it, and it alone, from the other node", async () => {
    const { here, far } = await room();
    const admin = await makeAdministrator(here);
    const actor = { id: admin.id, name: admin.name, kind: "user" };
    for (const [i, client] of far.entries()) {
      const body = { message: `to ${i}`, data: { i } };
      ok(await passUntil(admin.call("POST", `/api/sessions/${client.id}/message`, body)), 204);
    }
    for (const [i, client] of far.entries()) {
      const { data } = await client.take("direct_message");
      expect(data).toEqual({ message: `to ${i}`, data: { i }, _meta: { at: expect.any(String), actor } });
      await client.ask("ping");
      expect(client.heard.filter(({ event }) => event === "direct_message")).toHaveLength(1);
    }
  });

  test("[I3][S10] a member removed at the other node is told so, and hears nothing behind it", async () => {
    const { ana, bo, project, join, native, far, there } = await room();
    const cem = await person(there, "Cem");
    await addMember(ana, project, cem, "member");
    const stays = await open(there, cem, byPolling);
    await stays.ask("join_project", join);
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${bo.id}`), 204);
    await makeTask(ana, project);
    // Who stays has heard what was behind it, so whoever was to hear it would have.
    await passUntil(Promise.all([stays.take("task_created"), native.take("task_created")]));
    for (const client of far) {
      const { data } = await passUntil(client.take("project_left"));
      expect(data).toMatchObject({ project_id: project.id });
      expect(await client.ask("join_project", join)).toMatchObject({ ok: false, error: { code: "not_found" } });
      const names = client.heard.map(({ event }) => event);
      expect([names.includes("member_removed"), names.includes("task_created")]).toEqual([false, false]);
    }
    expect(stays.heard.some(({ event }) => event === "member_removed")).toBe(true);
  });

  test("[I3][S9] whose node stops goes on at the other with `since`: nothing is lost, nothing comes twice", async () => {
    const { here, there, ana, bo, project, join, native, far, epoch, seq: from } = await room(await nodes.start());
    const name = `project:${project.id}`;
    const task = await makeTask(ana, project);
    const rename = async (title: string) => ok(await ana.call("PATCH", `/api/tasks/${task.id}`, { title }), 200);
    for (let i = 0; i < 10; i++) await rename(`before ${i}`);
    await passUntil(Promise.all(far.map((client) => client.take(({ data }) => data._meta.seq === from + 11))));
    const stopped = there.stop();
    for (let i = 0; i < 10; i++) await rename(`while it stops ${i}`);
    for (const client of far) expect(await passUntil(client.disconnected)).toMatch(/^transport (?:close|error)$/);
    await passUntil(stopped);
    await rename("while nobody is there");
    for (const [i, kind] of kinds.entries()) {
      const heard = far[i] ? seqsOf(far[i], name) : [];
      expect(heard).toEqual(rangeTo(from, heard.length));
      const back = await open(here, bo, kind);
      const since = { epoch, seq: heard.at(-1) };
      const { data } = await back.ask("join_project", { ...join, since });
      expect(data).toMatchObject({ recovered: true, more: false });
      await rename(`live again ${i}`);
      await back.take(({ data: { task } }) => Object(task).title === `live again ${i}`);
      const replayed = lists(data.events).map((event) => Number(Object(event).seq));
      expect([...heard, ...replayed, ...seqsOf(back, name)]).toEqual(rangeTo(from, 23 + i));
    }
    await native.settled();
    expect(toldNative(native, name).map(({ seq }) => seq)).toEqual(rangeTo(from, 25));
  });
});
