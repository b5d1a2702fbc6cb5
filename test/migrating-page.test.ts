/** Every block of docs/migrating-from-flask-socketio.md is run against a server, as the page has it. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import type { Project } from "../src/protocol/projects.ts";
import type { Task } from "../src/protocol/tasks.ts";
import { hostSecret, startApp, type TestApp } from "./support/app.ts";
import { makeAdministrator, makeHolder } from "./support/keys.ts";
import { createLink } from "./support/link.ts";
import { addMember, caller, makePerson, makeProject, makeTask, ok, type Page, type Person } from "./support/people.ts";
import { temporaryFolder } from "./support/program.ts";
import { findPython } from "./support/python.ts";
import { pathOf } from "./support/repository.ts";
import { openLive, openWire } from "./support/wire.ts";

const page = readFileSync(pathOf("docs/migrating-from-flask-socketio.md"), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code = ""]) => ({
  language,
  code,
}));
const [signing, moving, client, service, program] = blocks.map(({ code }) => code);
const python = findPython();
const folder = temporaryFolder();
const running: Bun.Subprocess[] = [];
let app: TestApp;
let administrator: Person;

beforeAll(async () => {
  app = await startApp();
  administrator = await makeAdministrator(app);
});
afterEach(() => {
  for (const process of running.splice(0)) process.kill("SIGKILL");
});
afterAll(() => app.stop());

interface Running {
  /** Settles when it has printed the line; throws where it ends before. */
  says(line: string): Promise<void>;
  /** The same for a line that fits. */
  saysLike(line: RegExp): Promise<void>;
  /** The lines it has printed so far. */
  said(): string[];
  /** All it prints, when it has ended. */
  text(): Promise<string>;
  tell(line: string): void;
}

/** Runs code behind what it is given, as values of the names it uses, and before `more`. */
function run(language: "js" | "python", given: Record<string, unknown>, code: string, head = "", more = ""): Running {
  const values = Object.entries(given).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const names = language === "js" ? values.map((line) => `const ${line};`) : values;
  const file = join(folder, `${Bun.randomUUIDv7()}.${language === "js" ? "mjs" : "py"}`);
  writeFileSync(file, [...names, head, code, more].join("\n"));
  const command = language === "js" ? [process.execPath, "--no-env-file", file] : [python ?? "", "-u", file];
  const started = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  running.push(started);
  const chunks = started.stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const readMore = async (): Promise<boolean> => {
    const { done, value } = await chunks.read();
    if (value) text += decoder.decode(value, { stream: true });
    return !done;
  };
  const said = () => text.split("\n").map((line) => line.trim());
  const until = async (fits: (line: string) => boolean, wanted: string | RegExp) => {
    while (!said().some(fits)) if (!(await readMore())) throw new Error(`it ended before it said ${wanted}: ${text}`);
  };
  return {
    says: (line) => until((one) => one === line, line),
    saysLike: (line) => until((one) => line.test(one), line),
    said,
    async text() {
      while (await readMore());
      return text;
    },
    tell(line) {
      started.stdin.write(`${line}\n`);
      started.stdin.flush();
    },
  };
}

test("the page has the blocks that are run below, and no others", () => {
  expect(blocks.map(({ language }) => language)).toEqual(["python", "python", "js", "python", "python"]);
});

test.if(python !== undefined)("a token as it is made there is a person's", async () => {
  const given = { TRUSTED_JWT_SECRET: hostSecret };
  const token = (await run("python", given, signing ?? "", "", 'print(taskwire_token(17, "Flask Ana"))').text()).trim();
  expect(ok(await caller(app, token)("GET", "/api/me"), 200)).toMatchObject({ name: "Flask Ana" });
});

test.if(python !== undefined)("a project is moved as it is there, once, and who was in it can join", async () => {
  const given = { TRUSTED_JWT_SECRET: hostSecret, taskwire_url: app.url };
  const move = `
import json
people = [{"id": 5, "name": "Moved Ana"}, {"id": 6, "name": "Moved Ben"}]
tasks = [
    {"id": 1, "title": "First", "status": "review", "assignees": [6]},
    {"id": 2, "title": "Second", "status": "todo", "assignees": []},
]
ids = [move_project({"id": 17, "name": "Moved"}, people[0], people[1:], tasks) for run in range(2)]
print(json.dumps({"ids": ids, "first": task_id(1), "ben": taskwire_token(6, "Moved Ben")}))`;
  const { ids, first, ben } = JSON.parse(await run("python", given, moving ?? "", signing, move).text());
  expect(ids[1]).toBe(ids[0]);
  const call = caller(app, ben);
  const me = ok(await call<{ id: string }>("GET", "/api/me"), 200);
  const { items } = ok(await call<Page<Task>>("GET", `/api/projects/${ids[0]}/tasks`), 200);
  expect(items.map(({ title, status }) => [title, status])).toEqual([
    ["First", "review"],
    ["Second", "todo"],
  ]);
  expect(items[0]).toMatchObject({ id: first, assignee_ids: [me.id] });
  const wire = await openLive(app.url, ben);
  expect(await wire.ask("join_project", { project_id: ids[0] })).toMatchObject({ ok: true });
  wire.destroy();
});

/** More than one answer to a join holds. */
async function publishMany(person: Person, project: Project): Promise<void> {
  const events = Array.from({ length: 100 }, (_, i) => ({ event: "x_tick", data: { i } }));
  for (let i = 0; i < 6; i++) ok(await person.call("POST", `/api/projects/${project.id}/events`, { events }), 201);
}

/** So many that the person's room has a higher number than the projects. */
async function tellOften(person: Person): Promise<void> {
  for (let i = 1; i <= 10; i++) {
    const body = { user_id: person.id, type: "build_done", message: `Build ${i}` };
    ok(await administrator.call("POST", "/api/notifications/send", body), 200);
  }
}

const headOf = (
  tokens: string,
): string => `import { io } from ${JSON.stringify(import.meta.resolve("socket.io-client"))};
  const tokens = ${tokens};
  const fetchToken = async () => (tokens.length > 1 ? tokens.shift() : tokens[0]);
  const load = (projectId) => console.log("loads", projectId);`;

test("the page's client enters, joins, writes, hears, and comes back to all that it missed", async () => {
  const [owner, ana] = [await makePerson(app, "Page owner"), await makePerson(app, "Page Ana")];
  const [project, other] = [await makeProject(owner), await makeProject(owner)];
  for (const each of [project, other]) await addMember(owner, each, ana, "member");
  const task = await makeTask(owner, project);
  const given = { taskwireUrl: app.url, projectIds: [project.id, other.id], taskId: task.id };
  const more = `process.stdin.on("data", (line) => {
    if (String(line).startsWith("cut")) socket.io.engine.close();
    else setStatus(taskId, String(line).trim());
  });
  socket.on("disconnect", () => console.log("away"));`;
  const shown = run("js", given, client ?? "", headOf(JSON.stringify([ana.token])), more);
  await shown.says("connected as Page Ana");
  await shown.says(`loads ${project.id}`);
  await shown.says(`loads ${other.id}`);
  await shown.says("joined anew");
  await makeTask(owner, project, { title: "Heard" });
  await shown.says("new: Heard");
  shown.tell("in_progress");
  await shown.says("Task is in_progress by Page Ana");
  await shown.says("set to in_progress");
  shown.tell("nowhere");
  await shown.says("refused: invalid");
  for (let i = 0; i < 9; i++) await makeTask(owner, other, { title: `Other ${i}` });
  await shown.says("new: Other 8");
  await tellOften(ana);
  await shown.says("told: Build 10");

  shown.tell("cut");
  await shown.says("away");
  await makeTask(owner, project, { title: "Missed" });
  ok(await owner.call("PATCH", `/api/tasks/${task.id}`, { status: "review" }), 200);
  await publishMany(owner, project);
  await makeTask(owner, project, { title: "Missed last" });
  await shown.says("joined again");
  await shown.says("new: Missed");
  await shown.says("Task is review by Page owner");
  await shown.says("new: Missed last");
  await makeTask(owner, project, { title: "Live" });
  await shown.says("new: Live");

  ok(await owner.call("DELETE", `/api/projects/${project.id}/members/${ana.id}`), 204);
  await makeTask(owner, project, { title: "Meanwhile" });
  await addMember(owner, project, ana, "member");
  await shown.says("new: Meanwhile");
  await makeTask(owner, project, { title: "Back" });
  await shown.says("new: Back");
  const lines = shown.said().filter((line) => line.startsWith("new: ") || line.startsWith("loads "));
  expect(lines.toSorted()).toEqual([...new Set(lines)].sort());
});

test("the page's client comes in after a refusal, renews its token in place, and tells what failed", async () => {
  const ana = await makePerson(app, "Page Bo");
  const project = await makeProject(ana);
  const short = await new SignJWT({ name: ana.name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(ana.name)
    .setExpirationTime("62s")
    .sign(new TextEncoder().encode(hostSecret));
  const more = `socket.onAnyOutgoing((event, { token }) => console.log("sends", event, token === tokens[0]));
  process.stdin.on("data", () => socket.emit("nonsense", {}));`;
  const head = headOf(JSON.stringify(["nonsense", short, ana.token]));
  const shown = run("js", { taskwireUrl: app.url, projectIds: [project.id] }, client ?? "", head, more);
  await shown.says("not connected: unauthenticated");
  await shown.says("connected as Page Bo");
  await shown.says("joined anew");
  await shown.says("sends authenticate true");
  expect(shown.said().filter((line) => line.startsWith("failed:"))).toEqual([]);
  shown.tell("nonsense");
  await shown.saysLike(/^failed: invalid /);
});

test.if(python !== undefined)("the service's calls change, publish and notify, and everybody hears of it", async () => {
  const ana = await makePerson(app, "Service Ana");
  const project = await makeProject(administrator);
  await addMember(administrator, project, ana, "member");
  const task = await makeTask(administrator, project);
  const scopes = ["read", "write", "events:publish", "notifications:send"];
  const { key } = await makeHolder(app, administrator, { name: "Flask", scopes });
  const wire = await openWire(app.url, { token: ana.token });
  const connected = (await wire.take("connected")).data;
  await wire.ask("join_project", { project_id: project.id });
  const given = {
    url: app.url,
    key: key.key,
    task_id: task.id,
    project_id: project.id,
    user_id: ana.id,
    session_id: connected.session_id,
    token: ana.token,
  };
  const calls = `
service = RealTimeService(url, key)
service.broadcast_status_change(task_id, "review")
service.broadcast_assignment(task_id, [user_id])
service.broadcast_comment(task_id, "Please look")
service.broadcast_to_project(project_id, "build_done", {"build": 7})
service.notify_user(user_id, "build_done", "Build 7 is there")
service.broadcast_many(project_id, [("stage_done", {"stage": 1}), ("stage_done", {"stage": 2})])
service.broadcast("maintenance", "Back at noon", {})
service.emit_to(session_id, "For you alone")
RealTimeService(url, token).broadcast_comment(task_id, "From Ana herself")
print("done")`;
  await run("python", given, service ?? "", "", calls).says("done");
  expect(await wire.take("task_status_changed")).toMatchObject({ data: { new_status: "review" } });
  expect(await wire.take("task_assigned")).toMatchObject({ data: { added: [ana.id] } });
  expect(await wire.take("comment_added")).toMatchObject({ data: { comment: { content: "Please look" } } });
  expect(await wire.take("x_build_done")).toMatchObject({ data: { build: 7 } });
  const told = await wire.take(
    ({ event, data }) => event === "notification" && JSON.stringify(data).includes("Build 7"),
  );
  expect(told).toMatchObject({ data: { notification: { type: "build_done" } } });
  for (const stage of [1, 2]) expect(await wire.take("x_stage_done")).toMatchObject({ data: { stage } });
  expect(await wire.take("broadcast")).toMatchObject({ data: { message: "Back at noon" } });
  expect(await wire.take("direct_message")).toMatchObject({ data: { message: "For you alone" } });
  expect(await wire.take("comment_added")).toMatchObject({ actor: { id: ana.id, kind: "user" } });
  wire.destroy();
});

test.if(python !== undefined)(
  "another program hears events that are published, also those of a while away",
  async () => {
    const ana = await makePerson(app, "Program Ana");
    const project = await makeProject(ana);
    const sign = `${signing}
sign, signed = taskwire_token, 0
def taskwire_token(user_id, name):
    global signed
    signed += 1
    print("token", signed)
    return sign(user_id, name)
`;
    const given = { TRUSTED_JWT_SECRET: hostSecret };
    const who = `print(taskwire_token("builds", "Build robot"))`;
    const robotToken = (await run("python", given, signing ?? "", "", who).text()).trim();
    const { id } = ok(await caller(app, robotToken)<{ id: string }>("GET", "/api/me"), 200);
    await addMember(ana, project, { ...ana, id }, "viewer");
    const link = createLink(app.url);
    try {
      const names = { ...given, taskwire_url: link.url, project_id: project.id };
      const heard = run("python", names, program ?? "", sign);
      const publish = async (build: number) => {
        const body = { event: "x_build_done", data: { build } };
        ok(await ana.call("POST", `/api/projects/${project.id}/events`, body), 201);
      };
      await heard.says("joined anew");
      await publish(7);
      await heard.says("build 7 of Program Ana");
      await tellOften({ ...ana, id });
      link.cut();
      await publish(8);
      await publishMany(ana, project);
      await publish(9);
      link.mend();
      await heard.says("joined again");
      await publish(10);
      await heard.says("build 10 of Program Ana");
      expect(heard.said().filter((line) => /^(build|token)/.test(line))).toEqual([
        "token 1",
        "build 7 of Program Ana",
        "token 2",
        "build 8 of Program Ana",
        "build 9 of Program Ana",
        "build 10 of Program Ana",
      ]);
    } finally {
      link.stop();
    }
  },
);
