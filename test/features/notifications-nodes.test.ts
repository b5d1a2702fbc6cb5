/** Telling people on two nodes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { everybodyTold, inboxOf } from "../support/inbox.ts";
import { makeAdministrator } from "../support/keys.ts";
import { addMember, makeComment, makePerson, makeProject, makeTask, ok, type Person } from "../support/people.ts";
import { openWire } from "../support/wire.ts";

describe.if(databases.some(({ kind }) => kind === "postgres"))("telling people on two nodes", () => {
  let here: TestApp;
  let there: TestApp;
  let admin: Person;
  beforeAll(async () => {
    here = await startApp({ kind: "postgres" });
    there = await startApp({ databaseUrl: here.databaseUrl });
    admin = await makeAdministrator(here);
  });
  afterAll(async () => {
    await there?.stop();
    await here?.stop();
  });

  const connect = async (app: TestApp, person: Person) => {
    const wire = await openWire(app.url, { token: person.token });
    return { wire, session: String((await wire.take("connected")).data.session_id) };
  };

  test("a message finds its connection on the other node, once, and a session that is nowhere is not found", async () => {
    const ben = await makePerson(here, "nodes-ben");
    const [far, near] = [await connect(there, ben), await connect(here, ben)];
    const say = (session: string) => admin.call("POST", `/api/sessions/${session}/message`, { message: session });
    expect((await say(far.session)).status).toBe(204);
    expect((await say(near.session)).status).toBe(204);
    expect((await say(Bun.randomUUIDv7())).problem.code).toBe("not_found");
    for (const { wire, session } of [far, near]) {
      expect((await wire.take("direct_message")).data).toEqual({ message: session, data: {} });
      expect((await wire.settled()).filter(({ event }) => event === "direct_message").length).toBe(1);
      wire.destroy();
    }
  });

  test("what is broadcast and not kept is heard on both, once", async () => {
    const cem = await makePerson(here, "nodes-cem");
    const connections = [await connect(there, cem), await connect(here, cem)];
    const body = { type: "restart", message: "Now", persist: false, mutation_id: "restart" };
    const send = () => admin.call<{ sent: number }>("POST", "/api/notifications/broadcast", body);
    expect((await Promise.all([send(), send()])).map((reply) => ok(reply, 200).sent)).toEqual([2, 2]);
    for (const { wire } of connections) {
      expect((await wire.take("broadcast")).data).toEqual({ type: "restart", message: "Now", data: {} });
      expect((await wire.settled()).filter(({ event }) => event === "broadcast").length).toBe(1);
      wire.destroy();
    }
  });

  test("both read the log, and everybody is told once", async () => {
    const [ana, ben] = [await makePerson(here, "nodes-ana"), await makePerson(here, "nodes-bo")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "member");
    const tasks = await Promise.all(
      Array.from({ length: 20 }, (_, n) => makeTask(ana, project, { title: `${n}`, assignee_ids: [ben.id] })),
    );
    await Promise.all(tasks.map((task) => makeComment(ana, task, "x")));
    await everybodyTold(here, project);
    const { items } = await inboxOf(ben, "?limit=200");
    expect(items.map(({ type, count }) => `${type} ${count}`).sort()).toEqual([
      ...tasks.map(() => "assigned 1"),
      ...tasks.map(() => "comment 1"),
      "project_added 1",
    ]);
  });
});
