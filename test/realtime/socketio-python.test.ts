/** The clients of python-socketio, as Debian has them: what a Flask-SocketIO application's other programs speak. */
import { afterEach, describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { hostSecret } from "../support/app.ts";
import { makeKey } from "../support/keys.ts";
import { createLink, type Link } from "../support/link.ts";
import { caller, makeProject, makeTask, ok, type Person } from "../support/people.ts";
import { findPython } from "../support/python.ts";
import { pathOf } from "../support/repository.ts";
import { startServer } from "../support/server.ts";
import { useSocketApp } from "../support/socket-app.ts";
import type { Data } from "../support/wire.ts";

const python = findPython();
const home = useSocketApp({
  RATE_LIMIT_ENABLED: "true",
  RATE_LIMIT_REQUESTS_PER_MINUTE: "6000",
  // python-engineio may sit on the end of a session for the longer of its two times and 5 s, if it was about to write.
  WEBSOCKET_PING_INTERVAL: "5",
  WEBSOCKET_PING_TIMEOUT: "10",
});
/** Ends the connection: a burst of 60, and three times as many that were refused. */
const flood = 4 * 60 + 1;
const running: { readonly link: Link; readonly program: Bun.Subprocess }[] = [];
afterEach(() => {
  for (const { link, program } of running.splice(0)) {
    program.kill("SIGKILL");
    link.stop();
  }
});

interface Said {
  readonly event: string;
  readonly data: Data;
  readonly answer: { readonly ok: boolean; readonly data: Data };
}

interface PythonClient {
  readonly link: Link;
  /** The next thing of this name it says. Each is given once. */
  take(event: string): Promise<Said>;
  tell(line: string): void;
  readonly exited: Promise<number>;
}

type Kind = "sync" | "async";

/** `to`: a server without a link before it, whose last answers a link would lose. */
function openPython(kind: Kind, transports: string, token: string, projectId: string, to?: string): PythonClient {
  const link = createLink(home.app.url);
  const program = Bun.spawn(
    [python ?? "", pathOf("test/support/socketio-client.py"), kind, to ?? link.url, token, projectId, transports],
    { stdin: "pipe", stdout: "pipe", stderr: "ignore" },
  );
  running.push({ link, program });
  const lines = linesOf(program.stdout);
  const said: Said[] = [];
  return {
    link,
    async take(event) {
      for (;;) {
        const at = said.findIndex((one) => one.event === event);
        const [found] = at < 0 ? [] : said.splice(at, 1);
        if (found) return found;
        const { done, value } = await lines.next();
        if (done) throw new Error(`it ended before it said ${event}`);
        said.push(value);
      }
    },
    tell(line) {
      program.stdin.write(`${line}\n`);
      program.stdin.flush();
    },
    exited: program.exited,
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Said, void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/** Of the host application, for so many seconds by the clock of the test. */
const tokenFor = ({ name }: Person, seconds: number): Promise<string> =>
  new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(name)
    .setExpirationTime(Math.floor(home.clock.now() / 1_000) + seconds)
    .sign(new TextEncoder().encode(hostSecret));

const rename = async (ana: Person, taskId: string, title: string) =>
  ok(await ana.call("PATCH", `/api/tasks/${taskId}`, { title }), 200);

describe.if(python !== undefined).each([
  ["sync", "polling"],
  ["sync", "websocket"],
  ["async", "polling,websocket"],
] as const)("python-socketio, %s by %s", (kind, transports) => {
  test("[I1][I2][I3] it enters, joins, writes, hears with one argument, and comes back to what it missed", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const task = await makeTask(ana, project);
    const client = openPython(kind, transports, ana.token, project.id);
    expect((await client.take("connected")).data).toMatchObject({ user: { id: ana.id } });
    const joined = (await client.take("joined")).answer;
    expect(joined).toMatchObject({ ok: true, data: { room: `project:${project.id}`, recovered: false } });
    const seq = Number(joined.data.seq);

    await rename(ana, task.id, "heard");
    const heard = await client.take("task_updated");
    expect(heard.data).toMatchObject({ task: { title: "heard" }, _meta: { room: joined.data.room, seq: seq + 1 } });

    client.tell(`write ${task.id} in_progress`);
    expect(await client.take("task_status_changed")).toMatchObject({
      data: { new_status: "in_progress", _meta: { seq: seq + 2 } },
    });
    client.tell(`write ${task.id} nowhere`);
    const answers = [await client.take("answer"), await client.take("answer")];
    expect(answers.map(({ answer }) => answer)).toMatchObject([
      { ok: true, data: { task: { status: "in_progress" }, seq: seq + 2 } },
      { ok: false, error: { code: "invalid" } },
    ]);

    client.link.cut();
    await client.take("disconnected");
    await rename(ana, task.id, "missed");
    client.link.mend();
    await client.take("connected");
    expect((await client.take("joined")).answer).toMatchObject({
      ok: true,
      data: { recovered: true, events: [{ event: "task_updated", seq: seq + 3, data: { task: { title: "missed" } } }] },
    });
    await rename(ana, task.id, "live again");
    expect((await client.take("task_updated")).data).toMatchObject({ _meta: { seq: seq + 4 } });
    client.tell("leave");
    await client.take("left");
    expect(await client.exited).toBe(0);
  });
});

describe.if(python !== undefined).each([
  ["sync", "polling"],
  ["async", "polling"],
  ["sync", "websocket"],
] as const)("python-socketio, %s by %s, comes back by itself", (kind, transports) => {
  test("[I3][S9] after its token ended, with a new one; after it was not heard of; after it said too much", async () => {
    const ana = await home.person("Ana");
    const project = await home.project(ana);
    const client = openPython(kind, transports, await tokenFor(ana, 8), project.id);
    await client.take("joined");
    client.tell(`token ${ana.token}`);
    await client.take("renewed");
    for (const end of [
      () => home.clock.advance(9_000),
      () => home.clock.advance(15_000),
      () => client.tell(`flood ${flood}`),
    ]) {
      end();
      await client.take("disconnected");
      expect((await client.take("joined")).answer).toMatchObject({ ok: true, data: { recovered: true } });
    }
    const task = await makeTask(ana, project);
    await rename(ana, task.id, "heard");
    expect((await client.take("task_updated")).data).toMatchObject({ task: { title: "heard" } });
  });

  test("[I3][S9] after the server was stopped and started again", async () => {
    await using server = await startServer();
    const token = await server.token("ana");
    const ana = { name: "ana", id: "", token, call: caller(server, token) };
    const project = await makeProject(ana);
    const task = await makeTask(ana, project);
    const client = openPython(kind, transports, token, project.id, server.url);
    const { data } = (await client.take("joined")).answer;
    await rename(ana, task.id, "before");
    await client.take("task_updated");
    // By the time these are answered it listens again, with a poll that waits.
    for (let i = 0; i < 5; i++) ok(await ana.call("GET", "/api/me"), 200);
    const stopped = server.kill("SIGTERM");
    await client.take("disconnected");
    expect(await stopped).toBe(0);
    await server.start();
    expect((await client.take("joined")).answer).toMatchObject({
      ok: true,
      data: { recovered: true, epoch: data.epoch, events: [] },
    });
    await rename(ana, task.id, "heard");
    expect((await client.take("task_updated")).data).toMatchObject({ task: { title: "heard" } });
  });
});

test.if(python !== undefined)("[I3][S10] python-socketio by polling stays away once its key was revoked", async () => {
  const ana = await home.person("Ana");
  const { id, key } = await makeKey(ana);
  const client = openPython("sync", "polling", key, (await home.project(ana)).id);
  await client.take("joined");
  ok(await ana.call("DELETE", `/api/api-keys/${id}`), 204);
  await client.take("disconnected");
  client.tell("wait");
  await client.take("over");
});

test.if(python !== undefined)(
  "[I1] python-socketio with a token that does not hold is told `unauthenticated`",
  async () => {
    const client = openPython("sync", "polling,websocket", "nonsense", Bun.randomUUIDv7());
    expect((await client.take("refused")).data).toMatchObject({
      message: "unauthenticated",
      data: { code: "unauthenticated" },
    });
    await client.take("failed");
  },
);
