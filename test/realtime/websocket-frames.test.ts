import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clientFrames } from "../../src/protocol/frames.ts";
import { makeTask } from "../support/people.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { type Data, encodeClientFrame, type WireFrame } from "../support/wire.ts";

const home = useSocketApp();

const events = (data: Data): WireFrame[] => {
  if (!Array.isArray(data.events)) throw new Error("the answer holds no events");
  return data.events;
};

describe("answers", () => {
  test("[S2] an id may be an integer or a string and comes back as it was", async () => {
    const wire = await home.connect(await home.person("Ana"));
    for (const id of [0, 1, -5, 2 ** 52, "", "a b", 'quote " and \\ and ☃']) {
      wire.send({ id, event: "ping" });
      const answer = await wire.take((frame) => frame.id === id);
      expect(answer).toEqual({ id, ok: true, data: { server_time: expect.any(String) } });
    }
  });

  test("[S2] a failing frame with id is answered, one without is the event error", async () => {
    const wire = await home.connect(await home.person("Ana"));
    const data = { project_id: Bun.randomUUIDv7() };
    wire.send({ id: 7, event: "join_project", data });
    const answer = await wire.take((frame) => frame.id === 7);
    expect(answer).toEqual({ id: 7, ok: false, error: { code: "not_found", message: expect.any(String) } } as never);
    wire.send({ event: "join_project", data });
    const event = await wire.take("error");
    expect(event).toEqual({ event: "error", at: expect.any(String), data: { ...answer.error } });
  });

  test("[S2] a succeeding frame without id is not answered", async () => {
    const wire = await home.connect(await home.person("Ana"));
    const from = wire.frames.length;
    wire.send({ event: "presence_update", data: { status: "busy" } });
    expect(await wire.settled(from)).toEqual([]);
  });

  test("[S2] frames take effect and are answered in order, pipelined or not", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const tasks = [await makeTask(ana, project), await makeTask(ana, project), await makeTask(ana, project)];
    const wire = await home.connect(ana);
    await wire.ask("join_project", { project_id: project.id });
    const frames = Array.from({ length: 120 }, (_, id) => {
      const task_id = tasks[id % 3]?.id;
      if (id % 10 === 7) return { id, event: "task_update", data: { task_id, changes: { nonsense: 1 } } };
      if (id % 10 === 8)
        return { id, event: "task_move", data: { task_id, status: id % 20 === 8 ? "todo" : "review" } };
      if (id % 10 === 9) return { id, event: "ping" };
      return { id, event: "task_update", data: { task_id, changes: { title: `title ${id}` } } };
    });
    wire.sendTogether(frames);
    await wire.take((frame) => frame.id === 119);
    const answers = wire.frames.filter((frame) => typeof frame.id === "number");
    expect(answers.map((frame) => frame.id)).toEqual(frames.map((frame) => frame.id));
    expect(answers.filter((frame) => !frame.ok).map((frame) => frame.id)).toEqual(
      frames.filter((frame) => frame.id % 10 === 7).map((frame) => frame.id),
    );
    const seqs = answers.filter((frame) => frame.data?.seq !== undefined).map((frame) => Number(frame.data.seq));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    await wire.take((frame) => frame.seq === seqs.at(-1));
    const titles = wire.frames.filter((frame) => frame.event === "task_updated").map((frame) => frame.data.changes);
    expect(titles).toEqual(frames.filter(({ id }) => id % 10 < 7).map(({ id }) => ({ title: `title ${id}` })));
  });

  test("[S2] a sender hears its own events", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const wire = await home.connect(ana);
    await wire.ask("join_project", { project_id: project.id });
    const answer = await wire.ask("task_create", { project_id: project.id, title: "Mine", mutation_id: "m1" });
    expect(await wire.take("task_created")).toMatchObject({
      room: `project:${project.id}`,
      seq: answer.data.seq,
      mutation_id: "m1",
      actor: { id: ana.id, name: ana.name, kind: "user" },
    });
  });

  test("[S7] ping is answered with an id and yields pong without", async () => {
    const wire = await home.connect(await home.person("Ana"));
    const server_time = new Date(home.clock.now()).toISOString();
    expect(await wire.ask("ping", {})).toMatchObject({ ok: true, data: { server_time } });
    wire.send({ event: "ping" });
    expect(await wire.take("pong")).toEqual({ event: "pong", at: server_time, data: { server_time } });
  });

  test("an unexpected failure is internal: with a request id that is in the log, and nothing of its cause", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const wire = await home.connect(ana);
    const { sql } = home.app.database;
    await sql`alter table members rename to members_away`;
    const answer = await wire.ask("join_project", { project_id: project.id });
    await sql`alter table members_away rename to members`;
    expect(answer).toMatchObject({ ok: false, error: { code: "internal" } });
    const message = String(answer.error?.message);
    expect(message).not.toContain("members");
    const requestId = /[0-9a-f-]{36}\.\d+/.exec(message)?.[0] ?? "none";
    const line = home.app.logged.find((text) => text.includes(requestId));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ level: "error", msg: "frame failed", event: "join_project" });
    expect(await wire.ask("join_project", { project_id: project.id })).toMatchObject({ ok: true });
  });
});

describe("what does not fit", () => {
  test("[S11] malformed JSON and frames that are none are answered with invalid and the paths", async () => {
    const wire = await home.connect(await home.person("Ana"));
    const bad: [string, string | undefined, string[]][] = [
      ["", undefined, [""]],
      ["{", undefined, [""]],
      ["[".repeat(60_000), undefined, [""]],
      ["null", undefined, [""]],
      ["[]", undefined, [""]],
      ['"ping"', undefined, [""]],
      ["{}", undefined, ["event"]],
      ['{"id":"x"}', "x", ["event"]],
      ['{"id":"x","event":5}', "x", ["event"]],
      ['{"id":1.5,"event":"ping"}', undefined, ["id"]],
      ['{"id":{},"event":"ping"}', undefined, ["id"]],
      ['{"id":"x","event":"ping","extra":1}', "x", ["extra"]],
      ['{"id":"x","event":"ping","__proto__":{}}', "x", ["__proto__"]],
      ['{"id":"x","event":"nonsense"}', "x", ["event"]],
      ['{"id":"x","event":"constructor"}', "x", ["event"]],
      ['{"id":"x","event":"connected"}', "x", ["event"]],
      ['{"id":"x","event":"ping","data":null}', "x", []],
      ['{"id":"x","event":"ping","data":[]}', "x", [""]],
      ['{"id":"x","event":"ping","data":{"a":1}}', "x", ["a"]],
      ['{"id":"x","event":"join_project"}', "x", ["project_id"]],
      [
        '{"id":"x","event":"join_project","data":{"project_id":"1","since":{"epoch":1}}}',
        "x",
        ["project_id", "since.epoch", "since.seq"],
      ],
    ];
    for (const [text, id, paths] of bad) {
      const before = wire.frames.length;
      wire.sendText(text);
      const [frame, ...more] = await wire.settled(before);
      expect(more).toEqual([]);
      if (paths.length === 0) continue;
      if (id === undefined) expect(frame?.event).toBe("error");
      else expect(frame).toMatchObject({ id, ok: false });
      const error = frame?.error ?? frame?.data;
      expect({ text: text.slice(0, 60), ...error }).toMatchObject({
        code: "invalid",
        errors: paths.map((path) => ({ path, message: expect.any(String) })),
      });
    }
  });

  test("[S11] whatever comes, the connection lives and answers with a code of the list", async () => {
    const wire = await home.connect(await home.person("Ana"));
    const names = fc.constantFrom(...Object.keys(clientFrames).filter((name) => name !== "authenticate"));
    const value = fc.jsonValue();
    const fields = ["project_id", "task_id", "since", "changes", "status", "is_typing", "content", "title", "user_id"];
    const data = fc.oneof(value, fc.dictionary(fc.constantFrom(...fields), fc.oneof(value, fc.uuid())));
    let id = 0;
    await fc.assert(
      fc.asyncProperty(names, data, async (event, input) => {
        wire.send({ id: ++id, event, data: input });
        const answer = await wire.take((frame) => frame.id === id);
        if (answer.ok) return;
        const code = String(answer.error?.code);
        expect(["invalid", "not_found", "forbidden"]).toContain(code);
      }),
      { numRuns: 400 },
    );
    expect(await wire.ask("ping")).toMatchObject({ ok: true });
  });

  test("[S9] binary frames are not the protocol: 4400", async () => {
    const wire = await home.connect(await home.person("Ana"));
    wire.sendBinary(new TextEncoder().encode('{"id":1,"event":"ping"}'));
    expect(await wire.closed).toMatchObject({ code: 4400 });
  });

  test("[S8] a frame of 64 KiB passes, one more byte closes with 1009", async () => {
    const wire = await home.connect(await home.person("Ana"));
    const frame = (length: number) => {
      const empty = JSON.stringify({ id: 1, event: "ping", data: { a: "" } }).length;
      return JSON.stringify({ id: 1, event: "ping", data: { a: "x".repeat(length - empty) } });
    };
    wire.sendText(frame(65_536));
    expect(await wire.take((answer) => answer.id === 1)).toMatchObject({ error: { code: "invalid" } });
    wire.sendText(frame(65_537));
    expect(await wire.closed).toMatchObject({ code: 1009 });
  });

  test("[S8] a message in fragments counts as a whole: 1009", async () => {
    const wire = await home.connect(await home.person("Ana"));
    const part = "x".repeat(40_000);
    wire.sendRaw(Buffer.concat([encodeClientFrame(1, part, false), encodeClientFrame(0, part, true)]));
    expect(await wire.closed).toMatchObject({ code: 1009 });
  });
});

describe("joining", () => {
  test("[S5] the first live event after a join is seq + 1, and never before the answer, under fire", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const tasks = await Promise.all(Array.from({ length: 5 }, () => makeTask(ana, project)));
    const writer = await home.connect(ana);
    const joiner = await home.connect(ana);
    const project_id = project.id;
    const write = async (round: number) => {
      for (let i = 0; i < 25; i++) {
        const changes = { title: `round ${round}.${i}` };
        writer.send({ id: `${round}.${i}`, event: "task_update", data: { task_id: tasks[i % 5]?.id, changes } });
        if (i % 5 === 4) await writer.take((frame) => frame.id === `${round}.${i}`);
      }
    };
    for (let round = 0; round < 20; round++) {
      const from = joiner.frames.length;
      const writing = write(round);
      const since = { epoch: "none", seq: 0 };
      const answer = await joiner.ask("join_project", { project_id, ...(round % 2 && { since }) });
      await writing;
      const head = Number(
        (await writer.ask("task_update", { task_id: tasks[0]?.id, changes: { title: `end ${round}` } })).data.seq,
      );
      if (head > Number(answer.data.seq)) await joiner.take((frame) => frame.seq === head);
      await joiner.ask("leave_project", { project_id });
      const heard = joiner.frames.slice(from).filter((frame) => frame.seq !== undefined);
      const at = joiner.frames.indexOf(answer);
      expect(heard.every((frame) => joiner.frames.indexOf(frame) > at)).toBeTrue();
      const first = Number(answer.data.seq) + 1;
      expect(heard.map((frame) => frame.seq)).toEqual(Array.from({ length: head - first + 1 }, (_, i) => first + i));
    }
  });

  test("[S5] `since` null is as none", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    await makeTask(ana, project);
    const wire = await home.connect(ana);
    const { data } = await wire.ask("join_project", { project_id: project.id, since: null });
    expect(data).toMatchObject({ recovered: false, events: [], more: false });
    await makeTask(ana, project);
    expect(await wire.take("task_created")).toMatchObject({ seq: Number(data.seq) + 1 });
  });

  test("[S5] a page that is not the last subscribes nothing; the last one does", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const task = await makeTask(ana, project, { title: "Long", description: "x".repeat(40_000) });
    const wire = await home.connect(ana);
    const { data } = await wire.ask("join_project", { project_id: project.id });
    await wire.ask("leave_project", { project_id: project.id });
    for (let i = 0; i < 12; i++) await wire.ask("task_update", { task_id: task.id, changes: { title: `t${i}` } });
    let since = { epoch: String(data.epoch), seq: Number(data.seq) };
    const seqs: number[] = [];
    let pages = 0;
    for (let more = true; more; pages++) {
      const page = (await wire.ask("join_project", { project_id: project.id, since })).data;
      expect(page.recovered).toBeTrue();
      seqs.push(...events(page).map((frame) => Number(frame.seq)));
      since = { ...since, seq: Number(page.seq) };
      more = page.more === true;
      if (!more) continue;
      const before = wire.frames.length;
      await ana.call("PATCH", `/api/tasks/${task.id}`, { priority: pages % 2 ? "low" : "high" });
      expect((await wire.settled(before)).filter((frame) => frame.seq !== undefined)).toEqual([]);
    }
    expect(pages).toBeGreaterThan(1);
    const first = Number(data.seq) + 1;
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => first + i));
    const last = await wire.ask("task_update", { task_id: task.id, changes: { title: "live" } });
    expect(await wire.take((frame) => frame.seq === last.data.seq)).toMatchObject({ event: "task_updated" });
  });

  test("leaving a project that was not joined changes nothing and is answered", async () => {
    const wire = await home.connect(await home.person("Ana"));
    expect(await wire.ask("leave_project", { project_id: Bun.randomUUIDv7() })).toMatchObject({ ok: true, data: {} });
  });
});
