/** What is revoked on one node bites on the others within a second (S10), though every wake between them is lost. */
import { describe, expect, test } from "bun:test";
import { databases } from "../support/db.ts";
import { makeAdministrator, makeHolder } from "../support/keys.ts";
import { useNodes } from "../support/node-apps.ts";
import { addMember, makePerson, makeProject, makeTask, ok } from "../support/people.ts";

const seconds = 1;

describe.if(databases.some(({ kind }) => kind === "postgres")).each([
  { line: "with the broker", lost: 0 },
  { line: "with every wake lost and the heartbeat alive", lost: Number.POSITIVE_INFINITY },
])("revocation between nodes, $line", ({ lost }) => {
  const nodes = useNodes(2);
  /** A look at the log that is under way is over: the next one is left out where one still is. */
  const looked = async () => {
    const { sql } = nodes.at(1).database;
    const busy = () => sql`select from pg_stat_activity
      where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`;
    while ((await busy()).length > 0);
  };
  const setUp = async () => {
    const [here, there] = [nodes.at(0), nodes.at(1)];
    here.broker.lose("wake", lost);
    const [ana, bo] = [
      await makePerson(here, `Ana ${Bun.randomUUIDv7()}`),
      await makePerson(here, `Bo ${Bun.randomUUIDv7()}`),
    ];
    const project = await makeProject(ana);
    await addMember(ana, project, bo, "member");
    const wire = await there.connect(bo);
    ok(await ana.call("GET", `/api/projects/${project.id}`), 200);
    expect(await wire.ask("join_project", { project_id: project.id })).toMatchObject({ ok: true });
    await nodes.pass(0.5);
    await looked();
    return { here, there, ana, bo, project, project_id: project.id, wire };
  };
  /** The clock stands again when the second is over: the database may take its time for what the node asks it on the way. */
  const passing = async (done: () => boolean) => {
    await nodes.pass(seconds);
    while (!done()) await nodes.at(1).database.sql`select pg_sleep(0.02)`;
  };

  test("[S10] a member removed on one hears nothing more of the project on the other", async () => {
    const { there, ana, bo, project, project_id, wire } = await setUp();
    const watcher = await there.connect(ana);
    await watcher.ask("join_project", { project_id });
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${bo.id}`), 204);
    const left = () => wire.frames.some(({ event }) => event === "project_left");
    await passing(left);
    expect(left()).toBe(true);
    await makeTask(ana, project);
    // Whoever stays has heard of it there by then.
    await passing(() => watcher.frames.some(({ event }) => event === "task_created"));
    const names = (await wire.settled()).map(({ event }) => event);
    expect([names.includes("member_removed"), names.includes("task_created")]).toEqual([false, false]);
  });

  test("[S10] a project deleted on one is closed on the other", async () => {
    const { there, ana, project_id, wire } = await setUp();
    const watcher = await there.connect(ana);
    await watcher.ask("join_project", { project_id });
    ok(await ana.call("DELETE", `/api/projects/${project_id}`), 204);
    const left = () => [wire, watcher].every(({ frames }) => frames.some(({ event }) => event === "project_left"));
    await passing(left);
    expect(left()).toBe(true);
    expect(await wire.ask("join_project", { project_id })).toMatchObject({ error: { code: "not_found" } });
    const typing = { project_id, task_id: Bun.randomUUIDv7(), is_typing: true };
    expect(await wire.ask("user_typing", typing)).toMatchObject({ error: { code: "invalid" } });
  });

  test("[S10] project_deleted is heard of the other though the news of the persons' own rooms came first", async () => {
    const { here, there, ana, project_id, wire } = await setUp();
    const watcher = await there.connect(ana);
    await watcher.ask("join_project", { project_id });
    // The deletion's first wake is the project's own.
    here.broker.lose("wake", Math.max(lost, 1));
    ok(await ana.call("DELETE", `/api/projects/${project_id}`), 204);
    const names = ({ frames }: typeof wire) => frames.map(({ event }) => event);
    const told = () => [wire, watcher].every((one) => names(one).includes("project_deleted"));
    await passing(told);
    expect(told()).toBe(true);
    for (const one of [wire, watcher]) {
      expect(names(one)).toContain("project_left");
      expect(names(one).filter((name) => name === "project_deleted")).toHaveLength(1);
    }
  });

  test("[S10] a key revoked on one ends its connections on the other", async () => {
    const { here, there } = await setUp();
    const admin = await makeAdministrator(here);
    const connect = async () => {
      const { robot, key } = await makeHolder(here, admin, { scopes: ["read"] });
      const held = { code: 0, revoke: async () => ok(await admin.call("DELETE", `/api/api-keys/${key.id}`), 204) };
      void (await there.connect(robot)).closed.then(({ code }) => {
        held.code = code;
      });
      return held;
    };
    const [first, second] = [await connect(), await connect()];
    await first.revoke();
    // In small steps, so that a look has just been when the second one is revoked: it waits for the next, as long as any may.
    while (first.code === 0) {
      await nodes.pass(0.05);
      await there.database.sql`select pg_sleep(0.03)`;
    }
    expect(first.code).toBe(4403);
    await looked();
    await second.revoke();
    await passing(() => second.code !== 0);
    expect(second.code).toBe(4403);
  });
});
