import { expect, test } from "bun:test";
import type { ApiKey } from "../../src/protocol/api-keys.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { holder, makeHolder, makeKey, usualScopes } from "../support/keys.ts";
import {
  addMember,
  getEvents,
  getUserEvents,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
  type Person,
} from "../support/people.ts";

const list = async (person: Person): Promise<readonly ApiKey[]> =>
  ok(await person.call<Page<ApiKey>>("GET", "/api/api-keys"), 200).items;

const rowOf = async (app: TestApp, id: string) => {
  const rows = await app.database.sql<Record<string, unknown>[]>`select * from api_keys where id = ${id}`;
  return rows[0];
};

describeApp("API keys", (app) => {
  test("a key is shown once, listed without its secret, and kept as a hash", async () => {
    const ana = await makePerson(app, "keys-ana");
    const made = await ana.call<ApiKey & { key: string }>("POST", "/api/api-keys", { name: " CI ", scopes: ["read"] });
    const { key, ...rest } = ok(made, 201);
    expect(key).toMatch(/^tw_[0-9A-Za-z]{10}_[0-9A-Za-z]{32}$/);
    expect(made.headers.get("location")).toBe(`/api/api-keys/${rest.id}`);
    expect(made.headers.get("cache-control")).toBe("no-store");
    expect(rest).toMatchObject({
      name: "CI",
      scopes: ["read"],
      project_ids: null,
      expires_at: null,
      last_used_at: null,
    });
    expect(key.startsWith(`${rest.prefix}_`)).toBe(true);
    expect(await list(ana)).toEqual([rest]);
    const stored = JSON.stringify(await rowOf(app, rest.id));
    expect(stored).toContain(new Bun.CryptoHasher("sha256").update(key).digest("hex"));
    expect(stored).not.toContain(key.slice(-32));
  });

  test("a key acts as its person: what it writes is theirs, with the key's name in the event", async () => {
    const ana = await makePerson(app, "keys-acts");
    const project = await makeProject(ana);
    const { robot } = await makeHolder(app, ana, { name: "Deploy robot" });
    const task = await makeTask(robot, project, { title: "By key", mutation_id: "key 1" });
    expect(task.created_by).toBe(ana.id);
    ok(await robot.call("PATCH", `/api/tasks/${task.id}`, { status: "review", mutation_id: "key 2" }), 200);
    ok(await robot.call("POST", `/api/tasks/${task.id}/comments`, { content: "done" }), 201);
    const events = await getEvents(ana, project);
    const actor = { id: ana.id, name: "Deploy robot", kind: "key" as const };
    expect(events.map((event) => [event.event, event.actor])).toEqual([
      ["task_created", actor],
      ["task_status_changed", actor],
      ["comment_added", actor],
    ]);
    expect(events[2]?.data).toMatchObject({ author: { id: ana.id, name: "keys-acts" } });
    // The mutation ids are the person's: with the person's own token the retry is the same write.
    ok(await ana.call("PATCH", `/api/tasks/${task.id}`, { status: "review", mutation_id: "key 2" }), 200);
    expect(await getEvents(ana, project)).toHaveLength(3);
    expect(ok(await robot.call<{ name: string }>("GET", "/api/me"), 200).name).toBe("keys-acts");
  });

  test("a key has the role its person has now, and loses a project with its person", async () => {
    const [ana, ben] = [await makePerson(app, "keys-owner"), await makePerson(app, "keys-member")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "viewer");
    const { robot } = await makeHolder(app, ben, { scopes: usualScopes });
    expect((await robot.call("POST", `/api/projects/${project.id}/tasks`, { title: "x" })).status).toBe(403);
    ok(await ana.call("PATCH", `/api/projects/${project.id}/members/${ben.id}`, { role: "member" }), 200);
    ok(await robot.call("POST", `/api/projects/${project.id}/tasks`, { title: "x" }), 201);
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    expect((await robot.call("GET", `/api/projects/${project.id}`)).status).toBe(404);
  });

  test("a deleted key is dead at once, its tokens too, and its end is in the person's room", async () => {
    const ana = await makePerson(app, "keys-delete");
    const { key, robot } = await makeHolder(app, ana);
    const { token } = ok(await robot.call<{ token: string }>("POST", "/api/token"), 200);
    const byToken = holder(app, ana, token);
    ok(await byToken.call("GET", "/api/projects"), 200);
    ok(await ana.call("DELETE", `/api/api-keys/${key.id}`), 204);
    expect((await robot.call("GET", "/api/projects")).problem.code).toBe("unauthenticated");
    expect((await byToken.call("GET", "/api/projects")).status).toBe(401);
    expect(await rowOf(app, key.id)).toBeUndefined();
    expect(await getUserEvents(app, ana)).toEqual([
      { event: "session_ended", data: { session_id: key.id, reason: "revoked" } },
    ]);
    expect((await ana.call("DELETE", `/api/api-keys/${key.id}`)).status).toBe(404);
  });

  test("[H4] a retried deletion is answered as the first, and another person's key is not found", async () => {
    const [ana, ben] = [await makePerson(app, "keys-mine"), await makePerson(app, "keys-theirs")];
    const key = await makeKey(ana);
    expect((await ben.call("DELETE", `/api/api-keys/${key.id}`)).status).toBe(404);
    expect(await list(ben)).toEqual([]);
    const remove = () => ana.call("DELETE", `/api/api-keys/${key.id}`, { mutation_id: "remove" });
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
  });

  test("[H4] a retried POST makes no second key and tells which one was made, without its secret", async () => {
    const ana = await makePerson(app, "keys-retry");
    const body = { name: "Once", scopes: ["read"], mutation_id: "make once" };
    const { key, ...made } = await makeKey(ana, body);
    const again = await ana.call("POST", "/api/api-keys", body);
    expect([again.status, again.problem.code, again.problem.current]).toEqual([409, "conflict", made]);
    expect(again.text).not.toContain(key.slice(-32));
    expect(await list(ana)).toEqual([made]);
    const kept = await app.database.sql`select answer::text from mutations where mutation_id = 'make once'`;
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(key.slice(-32));
    const other = await ana.call("POST", "/api/api-keys", { ...body, name: "Twice" });
    expect(other.problem.code).toBe("idempotency_mismatch");
  });

  test("a key makes a token that may do no more than the key, and a token makes none", async () => {
    const ana = await makePerson(app, "keys-token");
    const project = await makeProject(ana);
    const { robot } = await makeHolder(app, ana, { scopes: ["read"] });
    const { token } = ok(await robot.call<{ token: string }>("POST", "/api/token"), 200);
    const byToken = holder(app, ana, token);
    ok(await byToken.call("GET", `/api/projects/${project.id}`), 200);
    const write = await byToken.call("POST", `/api/projects/${project.id}/tasks`, { title: "x" });
    expect([write.status, write.problem.detail.includes("scope write")]).toEqual([403, true]);
    expect((await byToken.call("POST", "/api/token")).status).toBe(403);
  });

  test("what a key is made of is checked: scopes, projects, end", async () => {
    const [ana, ben] = [await makePerson(app, "keys-bad"), await makePerson(app, "keys-bad-other")];
    const [own, foreign] = [await makeProject(ana), await makeProject(ben)];
    const refusal = async (body: object) => {
      const { status, problem } = await ana.call("POST", "/api/api-keys", { name: "x", scopes: ["read"], ...body });
      return [status, problem.errors?.[0]?.path];
    };
    expect(await refusal({ scopes: [] })).toEqual([422, "scopes"]);
    expect(await refusal({ scopes: ["admin"] })).toEqual([422, "scopes.0"]);
    expect(await refusal({ name: "" })).toEqual([422, "name"]);
    expect(await refusal({ project_ids: [] })).toEqual([422, "project_ids"]);
    expect(await refusal({ project_ids: [own.id, foreign.id] })).toEqual([422, "project_ids.1"]);
    expect(await refusal({ expires_at: "2020-01-01T00:00:00Z" })).toEqual([422, "expires_at"]);
    expect(await refusal({ user_id: ben.id })).toEqual([422, "user_id"]);
    expect(await refusal({ hash: "x" })).toEqual([422, "hash"]);
    expect(await refusal({ scopes: ["notifications:send"] })).toEqual([403, undefined]);
    expect(await list(ana)).toEqual([]);
  });

  test("a person has at most 100 keys, also when they are made at once", async () => {
    const ana = await makePerson(app, "keys-many");
    await app.database.sql`insert into api_keys (id, user_id, name, prefix, hash, scopes)
      select gen_random_uuid(), ${ana.id}, 'x', 'many' || n, 'x', '{read}' from generate_series(1, 98) n`;
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => ana.call("POST", "/api/api-keys", { name: "x", scopes: ["read"] })),
    );
    const made = replies.filter(({ status }) => status === 201);
    expect([made.length, replies.filter(({ status }) => status === 409).length]).toEqual([2, 18]);
  });

  test("[H2] the list comes in pages", async () => {
    const ana = await makePerson(app, "keys-pages");
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.push((await makeKey(ana, { name: `${i}` })).id);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `/api/api-keys?limit=2${cursor && `&cursor=${cursor}`}`;
      const page: Page<ApiKey> = ok(await ana.call<Page<ApiKey>>("GET", path), 200);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(made);
  });

  test("people and their keys may both be asked who they are", async () => {
    const ana = await makePerson(app, "keys-me");
    const { robot } = await makeHolder(app, ana, { scopes: ["events:publish"] });
    expect(ok(await robot.call<{ id: string }>("GET", "/api/me"), 200).id).toBe(ana.id);
    expect((await robot.call("GET", "/api/projects")).status).toBe(403);
    const task: Promise<{ status: number }> = robot.call<Task>("GET", `/api/tasks/${Bun.randomUUIDv7()}`);
    expect((await task).status).toBe(403);
  });
});
