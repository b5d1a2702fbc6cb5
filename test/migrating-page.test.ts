/** Every block of docs/migrating-from-flask-socketio.md is run against a server, as the page has it. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostSecret, startApp, type TestApp } from "./support/app.ts";
import { makeAdministrator, makeHolder } from "./support/keys.ts";
import { addMember, caller, makePerson, makeProject, makeTask, ok, type Person } from "./support/people.ts";
import { temporaryFolder } from "./support/program.ts";
import { findPython } from "./support/python.ts";
import { pathOf } from "./support/repository.ts";
import { openLive } from "./support/wire.ts";

const page = readFileSync(pathOf("docs/migrating-from-flask-socketio.md"), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code = ""]) => ({
  language,
  code,
}));
const [signing, client, service, program] = blocks.map(({ code }) => code);
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
  /** All it prints, when it has ended. */
  text(): Promise<string>;
  tell(line: string): void;
}

/** Runs code behind what it is given, as values of the names it uses, and before `more`. */
function run(language: "js" | "python", given: Record<string, string>, code: string, head = "", more = ""): Running {
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
  return {
    async says(line) {
      while (!text.split("\n").some((one) => one.trim() === line))
        if (!(await readMore())) throw new Error(`it ended before it said ${line}: ${text}`);
    },
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
  expect(blocks.map(({ language }) => language)).toEqual(["python", "js", "python", "python"]);
});

test.if(python !== undefined)("a token as it is made there is a person's", async () => {
  const given = { TRUSTED_JWT_SECRET: hostSecret };
  const token = (await run("python", given, signing ?? "", "", 'print(taskwire_token(17, "Flask Ana"))').text()).trim();
  expect(ok(await caller(app, token)("GET", "/api/me"), 200)).toMatchObject({ name: "Flask Ana" });
});

test("the page's client enters, joins, writes, hears, and shows what it missed", async () => {
  const ana = await makePerson(app, "Page Ana");
  const project = await makeProject(ana);
  const task = await makeTask(ana, project);
  const given = { taskwireUrl: app.url, projectId: project.id, taskId: task.id, token: ana.token };
  const head = `import { io } from ${JSON.stringify(import.meta.resolve("socket.io-client"))};
    const fetchToken = async () => token;
    const show = (event, data) => console.log("shows", event, data.task?.title ?? "");`;
  const more = `process.stdin.on("data", (line) => {
    if (String(line).startsWith("cut")) socket.io.engine.close();
    else setStatus(taskId, String(line).trim());
  });
  socket.on("disconnect", () => console.log("away"));`;
  const shown = run("js", given, client ?? "", head, more);
  await shown.says("connected as Page Ana");
  await shown.says("joined");
  await makeTask(ana, project, { title: "Heard" });
  await shown.says("shows task_created Heard");
  shown.tell("in_progress");
  await shown.says("shows task_status_changed Task");
  await shown.says("set to in_progress");
  shown.tell("nowhere");
  await shown.says("refused: invalid");
  shown.tell("cut");
  await shown.says("away");
  await makeTask(ana, project, { title: "Missed" });
  await shown.says("joined again");
  await shown.says("shows task_created Missed");
});

test.if(python !== undefined)("the service's calls change, publish and notify, and everybody hears of it", async () => {
  const ana = await makePerson(app, "Service Ana");
  const project = await makeProject(administrator);
  await addMember(administrator, project, ana, "member");
  const task = await makeTask(administrator, project);
  const scopes = ["read", "write", "events:publish", "notifications:send"];
  const { key } = await makeHolder(app, administrator, { name: "Flask", scopes });
  const wire = await openLive(app.url, ana.token);
  await wire.ask("join_project", { project_id: project.id });
  const given = { url: app.url, key: key.key, task_id: task.id, project_id: project.id, user_id: ana.id };
  const calls = `
service = RealTimeService(url, key)
service.broadcast_status_change(task_id, "review")
service.broadcast_assignment(task_id, [user_id])
service.broadcast_comment(task_id, "Please look")
service.broadcast_to_project(project_id, "build_done", {"build": 7})
service.notify_user(user_id, "build_done", "Build 7 is there")
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
  wire.destroy();
});

test.if(python !== undefined)("another program hears an event that is published", async () => {
  const ana = await makePerson(app, "Program Ana");
  const project = await makeProject(ana);
  const given = { taskwire_url: app.url, project_id: project.id, token: ana.token };
  const heard = run("python", given, program ?? "");
  await heard.says("joined True");
  const body = { event: "x_build_done", data: { build: 7 } };
  ok(await ana.call("POST", `/api/projects/${project.id}/events`, body), 201);
  await heard.says("build 7 of Program Ana");
});
