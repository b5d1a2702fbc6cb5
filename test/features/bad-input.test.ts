import { expect, test } from "bun:test";
import fc from "fast-check";
import { describeApp, type TestApp } from "../support/app.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  makeComment,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Person,
  type Reply,
} from "../support/people.ts";

interface Target {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** A body that would be taken. */
  readonly body: Readonly<Record<string, unknown>>;
}

async function makeTargets(app: TestApp, name: string) {
  const [ana, ben] = [await makePerson(app, `${name}-ana`), await makePerson(app, `${name}-ben`)];
  const project = await makeProject(ana, { name });
  await addMember(ana, project, ben, "member");
  const task = await makeTask(ana, project);
  const comment = await makeComment(ana, task, "Hello");
  const at = `/api/projects/${project.id}`;
  const column = (await getSnapshot(ana, project)).columns[0];
  const label = ok(await ana.call<{ id: string }>("POST", `${at}/labels`, { name: "l", color: "#ffffff" }), 201);
  const targets: readonly Target[] = [
    { name: "POST project", method: "POST", path: "/api/projects", body: { name: "x", key: "KEY", description: "d" } },
    { name: "PATCH project", method: "PATCH", path: at, body: { name: "y", archived_at: "2026-01-01T00:00:00Z" } },
    { name: "POST member", method: "POST", path: `${at}/members`, body: { user_id: ben.id, role: "member" } },
    { name: "PATCH member", method: "PATCH", path: `${at}/members/${ben.id}`, body: { role: "viewer" } },
    {
      name: "POST task",
      method: "POST",
      path: `${at}/tasks`,
      body: {
        title: "x",
        description: "d",
        status: "todo",
        priority: "low",
        assignee_ids: [ana.id],
        label_ids: [],
        start_at: "2026-01-01T00:00:00Z",
        due_at: "2026-01-01T00:00:00Z",
        all_day: true,
        estimate: 1,
        parent_id: task.id,
        id: Bun.randomUUIDv7(),
        mutation_id: "m",
      },
    },
    {
      name: "PATCH task",
      method: "PATCH",
      path: `/api/tasks/${task.id}`,
      body: { title: "x", version: 1, estimate: 1 },
    },
    {
      name: "move task",
      method: "POST",
      path: `/api/tasks/${task.id}/move`,
      body: { status: "review", before: task.id },
    },
    {
      name: "POST comment",
      method: "POST",
      path: `/api/tasks/${task.id}/comments`,
      body: { content: "x", id: task.id },
    },
    {
      name: "POST column",
      method: "POST",
      path: `${at}/columns`,
      body: { name: "x", status: "x", wip_limit: 1, done: true, before: task.id, after: task.id },
    },
    { name: "PATCH column", method: "PATCH", path: `${at}/columns/${column?.id}`, body: { name: "x", wip_limit: 1 } },
    { name: "POST label", method: "POST", path: `${at}/labels`, body: { name: "x", color: "#ffffff" } },
    { name: "PATCH label", method: "PATCH", path: `${at}/labels/${label.id}`, body: { name: "y", color: "#ffffff" } },
    { name: "PATCH comment", method: "PATCH", path: `/api/comments/${comment.id}`, body: { content: "x" } },
  ];
  return { ana, ben, project, task, targets };
}

/** Text as a hostile or broken client would send it. */
const badText = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "x\udc00y",
    "\u202e",
    "'; drop table tasks; --",
    "{}",
    "null",
    "%s%n",
  ),
  fc.constantFrom("__proto__", "constructor", "<svg/onload=alert(1)>", "a".repeat(100_000), "\u{10ffff}".repeat(300)),
  fc.string({ unit: "binary", maxLength: 50 }),
);
const badValue: fc.Arbitrary<unknown> = fc.oneof(
  badText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, -0, Number.MAX_SAFE_INTEGER, 2 ** 31, 2 ** 63, [], {}, [[]]),
  fc.constant(Array.from({ length: 5_000 }, () => "01a1fc20-d65a-74a9-913b-5046532417ad")),
  fc.constantFrom(
    "2026-02-30T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999+00:00",
    "+275760-09-13T00:00:00Z",
  ),
  fc.array(fc.oneof(badText, fc.integer(), fc.constant(null)), { maxLength: 5 }),
  fc.dictionary(badText, fc.anything({ maxDepth: 1 }), { maxKeys: 3 }),
);

/** Every answer but a success is a problem of the closed list, never one of ours. */
function expectHandled(reply: Reply<unknown>, sent: unknown): void {
  const shown = JSON.stringify(sent)?.slice(0, 300);
  expect([reply.status < 500, shown, reply.text.slice(0, 300)]).toEqual([true, shown, reply.text.slice(0, 300)]);
  if (reply.status < 300) return;
  expect(reply.headers.get("content-type")).toBe("application/problem+json");
  expect(reply.problem.code).toMatch(/^(invalid|conflict|not_found|forbidden|too_large|idempotency_mismatch)$/);
}

/** A response, over a path that fetch would not change. */
const raw = (person: Person, app: TestApp, path: string, init: RequestInit): Promise<Response> =>
  fetch(`${app.url}${path}`, { ...init, headers: { authorization: `Bearer ${person.token}`, ...init.headers } });

describeApp("bad input", (app) => {
  test("[G13] any value in any field of any body is answered with a clear error or taken, never a 5xx", async () => {
    const { ana, targets } = await makeTargets(app, "fuzz");
    const anyTarget = fc.constantFrom(...targets);
    const changes = fc.array(fc.tuple(fc.nat(), badValue), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(anyTarget, changes, async (target, edits) => {
        const body: Record<string, unknown> = { ...target.body };
        const names = Object.keys(body);
        for (const [which, value] of edits) body[names[which % names.length] ?? ""] = value;
        expectHandled(await ana.call(target.method, target.path, body), body);
      }),
      { numRuns: 400 },
    );
    expect(app.logged.filter((line) => line.includes("request failed"))).toEqual([]);
  });

  test("[H2] an unknown key is 422 in every body, `__proto__` and roles among them, and changes nothing", async () => {
    const { ana, project, targets } = await makeTargets(app, "keys");
    const before = await getSnapshot(ana, project);
    for (const target of targets)
      for (const key of ["owner_id", "__proto__", "constructor", "created_by", "is_admin", "toString"]) {
        const body = JSON.stringify(target.body).replace(/\}$/, `,${JSON.stringify(key)}:{"role":"admin"}}`);
        const reply = await ana.call(target.method, target.path, body);
        expect([target.name, key, reply.status]).toEqual([target.name, key, 422]);
      }
    expect(await getSnapshot(ana, project)).toEqual(before);
    const [user] = await app.database.sql`select role from users where id = ${ana.id}`;
    expect(user?.role).toBe("user");
  });

  test("of a key given twice the last is taken, as JSON has it", async () => {
    const { ana, ben, project } = await makeTargets(app, "twice");
    const path = `/api/projects/${project.id}/members/${ben.id}`;
    const reply = await ana.call<{ role: string }>("PATCH", path, '{"role":"owner","role":"viewer"}');
    expect(reply.body.role).toBe("viewer");
  });

  test("[S11] what is no JSON, no UTF-8, no object or too deep is invalid, and the server lives", async () => {
    const { ana, targets } = await makeTargets(app, "syntax");
    const bodies = [
      "",
      "{",
      "nul",
      "[]",
      "null",
      "1",
      '"x"',
      '{"name":}',
      "{'name':1}",
      '{"name":"x"}}',
      '\ufeff{"name":"x"}\0',
    ];
    bodies.push("[".repeat(100_000) + "]".repeat(100_000), `${'{"name":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    for (const target of targets)
      for (const body of bodies) {
        const reply = await ana.call(target.method, target.path, body);
        expect([target.name, body.slice(0, 20), reply.status]).toEqual([target.name, body.slice(0, 20), 422]);
      }
    const latin = await raw(ana, app, "/api/projects", {
      method: "POST",
      body: Buffer.from('{"name":"\xe4"}', "latin1"),
      headers: { "content-type": "application/json" },
    });
    expect(latin.status).toBe(422);
  });

  test("[H1] a body that is not said to be JSON is 415, one of more than a mebibyte 413, chunked or not", async () => {
    const { ana } = await makeTargets(app, "size");
    const post = (body: BodyInit, type?: string) =>
      raw(ana, app, "/api/projects", {
        method: "POST",
        body,
        headers: type === undefined ? {} : { "content-type": type },
      });
    const small = '{"name":"x"}';
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/jsonx",
      "",
    ])
      expect([type, (await post(Buffer.from(small), type)).status]).toEqual([type, 415]);
    expect((await post(small, "application/json; charset=utf-8")).status).toBe(201);
    expect((await post(small, "application/merge-patch+json")).status).toBe(201);
    const large = JSON.stringify({ name: "x", description: "y".repeat(1024 * 1024) });
    expect((await post(large, "application/json")).status).toBe(413);
    const chunks = new ReadableStream({
      start(controller) {
        for (let at = 0; at < large.length; at += 65_536) controller.enqueue(Buffer.from(large.slice(at, at + 65_536)));
        controller.close();
      },
    });
    expect((await post(chunks, "application/json")).status).toBe(413);
  });

  test("ids that are none, in paths of every kind, are not found", async () => {
    const { ana } = await makeTargets(app, "ids");
    const ids = [
      "1",
      "null",
      "..%2f..",
      "%00",
      "%ff",
      "x".repeat(2_000),
      "01A1FC20-D65A-74A9-913B-504653241",
      "%F0%9F%98%80",
    ];
    for (const id of ids)
      for (const path of [
        `/api/projects/${id}`,
        `/api/projects/${id}/tasks`,
        `/api/tasks/${id}`,
        `/api/tasks/${id}/comments`,
      ]) {
        const response = await raw(ana, app, path, {});
        expect([path, response.status]).toEqual([path, 404]);
        await response.arrayBuffer();
      }
  });

  test("a time outside of the calendar that can be kept is invalid, in bodies, filters and cursors", async () => {
    const { ana, project, task } = await makeTargets(app, "times");
    const times = [
      "0000-06-01T00:00:00Z",
      "0001-01-01T00:00:00+01:00",
      "9999-12-31T23:59:59-01:00",
      "2026-02-29T00:00:00Z",
    ];
    for (const time of times) {
      for (const field of ["due_at", "start_at", "archived_at"])
        expect((await ana.call("PATCH", `/api/tasks/${task.id}`, { all_day: true, [field]: time })).status).toBe(422);
      const filter = `/api/projects/${project.id}/tasks?due_before=${encodeURIComponent(time)}`;
      expect((await ana.call("GET", filter)).problem.errors?.[0]?.path).toBe("due_before");
      const cursor = Buffer.from(JSON.stringify([time, task.id])).toString("base64url");
      for (const path of [`/api/projects/${project.id}/members`, `/api/tasks/${task.id}/comments`])
        expect((await ana.call("GET", `${path}?cursor=${cursor}`)).problem.errors?.[0]?.path).toBe("cursor");
    }
    for (const due_at of ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
      expect((await ana.call<{ due_at: string }>("PATCH", `/api/tasks/${task.id}`, { due_at })).body.due_at).toBe(
        due_at,
      );
  });

  test("whatever text is taken comes back as it was sent, from the answer, the list, the snapshot and the log", async () => {
    const { ana, project } = await makeTargets(app, "text");
    const texts = [
      "\u0001\u001f\u007f",
      "\u2028\u2029",
      "\ufeffx\ufffe",
      "😀👩‍👩‍👧",
      "\\u0000",
      '"}],"seq":99',
      "שלום",
      "e\u0301",
      "\u{10ffff}",
    ];
    const { seq } = await getSnapshot(ana, project);
    for (const text of texts) {
      const task = await makeTask(ana, project, { title: "x", description: text });
      expect(task.description).toBe(text);
    }
    const tasks = (await getSnapshot(ana, project)).tasks.slice(1);
    expect(tasks.map(({ description }) => description)).toEqual(texts);
    const events = await getEvents(ana, project, seq);
    expect(events.map(({ data }) => data.task)).toEqual(tasks);
  });
});
