/** Accounts, tokens and keys from the command line: beside a server, through its socket, and without one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { createVisitor } from "../support/accounts.ts";
import { type Ended, type RunningServer, runProgram, startServer, temporaryFolder } from "../support/program.ts";
import { createPostgresDatabase } from "../support/services.ts";

const UserAnswer = z.object({
  user: z.object({ id: z.string(), role: z.string(), disabled_at: z.string().nullable() }),
});
const Added = UserAnswer.extend({ password: z.string().nullable() });
const Listed = z.object({
  users: z.array(z.object({ email: z.string().nullable(), name: z.string(), role: z.string() })),
});
const Issued = z.object({ token: z.string(), expires_at: z.string() });
const Failed = z.object({ error: z.object({ code: z.string(), message: z.string(), advice: z.string() }) });
const MadeKey = z.object({ id: z.string(), key: z.string(), prefix: z.string(), scopes: z.array(z.string()) });
const Keys = z.object({ api_keys: z.array(z.object({ prefix: z.string(), user_email: z.string() })) });
const Status = z.object({ applied: z.array(z.object({ name: z.string() })), pending: z.array(z.string()) });

const secret = "a secret of at least thirty-two characters";
const otherSecret = "another secret of at least thirty-two characters";
const refusal = "the server of this database has another AUTH_SECRET";
const databaseUrl = await createPostgresDatabase();

interface Place {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}
const places: readonly Place[] = [
  { name: "the embedded database of a running server", env: { DATA_DIR: temporaryFolder() } },
  ...(databaseUrl === undefined
    ? []
    : [
        { name: "PostgreSQL beside a running server", env: { DATABASE_URL: databaseUrl, DATA_DIR: temporaryFolder() } },
      ]),
];

const call = (env: Place["env"], args: readonly string[], input?: string): Promise<Ended> =>
  runProgram(args, { env: { AUTH_SECRET: secret, ...env }, ...(input !== undefined && { input }) });

/** The one JSON document of a command that succeeds. */
async function answer<S extends z.ZodType>(env: Place["env"], shape: S, args: readonly string[], input?: string) {
  const { exitCode, stdout, stderr } = await call(env, [...args, "--json"], input);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return shape.parse(JSON.parse(stdout));
}

async function failure(env: Place["env"], args: readonly string[]): Promise<z.infer<typeof Failed>["error"]> {
  const { exitCode, stdout } = await call(env, [...args, "--json"]);
  expect(exitCode).toBe(1);
  return Failed.parse(JSON.parse(stdout)).error;
}

const signIn = (url: string, email: string, password: string) =>
  createVisitor(url).call("POST", "/api/auth/sign-in/email", { email, password });

const me = (url: string, token: string) => fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } });

/** A live connection, and the code it is closed with. */
async function connect(url: string, token: string): Promise<{ readonly closed: Promise<number> }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, ["taskwire.v1", `bearer.${token}`]);
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  await new Promise((resolve, reject) => {
    socket.onmessage = resolve; // `connected`
    socket.onerror = reject;
  });
  return { closed };
}

/**
 * Resolves when requests with it are refused; another server's memory of who it is lasts up to a second. It asks at a
 * pace that leaves most of the address's requests a minute to the tests.
 */
async function dead(url: string, token: string): Promise<void> {
  const deadlineMs = performance.now() + 1200;
  for (;;) {
    const askedMs = performance.now(); // an answer may be old by the time it is read
    const { status } = await me(url, token);
    if (status === 401) return;
    if (askedMs > deadlineMs) throw new Error(`still answered ${status}`);
    await Bun.sleep(25);
  }
}

/** Milliseconds from the end of a command to the end of a connection. */
async function msUntil(closed: Promise<number>): Promise<number> {
  const fromMs = performance.now();
  await closed;
  return performance.now() - fromMs;
}

for (const { name, env } of places) {
  describe(`commands on ${name}`, () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startServer({ env: { AUTH_SECRET: secret, SIGN_UP: "invite", ...env } });
    });
    afterAll(async () => {
      server.signal("SIGTERM");
      expect((await server.ended).exitCode).toBe(0);
    });

    test("the first account is the administrator's, and its password is printed once", async () => {
      const { user, password } = await answer(env, Added, ["user", "add", "ana@example.org", "--name", "Ana"]);
      expect(user).toMatchObject({ role: "admin", disabled_at: null });
      expect(password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
      expect((await signIn(server.url, "ana@example.org", password ?? "")).status).toBe(200);
      const said = await call(env, ["user", "add", "chris@example.org"]);
      expect(said.stdout).toMatch(/^chris \(chris@example.org\) is a user of this server\.\n\npassword {2}\S{23}\n/);
    });

    test("a password on standard input is taken and not printed", async () => {
      const words = ["user", "add", "--email=ben@example.org", "--password-stdin"];
      const added = await answer(env, Added, words, "a password of Ben's\r\nanother line");
      expect(added.password).toBeNull();
      expect((await signIn(server.url, "ben@example.org", "a password of Ben's")).status).toBe(200);
      const none = await call(env, ["user", "add", "dora@example.org", "--password-stdin"], "");
      expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining("no password came on standard input")]);
    });

    test("the list shows everybody by address, or those it is asked for", async () => {
      const { users } = await answer(env, Listed, ["user", "list"]);
      expect(users.map(({ email, role }) => [email, role])).toEqual([
        ["ana@example.org", "admin"],
        ["ben@example.org", "user"],
        ["chris@example.org", "user"],
      ]);
      const found = await answer(env, Listed, ["user", "list", "--search", "ANA"]);
      expect(found.users.map(({ name }) => name)).toEqual(["Ana"]);
      const { stdout } = await call(env, ["user", "list"]);
      expect(stdout.split("\n")[1]).toMatch(/^ana@example\.org {4}Ana {4}admin {2}active {2}\d{4}-\d\d-\d\d$/);
    });

    test("a token speaks for its person, in requests and live connections", async () => {
      const { token, expires_at } = await answer(env, Issued, ["token", "--email", "ana@example.org"]);
      expect(await (await me(server.url, token)).json()).toMatchObject({ name: "Ana", email: "ana@example.org" });
      expect(Date.parse(expires_at) - Date.now()).toBeWithin(14 * 60_000, 15 * 60_000 + 1);
      const plain = await call(env, ["token", "ana@example.org"]);
      expect((await me(server.url, plain.stdout.trim())).status).toBe(200);
      expect(plain.stderr).toMatch(/^expires at \S+Z\n$/);
    });

    test("with another secret than the server's no token is printed that it refuses", async () => {
      const other = { ...env, AUTH_SECRET: otherSecret };
      if ("DATABASE_URL" in env) {
        const refused = await call(other, ["token", "ana@example.org"]);
        expect([refused.exitCode, refused.stdout]).toEqual([1, ""]);
        expect(refused.stderr).toContain(refusal);
      } else {
        // The server that has the embedded database signs it itself.
        const { token } = await answer(other, Issued, ["token", "ana@example.org"]);
        expect((await me(server.url, token)).status).toBe(200);
      }
    });

    test("who is disabled is cut off within a second, and let in again when enabled", async () => {
      const { token } = await answer(env, Issued, ["token", "ben@example.org"]);
      const { closed } = await connect(server.url, token);
      const { user } = await answer(env, UserAnswer, ["user", "disable", "ben@example.org"]);
      expect(await msUntil(closed)).toBeLessThan(1000);
      expect(await closed).toBe(4403);
      expect(user.disabled_at).not.toBeNull();
      expect((await signIn(server.url, "ben@example.org", "a password of Ben's")).status).toBe(403);
      expect(await failure(env, ["token", "ben@example.org"])).toMatchObject({ code: "forbidden" });
      await answer(env, UserAnswer, ["user", "enable", "ben@example.org"]);
      expect((await signIn(server.url, "ben@example.org", "a password of Ben's")).status).toBe(200);
    });

    test("a reset password ends every session and connection, and is the only one that opens", async () => {
      const { token } = await answer(env, Issued, ["token", "ben@example.org"]);
      const { closed } = await connect(server.url, token);
      const reset = await answer(env, Added.extend({ ended_sessions: z.int() }), [
        ...["user", "reset-password", "ben@example.org"],
      ]);
      expect(await msUntil(closed)).toBeLessThan(1000);
      expect(reset.ended_sessions).toBeGreaterThanOrEqual(1);
      await dead(server.url, token);
      expect((await signIn(server.url, "ben@example.org", "a password of Ben's")).status).toBe(401);
      expect((await signIn(server.url, "ben@example.org", reset.password ?? "")).status).toBe(200);
    });

    test("administrators are made and unmade, and one is always left", async () => {
      const { token } = await answer(env, Issued, ["token", "ben@example.org"]);
      const role = async () => z.object({ role: z.string() }).parse(await (await me(server.url, token)).json()).role;
      expect(await role()).toBe("user");
      const made = await answer(env, UserAnswer, ["user", "make-admin", "ben@example.org"]);
      expect([made.user.role, await role()]).toEqual(["admin", "admin"]);
      await answer(env, UserAnswer, ["user", "remove-admin", "ben@example.org"]);
      expect(await role()).toBe("user");
      const refused = await failure(env, ["user", "remove-admin", "ana@example.org"]);
      expect(refused).toMatchObject({ code: "conflict", message: expect.stringContaining("last administrator") });
    });

    test("an API key is shown once, listed by its prefix, and dead when it is deleted", async () => {
      const words = ["api-key", "create", "ana@example.org", "--name", "builds", "--scopes", "read,write"];
      const made = await answer(env, MadeKey, [...words, "--expires-days", "9"]);
      expect(made.scopes).toEqual(["read", "write"]);
      expect((await me(server.url, made.key)).status).toBe(200);
      const { api_keys } = await answer(env, Keys, ["api-key", "list", "ana@example.org"]);
      expect(api_keys).toEqual([{ prefix: made.prefix, user_email: "ana@example.org" }]);
      const shown = await call(env, ["api-key", "list"]);
      expect(shown.stdout).toContain(made.prefix);
      expect(shown.stdout).not.toContain(made.key);
      const { closed } = await connect(server.url, made.key);
      expect((await call(env, ["api-key", "delete", made.prefix])).exitCode).toBe(0);
      expect(await msUntil(closed)).toBeLessThan(1000);
      await dead(server.url, made.key);
      expect(await failure(env, ["api-key", "delete", made.id])).toMatchObject({ code: "not_found" });
      expect(await failure(env, [...words.slice(0, 5), "--scopes", "rule"])).toMatchObject({ code: "invalid" });
    });

    test("what is wrong is told with what to do, without a stack", async () => {
      const twice = await failure(env, ["user", "add", "ana@example.org"]);
      expect(twice).toMatchObject({ code: "conflict", message: "there is an account with this e-mail address." });
      const nobody = await call(env, ["user", "disable", "nobody@example.org"]);
      expect(nobody).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: 'taskwire: there is nobody with the e-mail address nobody@example.org.\nSee "taskwire user list".\n',
      });
      expect(await failure(env, ["user", "add", "no address"])).toMatchObject({ code: "invalid" });
    });

    test("the tables of a server that runs are shown, and not taken away", async () => {
      const { applied, pending } = await answer(env, Status, ["migrate", "status"]);
      expect([applied[0]?.name, pending]).toEqual(["0000_road", []]);
      const refused = await failure(env, ["migrate", "down", "--yes"]);
      expect(refused).toMatchObject({ code: "conflict", message: "a server uses this database." });
      expect((await call(env, ["migrate", "up"])).stdout).toBe("Nothing to do.\n");
    });
  });
}

test("without a server the commands open the embedded database themselves", async () => {
  const env = { DATA_DIR: temporaryFolder() };
  expect(await failure(env, ["user", "list"])).toMatchObject({
    message: expect.stringContaining("there is no database"),
  });
  const { user } = await answer(env, Added, ["user", "add", "ana@example.org"]);
  const { token } = await answer(env, Issued, ["token", "ana@example.org"]);
  expect((await answer(env, Listed, ["user", "list"])).users.map(({ role }) => role)).toEqual(["admin"]);
  expect((await answer(env, Status, ["migrate", "status"])).pending).toEqual([]);
  const server = await startServer({ env: { AUTH_SECRET: secret, ...env } });
  expect(await (await me(server.url, token)).json()).toMatchObject({ id: user.id });
  server.signal("SIGTERM");
  await server.ended;
  const refused = await failure({ ...env, AUTH_SECRET: otherSecret }, ["token", "ana@example.org"]);
  expect(refused.message).toContain(refusal);
  await answer(env, Issued, ["token", "ana@example.org"]);
});

test("migrations go down with --yes and up again, and other commands say when they lack", async () => {
  const env = { DATA_DIR: temporaryFolder() };
  const up = await call(env, ["migrate", "up", "--json"]);
  const { applied } = z.object({ applied: z.array(z.string()).min(1) }).parse(JSON.parse(up.stdout));
  const last = up.stderr.trim().split("\n").at(-1) ?? "";
  expect(JSON.parse(last)).toMatchObject({
    progress: { step: "migrations", done: applied.length, total: applied.length },
  });
  const asked = await call(env, ["migrate", "down"]);
  expect([asked.exitCode, asked.stderr]).toEqual([2, expect.stringContaining("--yes")]);
  const down = await call(env, ["migrate", "down", "--yes"]);
  expect(down.stdout).toBe(`took back ${applied.at(-1)}\n`);
  const lacking = await call(env, ["user", "list"]);
  expect([lacking.exitCode, lacking.stderr]).toEqual([1, expect.stringContaining('Run "taskwire migrate up"')]);
  expect((await call(env, ["migrate", "up"])).stdout).toBe(`applied ${applied.at(-1)}\n`);
  const all = await call(env, ["migrate", "down", "--steps", "99", "--yes"]);
  expect(all.stdout.trim().split("\n").length).toBe(applied.length);
});
