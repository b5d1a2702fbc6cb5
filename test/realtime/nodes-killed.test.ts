/** Two servers as processes, woken by PostgreSQL or by Redis: what is asked and told across them, and one killed with -9. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LiveSession } from "../../src/protocol/connections.ts";
import { ConnectionMetrics } from "../../src/protocol/metrics.ts";
import { createVisitor, getToken, password, signUp } from "../support/accounts.ts";
import { databases } from "../support/db.ts";
import { addMember, caller, makeProject, ok, type Page, type Person } from "../support/people.ts";
import { runProgram } from "../support/program.ts";
import { hasRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { createPostgresDatabase } from "../support/services.ts";
import { openWire, type Wire } from "../support/wire.ts";

type Listed = Page<LiveSession> & { readonly unanswered_nodes: readonly string[] };

/** From the request to the close frame at the other server. */
const revokedMs = 1_000;
const offlineMs = 10_000;

const brokers = databases.some(({ kind }) => kind === "postgres")
  ? (["postgres", ...(hasRedis() ? (["redis"] as const) : [])] as const)
  : [];

describe.each([...brokers])("two servers woken by %s", (broker) => {
  let redis: TestRedis | undefined;
  let here: ServerProcess;
  let there: ServerProcess;
  let admin: Person;
  /** Of the servers, and of commands beside them. */
  let env: Record<string, string>;
  beforeAll(async () => {
    const databaseUrl = await createPostgresDatabase();
    redis = broker === "redis" ? await startRedis() : undefined;
    env = {
      BROKER: broker,
      ROLES: "web",
      LOG_LEVEL: "warn",
      ...(redis && { REDIS_URL: redis.url }),
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    };
    here = await startServer({ databaseUrl, env });
    there = await startServer({ databaseUrl, env });
    admin = await account();
    // They know of each other when the one answers for the other.
    while ((await figures()).nodes.length < 2);
  });
  afterAll(async () => {
    await there?.close();
    await here?.close();
    await redis?.stop();
  });

  const account = async (): Promise<
    Person & { readonly visitor: ReturnType<typeof createVisitor>; readonly email: string }
  > => {
    const { id, name, email, visitor } = await signUp(here.url);
    const { token } = await getToken(visitor);
    return { id, name, email, token, visitor, call: caller(here, token) };
  };
  const figures = async () => ConnectionMetrics.parse(ok(await admin.call("GET", "/api/metrics/connections"), 200));
  const connect = async ({ url }: ServerProcess, { token }: Pick<Person, "token">) => {
    const wire = await openWire(url, { token });
    const session = String((await wire.take("connected")).data.session_id);
    return { wire, session };
  };

  test("connections are counted and listed together, and a message reaches one at the other server", async () => {
    const ana = await account();
    const [near, far] = [await connect(here, ana), await connect(there, ana)];
    const listed = ok(await admin.call<Listed>("GET", `/api/sessions?user_id=${ana.id}`), 200);
    expect(listed.items.map(({ session_id }) => session_id)).toEqual([near.session, far.session]);
    expect(new Set(listed.items.map(({ node_id }) => node_id)).size).toBe(2);
    const { total, nodes, unanswered_nodes } = await figures();
    expect([total, nodes.map((node) => node.total), unanswered_nodes]).toEqual([2, [1, 1], []]);
    const message = { message: "Hello over there", mutation_id: Bun.randomUUIDv7() };
    ok(await admin.call("POST", `/api/sessions/${far.session}/message`, message), 204);
    expect((await far.wire.take("direct_message")).data.message).toBe("Hello over there");
    for (const { wire } of [near, far]) {
      wire.close();
      await wire.closed;
    }
  });

  test("[S10] a sign-out, a new password and a disabled person close the sockets at the other server within a second", async () => {
    const told: [string, number][] = [];
    /** From when it was asked for, or, where that takes its time by itself, from when it was done. */
    const ends = async (name: string, wire: Wire, work: () => Promise<unknown>, slow = false) => {
      const asked = performance.now();
      await work();
      const from = slow ? performance.now() : asked;
      told.push([`${name} ${(await wire.closed).code}`, performance.now() - from]);
    };
    const [ana, bo, cem] = [await account(), await account(), await account()];
    const again = createVisitor(here.url);
    await again.call("POST", "/api/auth/sign-in/email", { email: bo.email, password });
    const [out, changed, disabled] = [
      (await connect(there, ana)).wire,
      (await connect(there, await getToken(again))).wire,
      (await connect(there, cem)).wire,
    ];
    await ends("signed out", out, () => ana.visitor.call("POST", "/api/auth/sign-out"));
    const change = {
      currentPassword: password,
      newPassword: "another battery, as correct",
      revokeOtherSessions: true,
    };
    // Looking at the one and hashing the other is slow on purpose.
    await ends("password", changed, () => bo.visitor.call("POST", "/api/auth/change-password", change), true);
    const disable = ["user", "disable", cem.email];
    await ends("disabled", disabled, async () => expect((await runProgram(disable, { env })).exitCode).toBe(0), true);
    expect(told.map(([name]) => name)).toEqual(["signed out 4403", "password 4403", "disabled 4403"]);
    expect(told.filter(([, ms]) => ms > revokedMs)).toEqual([]);
    const headers = { authorization: `Bearer ${cem.token}` };
    expect((await fetch(`${there.url}/api/me`, { headers })).status).toBe(401);
  });

  test("[S5] within 10 s of a server's kill -9 its people are offline, those who are elsewhere too are not", async () => {
    const [ana, bo, cem] = [await account(), await account(), await account()];
    const project = await makeProject(ana);
    for (const person of [bo, cem]) await addMember(ana, project, person, "member");
    const enter = async (server: ServerProcess, person: Person) => {
      const { wire } = await connect(server, person);
      return { wire, answer: await wire.ask("join_project", { project_id: project.id }) };
    };
    const { wire: watcher } = await enter(here, ana);
    await enter(here, cem);
    for (const person of [bo, cem]) await enter(there, person);
    const of = (person: Person, status: string) =>
      watcher.take(
        ({ event, data }) => event === "user_presence" && data.user_id === person.id && data.status === status,
      );
    for (const person of [bo, cem]) await of(person, "active");
    await there.kill("SIGKILL");
    const killedAt = performance.now();
    await of(bo, "offline");
    const tookMs = performance.now() - killedAt;
    expect([tookMs > 1_000, tookMs < offlineMs]).toEqual([true, true]);
    const { answer } = await enter(here, ana);
    const present = JSON.stringify(answer.data.presence);
    expect([ana, bo, cem].map(({ id }) => present.includes(id))).toEqual([true, false, true]);
    expect((await figures()).nodes.length).toBe(1);
    // Neither of them runs jobs.
    await here.wrote("no server runs jobs");
  });
});
