/** Live connections of several nodes, asked at one of them. */
import { beforeAll, describe, expect, test } from "bun:test";
import type { LiveSession } from "../../src/protocol/connections.ts";
import { ConnectionMetrics } from "../../src/protocol/metrics.ts";
import { databases } from "../support/db.ts";
import { makeAdministrator } from "../support/keys.ts";
import { type NodeApp, useNodes } from "../support/node-apps.ts";
import { makePerson, makeProject, ok, type Page, type Person } from "../support/people.ts";
import type { Wire } from "../support/wire.ts";

type Listed = Page<LiveSession> & { readonly unanswered_nodes: readonly string[] };

describe.if(databases.some(({ kind }) => kind === "postgres"))("connections of several nodes", () => {
  const nodes = useNodes(2);
  let admin: Person;
  beforeAll(async () => {
    admin = await makeAdministrator(nodes.at(0));
  });

  const connect = async (node: NodeApp, person: Person) => {
    const wire = await node.connect(person);
    const session = wire.frames.find(({ event }) => event === "connected")?.data.session_id;
    return { wire, session: String(session) };
  };
  const list = async (query: string) => ok(await admin.call<Listed>("GET", `/api/sessions${query}`), 200);
  const figures = async () => ConnectionMetrics.parse(ok(await admin.call("GET", "/api/metrics/connections"), 200));
  const message = (session: string, message: string) =>
    admin.call("POST", `/api/sessions/${session}/message`, { message, mutation_id: message });
  /** The clock moves while the question waits for a node that does not answer, and not before it was asked. */
  const within = async <T>(seconds: number, ask: () => Promise<T>): Promise<T> => {
    const asked = nodes.at(0).broker.asked();
    const answer = ask();
    await asked;
    await nodes.pass(seconds);
    return answer;
  };
  const close = async (...wires: Wire[]) => {
    for (const wire of wires) wire.close();
    await Promise.all(wires.map((wire) => wire.closed));
  };

  test("are listed together, in the order in which they connected, page by page", async () => {
    const ana = await makePerson(nodes.at(0), `Ana ${Bun.randomUUIDv7()}`);
    const made = [];
    for (const at of [1, 0, 1]) made.push(await connect(nodes.at(at), ana));
    const ids = made.map(({ session }) => session);
    const all = await list(`?user_id=${ana.id}`);
    expect(all.items.map(({ session_id }) => session_id)).toEqual(ids);
    expect(all.unanswered_nodes).toEqual([]);
    const [first, second, third] = all.items.map(({ node_id }) => node_id);
    expect([first === third, first === second]).toEqual([true, false]);
    const page = await list(`?user_id=${ana.id}&limit=2`);
    const rest = await list(`?user_id=${ana.id}&limit=2&cursor=${page.next_cursor}`);
    expect([...page.items, ...rest.items]).toEqual([...all.items]);
    expect(rest.next_cursor).toBeNull();
    await close(...made.map(({ wire }) => wire));
    expect((await list(`?user_id=${ana.id}`)).items).toEqual([]);
  });

  test("are counted together, people once, and by node", async () => {
    const [ana, bo] = [
      await makePerson(nodes.at(0), `Ana ${Bun.randomUUIDv7()}`),
      await makePerson(nodes.at(0), `Bo ${Bun.randomUUIDv7()}`),
    ];
    const project = await makeProject(ana);
    const before = await figures();
    const made = [await connect(nodes.at(0), ana), await connect(nodes.at(1), ana), await connect(nodes.at(1), bo)];
    for (const { wire } of made.slice(0, 2)) await wire.ask("join_project", { project_id: project.id });
    const now = await figures();
    expect([now.total - before.total, now.opened - before.opened, now.people - before.people]).toEqual([3, 3, 2]);
    expect(now.projects).toContainEqual({ project_id: project.id, connections: 2 });
    const gained = now.nodes.map(({ total, people }, i) => [
      total - (before.nodes[i]?.total ?? 0),
      people - (before.nodes[i]?.people ?? 0),
    ]);
    expect(gained).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(now.unanswered_nodes).toEqual([]);
    await close(...made.map(({ wire }) => wire));
    const { durations } = await figures();
    expect(durations.count - now.durations.count).toBe(3);
    expect(durations.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(durations.count);
  });

  test("of a node that died are missing within 10 s, and until then it is said that it does not answer", async () => {
    const ana = await makePerson(nodes.at(0), `Ana ${Bun.randomUUIDv7()}`);
    const far = await connect(nodes.at(1), ana);
    const node_id = (await list(`?user_id=${ana.id}`)).items[0]?.node_id ?? "";
    nodes.at(1).broker.cut(false);
    const dying = await within(2, () => list(`?user_id=${ana.id}`));
    expect([dying.items, dying.unanswered_nodes]).toEqual([[], [node_id]]);
    expect((await within(2, figures)).unanswered_nodes).toEqual([node_id]);
    expect((await within(2, () => message(far.session, "dying"))).problem).toMatchObject({ code: "unavailable" });
    await nodes.pass(8);
    const dead = await list(`?user_id=${ana.id}`);
    expect([dead.items, dead.unanswered_nodes]).toEqual([[], []]);
    expect((await message(far.session, "dead")).problem.code).toBe("not_found");
    nodes.at(1).broker.mend();
    await nodes.pass(2.5);
    expect((await list(`?user_id=${ana.id}`)).items.map(({ session_id }) => session_id)).toEqual([far.session]);
    // What was said in vain is not told later.
    expect((await message(far.session, "back")).status).toBe(204);
    const heard = (await far.wire.settled()).filter(({ event }) => event === "direct_message");
    expect(heard.map(({ data }) => data.message)).toEqual(["back"]);
  });

  test("a message whose answer is lost is told once, and said to be told", async () => {
    const ana = await makePerson(nodes.at(0), `Ana ${Bun.randomUUIDv7()}`);
    const far = await connect(nodes.at(1), ana);
    const { broker } = nodes.at(1);
    broker.lose("cast", 1);
    expect((await within(2, () => message(far.session, "again"))).status).toBe(204);
    const heard = (await far.wire.settled()).filter(({ event }) => event === "direct_message");
    expect(heard.map(({ data }) => data.message)).toEqual(["again"]);
  });

  test("a node that does not hear the broker does not say that a connection is nowhere", async () => {
    const ana = await makePerson(nodes.at(0), `Ana ${Bun.randomUUIDv7()}`);
    const far = await connect(nodes.at(1), ana);
    nodes.at(0).broker.cut(true);
    expect((await within(2, () => message(far.session, "cut"))).problem.code).toBe("unavailable");
    nodes.at(0).broker.mend();
    expect((await message(Bun.randomUUIDv7(), "nowhere")).problem.code).toBe("not_found");
  });
});
