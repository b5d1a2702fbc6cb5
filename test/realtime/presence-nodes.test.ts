/** Presence and typing over several nodes (S5): what people see does not depend on the node they are connected to. */
import { describe, expect, test } from "bun:test";
import type { UserPresence } from "../../src/protocol/presence.ts";
import { databases } from "../support/db.ts";
import { type NodeApp, useNodes } from "../support/node-apps.ts";
import { addMember, makePerson, makeProject, makeTask, type Person } from "../support/people.ts";
import type { Wire } from "../support/wire.ts";

describe.if(databases.some(({ kind }) => kind === "postgres"))("people on several nodes", () => {
  const nodes = useNodes(2);

  /** Ana watches a project from the first node; Bo is a member who is not there yet. */
  async function room() {
    const [here, there] = [nodes.at(0), nodes.at(1)];
    const person = (name: string) => makePerson(here, `${name} ${Bun.randomUUIDv7()}`);
    const [ana, bo] = [await person("Ana"), await person("Bo")];
    const project = await makeProject(ana);
    await addMember(ana, project, bo, "member");
    const project_id = project.id;
    const enter = async (who: Person, node: NodeApp) => {
      const wire = await node.connect(who);
      return { wire, list: listOf(await wire.ask("join_project", { project_id })) };
    };
    const { wire: watcher } = await enter(ana, here);
    await nodes.pass(0.5);
    const listAt = async (node: NodeApp) => (await enter(ana, node)).list;
    return { here, there, ana, bo, project, project_id, watcher, enter, listAt };
  }

  const listOf = ({ data }: { data: Readonly<Record<string, unknown>> }): UserPresence[] => {
    if (!Array.isArray(data.presence)) throw new Error("the answer holds no presence");
    return data.presence;
  };
  /** What the wire was told of the person since `from`. */
  const told = async (wire: Wire, person: Person, from: number, event = "user_presence") =>
    (await wire.settled(from)).filter(
      ({ event: name, data }) => name === event && JSON.stringify(data).includes(person.id),
    );
  const states = async (wire: Wire, person: Person, from = 0) =>
    (await told(wire, person, from)).map(({ data }) =>
      data.task_id === undefined ? data.status : `${data.status} ${data.task_id}`,
    );
  const close = async (wire: Wire) => {
    wire.close();
    await wire.closed;
  };

  test("[S5] somebody on another node is told to the room once, and stands in the answer of every join", async () => {
    const { ana, bo, there, watcher, enter } = await room();
    const { list } = await enter(bo, there);
    expect(list.map(({ user_id, status }) => [user_id, status]).toSorted()).toEqual(
      [ana.id, bo.id].map((id) => [id, "active"]).toSorted(),
    );
    await nodes.pass(0.5);
    expect(await states(watcher, bo)).toEqual(["active"]);
    // The other way round: what the node heard before anybody listened there is not told, but listed.
    const late = await enter(ana, there);
    expect(late.list.map(({ user_id }) => user_id).toSorted()).toEqual([ana.id, bo.id].toSorted());
    await nodes.pass(0.5);
    expect([await states(watcher, bo), await states(late.wire, ana)]).toEqual([["active"], []]);
  });

  test("[S5] of tabs on several nodes the busiest status counts, and the latest task", async () => {
    const { ana, bo, here, there, project, watcher, enter } = await room();
    const [first, second] = [await makeTask(ana, project), await makeTask(ana, project)];
    const [one, two] = [(await enter(bo, here)).wire, (await enter(bo, there)).wire];
    await nodes.pass(0.5);
    const from = watcher.frames.length;
    const say = async (wire: Wire, status: string, task_id?: string) => {
      await wire.ask("presence_update", { status, ...(task_id && { task_id }) });
      await nodes.pass(0.5);
    };
    await say(one, "idle", first.id); // the other is active, without a word of a task
    await say(two, "away", second.id); // → idle
    await say(two, "busy", second.id);
    await say(one, "active", first.id);
    await close(two);
    await nodes.pass(0.5);
    expect(await states(watcher, bo, from)).toEqual([
      `active ${first.id}`,
      `idle ${second.id}`,
      `busy ${second.id}`,
      `busy ${first.id}`,
      `active ${first.id}`,
    ]);
  });

  test("[S5] offline comes 10 s after the last connection went, whichever node it was on", async () => {
    const { bo, here, there, watcher, enter, listAt } = await room();
    const [one, two] = [(await enter(bo, here)).wire, (await enter(bo, there)).wire];
    await nodes.pass(0.5);
    const from = watcher.frames.length;
    await close(one);
    await nodes.pass(12);
    await close(two);
    await nodes.pass(9.5);
    expect(await states(watcher, bo, from)).toEqual([]);
    expect((await listAt(here)).length).toBe(2);
    await nodes.pass(1);
    expect(await states(watcher, bo, from)).toEqual(["offline"]);
    expect([(await listAt(here)).length, (await listAt(there)).length]).toEqual([1, 1]);
  });

  test("[S5] a node that starts later knows who is where, and so do the others once it stopped", async () => {
    const { ana, bo, there, watcher, enter, listAt } = await room();
    await enter(bo, there);
    const third = await nodes.start();
    await nodes.pass(0.5);
    expect((await listAt(third)).map(({ user_id }) => user_id).toSorted()).toEqual([ana.id, bo.id].toSorted());
    const cem = await makePerson(there, `Cem ${Bun.randomUUIDv7()}`);
    const dia = await makePerson(there, `Dia ${Bun.randomUUIDv7()}`);
    const project = await makeProject(cem);
    await addMember(cem, project, dia, "member");
    await addMember(cem, project, ana, "member");
    const inside = async (who: Person, node: NodeApp) => {
      const wire = await node.connect(who);
      await wire.ask("join_project", { project_id: project.id });
      return wire;
    };
    await watcher.ask("join_project", { project_id: project.id });
    for (const who of [cem, dia]) await inside(who, third);
    await nodes.pass(0.5);
    const from = watcher.frames.length;
    await third.stop();
    await inside(dia, there); // comes back to another
    await nodes.pass(9);
    expect([await states(watcher, cem, from), await states(watcher, dia, from)]).toEqual([[], []]);
    await nodes.pass(1.5);
    expect([await states(watcher, cem, from), await states(watcher, dia, from)]).toEqual([["offline"], []]);
  });

  test("[S5] within 10 s of a node's death its people are offline, but for those who are elsewhere; and it comes back", async () => {
    const { ana, bo, here, there, project, watcher, enter } = await room();
    const cem = await makePerson(here, `Cem ${Bun.randomUUIDv7()}`);
    await addMember(ana, project, cem, "member");
    const [tab] = [(await enter(bo, here)).wire];
    await enter(bo, there);
    await enter(cem, there);
    await tab.ask("presence_update", { status: "away" });
    await nodes.pass(0.5);
    const from = watcher.frames.length;
    there.broker.cut(false);
    await nodes.pass(5.5);
    expect([await states(watcher, cem, from), await states(watcher, bo, from)]).toEqual([[], []]);
    await nodes.pass(4.5);
    expect([await states(watcher, cem, from), await states(watcher, bo, from)]).toEqual([["offline"], ["away"]]);
    there.broker.mend();
    await nodes.pass(2.5);
    expect([await states(watcher, cem, from), await states(watcher, bo, from)]).toEqual([
      ["offline", "active"],
      ["away", "active"],
    ]);
  });

  test("[S5] a node that hears no broker keeps what it knew, and is right within 3 s when it does again", async () => {
    const { ana, bo, here, there, project, watcher, enter, listAt } = await room();
    const cem = await makePerson(here, `Cem ${Bun.randomUUIDv7()}`);
    await addMember(ana, project, cem, "member");
    const { wire } = await enter(bo, there);
    await nodes.pass(0.5);
    const from = watcher.frames.length;
    for (const node of [here, there]) node.broker.cut(true);
    await enter(cem, there);
    await close(wire);
    await nodes.pass(30);
    expect([await states(watcher, bo, from), await states(watcher, cem, from)]).toEqual([[], []]);
    for (const node of [here, there]) node.broker.mend();
    await nodes.pass(3);
    expect([await states(watcher, bo, from), await states(watcher, cem, from)]).toEqual([["offline"], ["active"]]);
    expect((await listAt(here)).map(({ user_id }) => user_id).toSorted()).toEqual([ana.id, cem.id].toSorted());
  });

  test("[S5] what was lost on the way is found within 3 s", async () => {
    const { bo, there, watcher, enter } = await room();
    const { wire } = await enter(bo, there);
    await nodes.pass(0.5);
    const from = watcher.frames.length;
    there.broker.cut(false);
    await wire.ask("presence_update", { status: "busy" });
    await nodes.pass(0.5);
    there.broker.mend();
    expect(await states(watcher, bo, from)).toEqual([]);
    await nodes.pass(3);
    expect(await states(watcher, bo, from)).toEqual(["busy"]);
  });

  test("[S5] typing is told across nodes, goes on while it is said again, and ends with its node", async () => {
    const { ana, bo, here, there, project, project_id, watcher, enter } = await room();
    const task_id = (await makeTask(ana, project)).id;
    const [one, two] = [(await enter(bo, here)).wire, (await enter(bo, there)).wire];
    await nodes.pass(0.5);
    const from = watcher.frames.length;
    const type = async (wire: Wire, is_typing: boolean) => {
      await wire.ask("user_typing", { project_id, task_id, is_typing });
      await nodes.pass(0.5);
    };
    const heard = async () => (await told(watcher, bo, from, "user_typing_status")).map(({ data }) => data.is_typing);
    await type(two, true);
    await type(one, true);
    await type(one, false); // still on the other
    expect(await heard()).toEqual([true]);
    for (let i = 0; i < 3; i++) {
      await nodes.pass(4);
      await type(two, true);
    }
    expect(await heard()).toEqual([true]);
    await type(two, false);
    expect(await heard()).toEqual([true, false]);
    await type(two, true);
    there.broker.cut(false);
    await nodes.pass(7.5);
    there.broker.mend();
    expect(await heard()).toEqual([true, false, true, false]);
  });
});
