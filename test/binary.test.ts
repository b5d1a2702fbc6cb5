/** The one executable, alone in an empty folder: no sources, no node_modules, no programs on the PATH. */
import { beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { api, type EventFrame, openClient } from "./support/contract-client.ts";
import { makeEmptyRoot, mayBecomeRoot } from "./support/empty-root.ts";
import { readExposition } from "./support/exposition.ts";
import { makeCorrespondent, startMailSink } from "./support/mail.ts";
import { preparedExecutable } from "./support/prepared.ts";
import { pidsBelow } from "./support/processes.ts";
import { runProgram, startServer, temporaryFolder } from "./support/program.ts";
import { startPushService } from "./support/push.ts";
import { pathOf } from "./support/repository.ts";
import { createPostgresDatabase } from "./support/services.ts";
import { clientKinds, openSocketIo } from "./support/socketio-client.ts";

const secret = "a secret that only this test and its server know";
const folder = temporaryFolder();
const binary = join(folder, "taskwire");
const home = join(folder, "home");
const alone = {
  command: [binary],
  cwd: folder,
  env: { PATH: "/nonexistent", HOME: home, MODE: "production", TRUSTED_JWT_SECRET: secret, LOG_LEVEL: "warn" },
};

const token = (person: string): Promise<string> =>
  new SignJWT({ name: person })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(person)
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));

/** The whole run has made it already. */
async function build(): Promise<string> {
  const made = preparedExecutable();
  if (made !== undefined) return made;
  const building = Bun.spawn([process.execPath, "--no-env-file", ".ci/build.ts"], {
    cwd: pathOf("."),
    stdout: "ignore",
    stderr: "pipe",
  });
  expect(await new Response(building.stderr).text()).toBe("");
  expect(await building.exited).toBe(0);
  return pathOf("dist/taskwire");
}

beforeAll(async () => {
  copyFileSync(await build(), binary);
  mkdirSync(home);
}, 300_000);

test("is at most 140 MB", () => {
  expect(statSync(binary).size).toBeLessThanOrEqual(140e6);
});

test("says its version and helps without a database", async () => {
  const { version } = await Bun.file(pathOf("package.json")).json();
  expect(await runProgram(["version"], alone)).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
  expect((await runProgram(["--help"], alone)).stdout).toContain("taskwire serve");
  expect(readdirSync(folder).sort()).toEqual(["home", "taskwire"]);
});

test("serves two people and clients of Socket.IO, and keeps every acknowledged change over a kill -9", async () => {
  const first = await startServer(alone);
  const page = await fetch(first.url);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
  const script = first.url + (/<script[^>]*type="module"[^>]*src="([^"]+)"/.exec(await page.text())?.[1] ?? "");
  const [packed, plain] = await Promise.all(
    ["br", "identity"].map((encoding) => fetch(script, { headers: { "accept-encoding": encoding } })),
  );
  expect(packed?.headers.get("content-encoding")).toBe("br");
  expect(packed?.headers.get("cache-control")).toContain("immutable");
  const text = (await plain?.text()) ?? "";
  expect(await packed?.text()).toBe(text);
  // What is loaded later is in the executable too.
  const later = /import\("([^"]+\.js)"\)/.exec(text)?.[1] ?? "";
  expect((await fetch(first.url + later)).headers.get("content-type")).toContain("text/javascript");

  const [ana, ben] = [await token("Ana"), await token("Ben")];
  const asAna = { url: first.url, token: ana };
  const { id: projectId } = await api<{ id: string }>(asAna, "POST", "/api/projects", { name: "Road" });
  const heard = Promise.withResolvers<EventFrame>();
  const bens = await openClient({
    url: first.url,
    token: ben,
    onEvent(frame) {
      if (frame.event === "task_created") heard.resolve(frame);
    },
  });
  await api(asAna, "POST", `/api/projects/${projectId}/members`, { user_id: bens.userId, role: "member" });
  const joined = await bens.request("join_project", { project_id: projectId });
  const anas = await openClient(asAna);
  const socketIo = clientKinds.slice(0, 3).map((kind) => openSocketIo(first.url, { kind, auth: { token: ben } }));
  for (const client of socketIo) {
    await client.take("connected");
    expect(await client.ask("join_project", { project_id: projectId })).toMatchObject({ ok: true });
  }
  const { task, seq } = await anas.request("task_create", { project_id: projectId, title: "Outlives a kill" });
  expect(await heard.promise).toMatchObject({ seq, data: { task: { id: task.id, title: "Outlives a kill" } } });
  for (const client of socketIo) {
    const { data } = await client.take("task_created");
    expect(data).toMatchObject({ task: { id: task.id }, _meta: { seq } });
    client.leave();
  }
  first.signal("SIGKILL");
  await first.ended;

  const second = await startServer(alone);
  const again = await openClient({ url: second.url, token: ben });
  const since = { epoch: joined.epoch, seq: joined.seq };
  const resumed = await again.request("join_project", { project_id: projectId, since });
  expect(resumed).toMatchObject({ recovered: true, seq, events: [{ event: "task_created", seq }] });
  again.close();
  second.signal("SIGTERM");
  expect(await second.ended).toMatchObject({ exitCode: 0, stderr: "" });
  expect(readdirSync(home)).toEqual([]);
}, 120_000);

test("refuses a data folder that another one holds, and names its process", async () => {
  const holder = await startServer(alone);
  const second = await runProgram(["serve"], { ...alone, env: { ...alone.env, PORT: "0" } });
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toContain(`in use by process ${holder.pid}`);
  holder.signal("SIGTERM");
  await holder.ended;
}, 120_000);

test("administers accounts beside a running server, without one, and on PostgreSQL", async () => {
  const databaseUrl = await createPostgresDatabase();
  const places = [{ DATA_DIR: join(folder, "accounts") }, ...(databaseUrl ? [{ DATABASE_URL: databaseUrl }] : [])];
  for (const place of places) {
    const env = { ...alone.env, AUTH_SECRET: "x".repeat(32), ...place };
    const call = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await runProgram([...args, "--json"], { ...alone, env });
      expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
      return JSON.parse(stdout);
    };
    const administer = async (email: string) => {
      expect(await call("user", "add", email)).toMatchObject({ user: { email }, password: expect.any(String) });
      expect(await call("migrate", "status")).toMatchObject({ pending: [], ahead: [], changed: [] });
      expect((await call("user", "list")).users.at(-1)).toMatchObject({ email });
      return String((await call("token", email)).token);
    };
    const before = await administer("ana@example.org");
    const server = await startServer({ ...alone, env });
    const beside = await administer("ben@example.org");
    for (const [token, email] of [
      [before, "ana@example.org"],
      [beside, "ben@example.org"],
    ]) {
      const me = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
      expect(await me.json()).toMatchObject({ email });
    }
    server.signal("SIGTERM");
    expect(await server.ended).toMatchObject({ exitCode: 0, stderr: "" });
  }
}, 120_000);

test.if(mayBecomeRoot())(
  "needs nothing of the system but five libraries, as the image has it, and no rights",
  async () => {
    const root = makeEmptyRoot(binary);
    const env = { MODE: "production", DATA_DIR: root.dataDir };
    const server = await startServer({ command: root.command, cwd: folder, env });
    const { port } = new URL(server.url);
    const pid = pidsBelow(server.pid).at(-1) ?? server.pid; // below sudo, where that was needed
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^Uid:\s+10001\s+10001\s/m);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    expect(readExposition(await (await fetch(`${server.url}/metrics`)).text()).size).toBeGreaterThan(30);
    const health = await runProgram(["health"], { command: root.command, cwd: folder, env: { ...env, PORT: port } });
    expect([health.exitCode, health.stderr]).toEqual([0, ""]);
    root.terminate(pid);
    expect((await server.ended).exitCode).toBe(0);
    const gone = await runProgram(["health"], { command: root.command, cwd: folder, env: { ...env, PORT: port } });
    expect(gone.exitCode).toBe(1);
    root.remove();
  },
);
test("sends mail and pushes", async () => {
  const [sink, service] = [await startMailSink(), startPushService()];
  const env = {
    ...{ ...alone.env, MODE: "test", DATA_DIR: join(folder, "channels"), SIGN_UP: "open" },
    ...{ SMTP_URL: sink.url, MAIL_FROM: "Tasks <tasks@example.org>" },
  };
  const server = await startServer({ ...alone, env });
  const admin = await makeCorrespondent(server);
  const browser = service.makeBrowser();
  expect((await admin.call("POST", "/api/push-subscriptions", browser.subscription)).status).toBe(201);
  expect((await admin.call("POST", `/api/test/notification/${admin.id}`)).body).toMatchObject({
    mail: true,
    push: true,
  });
  expect((await sink.received(admin.email, 1))[0]?.header("subject")).toContain("sent this to see");
  expect((await browser.received(1))[0]?.payload.body).toContain("sent this to see");
  server.signal("SIGTERM");
  expect(await server.ended).toMatchObject({ exitCode: 0 });
  await service.stop();
  await sink.close();
}, 60_000);
