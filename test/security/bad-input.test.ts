import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { errorKinds, type SocketError } from "../../src/protocol/errors.ts";
import { type ClientFrameName, clientFrames } from "../../src/protocol/frames.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { bent, encodeHostile, type Json } from "../support/hostile.ts";
import { getEvents, makePerson, makeProject, makeTask, type Person } from "../support/people.ts";
import { encodeClientFrame, openWire, type Wire, type WireFrame } from "../support/wire.ts";

/** Bent inputs of each frame, on each database: 16 × 150. */
const inputsEach = 150;
const nul = "a\0b";
const loneSurrogate = "a\ud800b";

/** A frame of each kind that the server takes, with every field it knows. */
const validFrames = (project: Project, task: Task, beside: Task, person: Person): Record<ClientFrameName, Json> => ({
  authenticate: { token: person.token },
  register: { user_id: person.id },
  join_project: { project_id: project.id, since: { epoch: "e", seq: 3 } },
  leave_project: { project_id: project.id },
  resume_user: { since: { epoch: "e", seq: 3 } },
  task_create: {
    project_id: project.id,
    title: "Title",
    description: "Description",
    status: "todo",
    priority: "low",
    assignee_ids: [person.id],
    label_ids: [],
    start_at: "2026-11-21T10:00:00.000Z",
    due_at: "2026-11-22T00:00:00.000Z",
    all_day: true,
    estimate: 1.5,
    parent_id: beside.id,
    mutation_id: "m",
  },
  task_update: {
    task_id: task.id,
    version: 1,
    changes: { title: "Title", due_at: null, estimate: 3, priority: "high", archived_at: null },
    mutation_id: "m",
  },
  task_status_update: { task_id: task.id, status: "review", version: 1, mutation_id: "m" },
  task_move: { task_id: task.id, status: "todo", before: beside.id, mutation_id: "m" },
  task_assign: { task_id: task.id, assignee_ids: [person.id], mutation_id: "m" },
  task_delete: { task_id: Bun.randomUUIDv7(), mutation_id: "m" },
  new_comment: { task_id: task.id, content: "Comment", mutation_id: "m" },
  user_typing: { project_id: project.id, task_id: task.id, is_typing: true },
  presence_update: { status: "busy", task_id: task.id },
  mark_read: { notification_ids: [Bun.randomUUIDv7()], mutation_id: "m" },
  ping: {},
});

/** What a client's mistake may be answered with. */
const clientCodes = ["invalid", "not_found", "forbidden", "conflict", "idempotency_mismatch", "unauthenticated"];

/** What an answer must not hold: places in the code, the database's words. */
const inside =
  /\.ts:\d|node_modules|\n\s+at |PostgresError|\b(?:select|insert|update) .+ (?:from|into|set) |SQLSTATE|ERR_/;

describeApp("bad input", (app) => {
  let ana: Person;
  let stranger: Person;
  let project: Project;
  let task: Task;
  let beside: Task;
  const wires: Wire[] = [];

  beforeAll(async () => {
    ana = await makePerson(app, `Ana ${Bun.randomUUIDv7()}`);
    stranger = await makePerson(app, `Stranger ${Bun.randomUUIDv7()}`);
    project = await makeProject(ana);
    task = await makeTask(ana, project);
    beside = await makeTask(ana, project);
  });
  afterEach(() => {
    for (const wire of wires.splice(0)) wire.destroy();
  });
  const connect = async (person: Person): Promise<Wire> => {
    const wire = await openWire(app.url, { token: person.token });
    wires.push(wire);
    await wire.take("connected");
    return wire;
  };
  const valid = (name: ClientFrameName): Json => validFrames(project, task, beside, ana)[name];

  test("[S11] the frames that are bent below are taken as they are", async () => {
    const wire = await connect(ana);
    for (const name of frameNames) {
      await wire.ask("join_project", { project_id: project.id });
      const { error } = await send(wire, name, valid(name));
      // A deleted task and a version of before are refused for what they say, not for how.
      expect(["", "not_found", "conflict"].map((code) => `${name} ${code}`)).toContain(`${name} ${error?.code ?? ""}`);
    }
  });

  for (const name of frameNames) {
    test(`[G13] ${name}, bent in ${inputsEach} ways, is answered with a mistake of the client or done, never internal`, async () => {
      const target = await makeTask(ana, project);
      const input = validFrames(project, target, beside, ana)[name];
      let wire = await connect(ana);
      await wire.ask("join_project", { project_id: project.id });
      await fc.assert(
        fc.asyncProperty(bent(input), async (data) => {
          const answer = await send(wire, name, data);
          if (!answer.ok) expectMistake(answer.error);
          // A bad token closes the socket that sent it (S1).
          if (name === "authenticate" && answer.error?.code === "unauthenticated") {
            expect((await wire.closed).code).toBe(4401);
            wire = await connect(ana);
          }
        }),
        { numRuns: inputsEach },
      );
      expect(await wire.ask("ping")).toMatchObject({ ok: true });
      expect(failuresIn(app)).toEqual([]);
    });
  }

  test("[S11] whole frames, bent, are answered and the connection lives", async () => {
    const wire = await connect(ana);
    const frame: Json = { id: 1, event: "new_comment", data: { task_id: task.id, content: "Comment" } };
    await fc.assert(
      fc.asyncProperty(bent(frame), async (value) => {
        const before = wire.frames.length;
        wire.sendText(encodeHostile(value));
        const answers = (await wire.settled(before)).filter(({ room }) => room === undefined);
        for (const { ok, error, event, data } of answers) {
          if (event === "error") expectMistake(readError(data));
          else if (ok === false) expectMistake(error);
        }
      }),
      { numRuns: 300 },
    );
    expect(failuresIn(app)).toEqual([]);
  });

  describe("text that cannot be stored", () => {
    const places = [
      ["task_create", "title"],
      ["task_create", "description"],
      ["task_create", "status"],
      ["task_create", "mutation_id"],
      ["task_update", "changes.title"],
      ["task_update", "changes.description"],
      ["task_update", "mutation_id"],
      ["task_status_update", "status"],
      ["task_status_update", "mutation_id"],
      ["task_move", "mutation_id"],
      ["task_assign", "mutation_id"],
      ["task_delete", "mutation_id"],
      ["new_comment", "content"],
      ["new_comment", "mutation_id"],
      ["join_project", "project_id"],
    ] as const;
    for (const [name, path] of places) {
      test(`[S11] NUL or half a character in ${name} ${path} is invalid there`, async () => {
        const wire = await connect(ana);
        for (const text of [nul, loneSurrogate]) {
          const answer = await send(wire, name, withValue(valid(name), path.split("."), text));
          expect(answer.error?.code).toBe("invalid");
          expect(answer.error?.errors?.map((error) => error.path)).toContain(path);
          expect(answer.error?.message).not.toContain(text);
        }
      });
    }
  });

  test("[S11] numbers as strings, and strings as numbers, are invalid", async () => {
    const wire = await connect(ana);
    const wrong: [ClientFrameName, string, Json][] = [
      ["task_update", "version", "1"],
      ["task_update", "changes.estimate", "3"],
      ["task_update", "changes.title", 3],
      ["task_create", "all_day", "true"],
      ["task_create", "assignee_ids", ana.id],
      ["join_project", "since.seq", "3"],
      ["resume_user", "since.seq", 1.5],
      ["user_typing", "is_typing", 1],
      ["new_comment", "content", 5],
      ["new_comment", "mutation_id", 5],
    ];
    for (const [name, path, value] of wrong) {
      const { error } = await send(wire, name, withValue(valid(name), path.split("."), value));
      expect([name, error?.code, error?.errors?.map((each) => each.path)]).toEqual([name, "invalid", [path]]);
    }
  });

  test("[S11] __proto__ and unknown names give nothing and change nothing", async () => {
    const wire = await connect(ana);
    for (const name of ["__proto__", "constructor", "owner_id", "created_by", "seq"]) {
      const text = `{"id":"x","event":"task_create","data":{"project_id":"${project.id}","title":"T","${name}":{"a":1}}}`;
      wire.sendText(text);
      expect((await wire.take((frame) => frame.id === "x")).error).toMatchObject({ code: "invalid" });
    }
    expect(Object.hasOwn(Object.prototype, "a")).toBeFalse();
  });

  test("[S11] data nested ten thousand deep is invalid and stops nothing", async () => {
    const wire = await connect(ana);
    for (const name of frameNames) {
      const nested = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
      wire.sendText(`{"id":"deep","event":"${name}","data":${nested}}`);
      const answer = await wire.take((frame) => frame.id === "deep");
      if (name !== "register") expect([name, answer.error?.code]).toEqual([name, "invalid"]);
    }
    expect(await wire.ask("ping")).toMatchObject({ ok: true });
  });

  test("a stranger's ids are not_found, word for word as ids of nothing, and leave no trace", async () => {
    const wire = await connect(stranger);
    const before = (await getEvents(ana, project)).length;
    const nothing = { ...project, id: Bun.randomUUIDv7() };
    const nobody = { ...task, id: Bun.randomUUIDv7() };
    for (const name of frameNames) {
      if (["authenticate", "register", "resume_user", "ping", "presence_update"].includes(name)) continue;
      const foreign = await send(wire, name, forStranger(validFrames(project, task, beside, stranger)[name]));
      const none = await send(wire, name, forStranger(validFrames(nothing, nobody, nobody, stranger)[name]));
      // What is not there is left, and passed over.
      if (name === "leave_project" || name === "mark_read") expect([foreign.ok, none.ok]).toEqual([true, true]);
      // Typing takes a room one is in; which one it is not makes no difference.
      else expect([name, foreign.error?.code]).toEqual([name, name === "user_typing" ? "invalid" : "not_found"]);
      expect(foreign.error).toEqual(none.error);
    }
    const events = await getEvents(ana, project);
    expect(events.slice(before)).toEqual([]);
  });

  test("a stale version is a conflict that tells how it is now", async () => {
    const wire = await connect(ana);
    const { id } = await makeTask(ana, project);
    const changed = await wire.ask("task_update", { task_id: id, version: 1, changes: { title: "Second" } });
    expect(changed.ok).toBeTrue();
    for (const [event, change] of [
      ["task_update", { changes: { title: "Third" } }],
      ["task_status_update", { status: "review" }],
    ] as const) {
      for (const version of [1, 99]) {
        const { error } = await wire.ask(event, { task_id: id, version, ...change });
        expect(error).toMatchObject({ code: "conflict", current: { id, version: 2, title: "Second" } });
      }
    }
  });

  test("[S8] the limit of 64 KiB counts bytes, not characters: 65,536 pass, 65,537 are closed with 1009", async () => {
    const wire = await connect(ana);
    const frame = (bytes: number) => {
      const empty = JSON.stringify({ id: 1, event: "ping", data: { a: "" } }).length;
      const room = bytes - empty;
      return JSON.stringify({ id: 1, event: "ping", data: { a: "é".repeat(room >> 1) + "x".repeat(room & 1) } });
    };
    expect(Buffer.byteLength(frame(65_536))).toBe(65_536);
    wire.sendText(frame(65_536));
    expect(await wire.take((answer) => answer.id === 1)).toMatchObject({ error: { code: "invalid" } });
    wire.sendText(frame(65_537));
    expect((await wire.closed).code).toBe(1009);
  });

  test("what is no WebSocket frame ends its own connection and no other", async () => {
    const other = await connect(ana);
    const text = new TextEncoder().encode('{"id":1,"event":"ping"}');
    const unmasked = Buffer.concat([Buffer.from([0x81, text.length]), text]);
    const cases: [string, Uint8Array, readonly number[]][] = [
      ["binary", encodeClientFrame(2, text), [4400]],
      ["invalid UTF-8", encodeClientFrame(1, new Uint8Array([0x22, 0xff, 0xfe, 0x22])), [1007, 1006]],
      ["unmasked", unmasked, [1002, 1006]],
      ["reserved opcode", encodeClientFrame(3, text), [1002, 1006]],
      ["reserved bits", Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), [1002, 1006]],
      ["fragmented ping", encodeClientFrame(9, text, false), [1002, 1006]],
      ["large ping", encodeClientFrame(9, "x".repeat(200)), [1002, 1006]],
      ["continuation of nothing", encodeClientFrame(0, text), [1002, 1006]],
      [
        "a length of 2^63",
        Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]),
        [1002, 1006, 1009],
      ],
    ];
    for (const [name, bytes, codes] of cases) {
      const wire = await connect(ana);
      wire.sendRaw(bytes);
      const { code } = await wire.closed;
      expect(codes.map((allowed) => `${name} ${allowed}`)).toContain(`${name} ${code}`);
    }
    expect(await other.ask("ping")).toMatchObject({ ok: true });
  });
});

const frameNames = Object.keys(clientFrames).filter((name): name is ClientFrameName => name in clientFrames);

let asked = 0;
/** Sends a frame with data as it is (its mutation made a new one) and waits for its answer. */
function send(wire: Wire, event: ClientFrameName, data: Json): Promise<WireFrame> {
  const id = `bad ${++asked}`;
  const text = encodeHostile(data).replace('"mutation_id":"m"', `"mutation_id":"m${asked}"`);
  wire.sendText(`{"id":${JSON.stringify(id)},"event":"${event}","data":${text}}`);
  return wire.take((frame) => frame.id === id);
}

const readError = (data: WireFrame["data"]): SocketError => JSON.parse(JSON.stringify(data));

function expectMistake(error: SocketError | undefined): void {
  const code = error?.code ?? "none";
  expect(Object.keys(errorKinds)).toContain(code);
  expect(clientCodes).toContain(code);
  expect(error?.message).not.toMatch(inside);
  if (code !== "invalid") return;
  expect(error?.errors?.length).toBeGreaterThan(0);
  for (const each of error?.errors ?? [])
    expect(each).toEqual({ path: expect.any(String), message: expect.any(String) });
}

/** What the application wrote to its log as an error of its own. */
const failuresIn = (app: TestApp): string[] =>
  app.logged.filter((line) => /"level":"(?:error|fatal)"/.test(line)).map((line) => line.slice(0, 500));

function withValue(value: Json, [key, ...rest]: readonly string[], replacement: Json): Json {
  if (key === undefined) return replacement;
  const object: Record<string, Json> = JSON.parse(JSON.stringify(value));
  object[key] = withValue(object[key] ?? {}, rest, replacement);
  return object;
}

/** Without what names other things of the same project. */
function forStranger(value: Json): Json {
  const { parent_id, before, mutation_id, since, version, ...rest }: Record<string, Json> = JSON.parse(
    JSON.stringify(value),
  );
  return rest;
}
