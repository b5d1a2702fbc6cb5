/** What one server changes the others forget at once; where nobody could tell them, within a second (S10). The clock stands still. */
import { describe, expect, test } from "bun:test";
import { getToken, signUp } from "../support/accounts.ts";
import { databases } from "../support/db.ts";
import { makeAdministrator, makeHolder } from "../support/keys.ts";
import { type NodeApp, useNodes } from "../support/node-apps.ts";
import { addMember, caller, makePerson, makeProject, makeTask, ok, type Person } from "../support/people.ts";
import { scrape } from "../support/scrape.ts";

const lost = Number.POSITIVE_INFINITY;

describe.if(databases.some(({ kind }) => kind === "postgres"))("caches of two servers", () => {
  const nodes = useNodes(2);
  let admin: Person | undefined;
  const at = async () => {
    const [here, there] = [nodes.at(0), nodes.at(1)];
    for (const what of ["cast", "wake"] as const) here.broker.lose(what, 0);
    admin ??= await makeAdministrator(here);
    await nodes.pass(2.5); // each says hello
    return { here, there, admin };
  };
  const status = async (node: NodeApp, { token }: Pick<Person, "token">) =>
    (await caller(node, token)("GET", "/api/me")).status;
  const reads = async (node: NodeApp, cache: string) => {
    const now = await scrape(node.url);
    return ["hit", "miss"].map((outcome) => now.value("taskwire_cache_reads_total", { cache, outcome }));
  };

  test("[S10] a key that was revoked at one is refused by the other before a moment has passed", async () => {
    const { here, there, admin } = await at();
    const { robot, key } = await makeHolder(here, admin, { scopes: ["read"] });
    const [hits = 0, misses = 0] = await reads(there, "keys");
    expect([await status(there, robot), await status(there, robot), await status(there, robot)]).toEqual([
      200, 200, 200,
    ]);
    expect(await reads(there, "keys")).toEqual([hits + 2, misses + 1]);
    ok(await admin.call("DELETE", `/api/api-keys/${key.id}`), 204);
    expect(await status(there, robot)).toBe(401);
  });

  test("[S10] with everything lost that they say to each other it is refused within a second", async () => {
    const { here, there, admin } = await at();
    const { robot, key } = await makeHolder(here, admin, { scopes: ["read"] });
    for (const what of ["cast", "wake"] as const) here.broker.lose(what, lost);
    expect(await status(there, robot)).toBe(200);
    ok(await admin.call("DELETE", `/api/api-keys/${key.id}`), 204);
    expect(await status(there, robot)).toBe(200); // so it was remembered, and nobody told
    nodes.clock.advance(1_000);
    expect(await status(there, robot)).toBe(401);
  });

  test("[S10] a session that was ended at one is refused by the other before a moment has passed", async () => {
    const { here, there } = await at();
    const { visitor } = await signUp(here.url);
    const person = await getToken(visitor);
    expect([await status(there, person), await status(there, person)]).toEqual([200, 200]);
    await visitor.call("POST", "/api/auth/sign-out");
    expect(await status(there, person)).toBe(401);
  });

  test("[S10] who may write is told by the project as it is now, though nobody told that it changed", async () => {
    const { here, there } = await at();
    const [ana, bo] = [await makePerson(here, "Ana"), await makePerson(here, "Bo")];
    const project = await makeProject(ana);
    await addMember(ana, project, bo, "member");
    const task = await makeTask(ana, project);
    const rename = async (title: string) =>
      (await caller(there, bo.token)("PATCH", `/api/tasks/${task.id}`, { title })).status;
    expect(await rename("one")).toBe(200);
    const [hits = 0, misses = 0] = await reads(there, "projects");
    expect(await rename("two")).toBe(200);
    expect(await reads(there, "projects")).toEqual([hits + 1, misses]);
    for (const what of ["cast", "wake"] as const) here.broker.lose(what, lost);
    ok(await ana.call("PATCH", `/api/projects/${project.id}/members/${bo.id}`, { role: "viewer" }), 200);
    expect(await rename("three")).toBe(403);
    ok(await ana.call("PATCH", `/api/projects/${project.id}/members/${bo.id}`, { role: "member" }), 200);
    expect(await rename("four")).toBe(200);
  });
});
