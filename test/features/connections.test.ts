import { expect, test } from "bun:test";
import type { LiveSession } from "../../src/protocol/connections.ts";
import { describeApp, startApp } from "../support/app.ts";
import { makeAdministrator, makeHolder } from "../support/keys.ts";
import { makePerson, makeProject, ok, type Page, type Person } from "../support/people.ts";
import { openWire } from "../support/wire.ts";

const list = async (person: Person, query = ""): Promise<Page<LiveSession>> =>
  ok(await person.call<Page<LiveSession>>("GET", `/api/sessions${query}`), 200);

describeApp("live connections", (app) => {
  test("an administrator sees who is connected, how, since when, and to what; nobody else does", async () => {
    const [admin, ana] = [await makeAdministrator(app), await makePerson(app, "live-ana")];
    const project = await makeProject(ana);
    const { robot } = await makeHolder(app, ana, { scopes: ["read"] });
    expect((await list(admin)).items).toEqual([]);
    const startedAt = new Date(Date.now() - 1).toISOString();
    const wires = [];
    const ids: unknown[] = [];
    for (const token of [ana.token, robot.token]) {
      const wire = await openWire(app.url, { token });
      ids.push((await wire.take("connected")).data.session_id);
      wires.push(wire);
    }
    const silent = await openWire(app.url); // has not authenticated: nobody's connection
    await wires[0]?.ask("join_project", { project_id: project.id });
    const { items } = await list(admin);
    const user = { id: ana.id, name: "live-ana", avatar_url: null, role: "user" as const };
    const node_id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const each = {
      node_id,
      user,
      transport: "websocket" as const,
      address: "127.0.0.1",
      connected_at: expect.any(String),
    };
    expect(items).toEqual([
      { ...each, session_id: String(ids[0]), kind: "user", rooms: [`user:${ana.id}`, `project:${project.id}`] },
      { ...each, session_id: String(ids[1]), kind: "key", rooms: [`user:${ana.id}`] },
    ]);
    for (const { connected_at } of items) {
      expect(connected_at > startedAt && connected_at <= new Date().toISOString()).toBe(true);
    }
    const first = await list(admin, "?limit=1");
    const second = await list(admin, `?limit=1&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items].map(({ session_id }) => session_id)).toEqual(ids.map(String));
    expect(second.next_cursor).toBeNull();
    expect((await list(admin, `?user_id=${admin.id}`)).items).toEqual([]);
    expect((await list(admin, `?user_id=${ana.id}`)).items).toHaveLength(2);
    for (const person of [ana, robot]) expect((await person.call("GET", "/api/sessions")).status).toBe(403);
    for (const wire of wires) wire.close();
    for (const wire of wires) await wire.closed;
    silent.destroy();
    expect((await list(admin)).items).toEqual([]);
  });
});

test("behind a proxy a connection's address is not told: it would be the proxy's", async () => {
  const app = await startApp({ env: { TRUSTED_PROXIES: "127.0.0.1" } });
  try {
    const admin = await makeAdministrator(app);
    const wire = await openWire(app.url, { token: admin.token });
    await wire.take("connected");
    expect((await list(admin)).items.map(({ address }) => address)).toEqual([null]);
    wire.destroy();
  } finally {
    await app.stop();
  }
});
