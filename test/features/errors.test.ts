/** Every code of the closed list, provoked: the answers that the reference shows are the server's own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { problem } from "../../src/http/problem.ts";
import { errorReference, exampleRequestId } from "../../src/protocol/error-reference.ts";
import { type ErrorCode, errorKinds, isErrorCode, Problem } from "../../src/protocol/errors.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { silent } from "../support/nodes.ts";
import { makePerson, ok, type Person } from "../support/people.ts";

let app: TestApp;
let ana: Person;
let bo: Person;
let project: Project;
let task: Task;

beforeAll(async () => {
  app = await startApp();
  [ana, bo] = [await makePerson(app, "Ana"), await makePerson(app, "Bo")];
  project = ok(await ana.call<Project>("POST", "/api/projects", { name: "Website", key: "WEB" }), 201);
  await ana.call("POST", `/api/projects/${project.id}/members`, { user_id: bo.id, role: "viewer" });
  task = ok(await ana.call<Task>("POST", `/api/projects/${project.id}/tasks`, { title: "Fix login" }), 201);
});
afterAll(() => app.stop());

/** As a caller who is refused for going too fast: another server, on which the second request in a minute is too many. */
async function hurry(): Promise<Response> {
  const slow = await startApp({ env: { RATE_LIMIT_ENABLED: "true", RATE_LIMIT_REQUESTS_PER_MINUTE: "1" } });
  try {
    const cy = await makePerson(slow, "Cy");
    return await fetch(`${slow.url}/api/me`, { headers: { authorization: `Bearer ${cy.token}` } });
  } finally {
    await slow.stop();
  }
}

const send = (person: Person | undefined, method: string, path: string, body?: string, headers: object = {}) =>
  fetch(`${app.url}${path}`, {
    method,
    headers: {
      ...(person && { authorization: `Bearer ${person.token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });

const asked = { requestId: exampleRequestId, log: silent, signal: new AbortController().signal };

/** How each code comes about. What fails in the database is answered by the same function as everything else. */
const provoke: Record<ErrorCode, () => Response | Promise<Response>> = {
  invalid: () => send(ana, "POST", "/api/projects", JSON.stringify({ name: "Website", colour: "red" })),
  unauthenticated: () => send(undefined, "GET", "/api/me"),
  forbidden: () => send(bo, "PATCH", `/api/tasks/${task.id}`, JSON.stringify({ title: "Mine" })),
  not_found: () => send(ana, "GET", "/api/tasks/01a1fc22-a9a6-7123-9a43-0000000000b2"),
  method_not_allowed: () => send(ana, "PUT", "/api/me", "{}"),
  async conflict() {
    await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "Fix login on phones" });
    return send(ana, "PATCH", `/api/tasks/${task.id}`, JSON.stringify({ title: "Login", version: 1 }));
  },
  async gone() {
    await app.database.sql`update rooms set trimmed_seq = 2 where id = ${project.id}`;
    return send(ana, "GET", `/api/projects/${project.id}/events?since=1`);
  },
  too_large: () => send(ana, "POST", "/api/projects", JSON.stringify({ name: "a".repeat(1024 * 1024) })),
  unsupported_media_type: () =>
    send(ana, "POST", "/api/projects", "name=Website", { "content-type": "application/x-www-form-urlencoded" }),
  async idempotency_mismatch() {
    await ana.call("POST", "/api/projects", { name: "Garden" }, { "idempotency-key": "k-42" });
    return send(ana, "POST", "/api/projects", JSON.stringify({ name: "Kitchen" }), { "idempotency-key": "k-42" });
  },
  rate_limited: hurry,
  internal: () => problem(new TypeError("a bug"), asked),
  unavailable: () =>
    problem(Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" }), {
      ...asked,
    }),
  storage_full: () => problem(Object.assign(new Error("full"), { code: "53100" }), asked),
};

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** The answer with what differs from run to run as the reference shows it. */
function asShown(text: string): unknown {
  const known = new Map([
    [task.id, "01a1fc22-a9a6-7123-9a43-0000000000b2"],
    [project.id, "01a1fc22-a9a6-7123-9a43-0000000000a1"],
    [ana.id, "01a1fc22-a9a6-7123-9a43-0000000000f6"],
  ]);
  const shown = text
    .replace(uuid, (id) => known.get(id) ?? exampleRequestId)
    .replace(time, "2026-11-24T00:00:00.000Z")
    .replace(`"position":"${task.position}"`, '"position":"a1m6"'); // ids may hold the same letters
  return Problem.parse(JSON.parse(shown));
}

describe("[H1] error codes", () => {
  for (const [code, ask] of Object.entries(provoke)) {
    test(`${code} is answered as the reference shows it`, async () => {
      const { answer } = errorReference[isErrorCode(code) ? code : "internal"];
      const response = await ask();
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(response.status).toBe(answer.status);
      expect(asShown(await response.text())).toEqual(answer);
      expect(response.headers.has("retry-after")).toBe(code === "rate_limited" || code === "unavailable");
      expect(response.headers.has("allow")).toBe(code === "method_not_allowed");
    });
  }

  test("are provoked here all", () => {
    expect(Object.keys(provoke)).toEqual(Object.keys(errorKinds));
  });
});
