/** Servers whose Redis is not there yet, speaks TLS, asks who they are, or is lost for a moment while people work. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/core/config.ts";
import { createLog } from "../../src/core/log.ts";
import { createRedis } from "../../src/core/redis.ts";
import { openKeyspace, wakeAll } from "../../src/realtime/broker/open.ts";
import { createRedisBroker } from "../../src/realtime/broker/redis.ts";
import { joinProject } from "../../src/realtime/join.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases } from "../support/db.ts";
import { makeActor, makeNode, makeProject as makeProjectRows, silent, write } from "../support/nodes.ts";
import { makePerson, makeProject, makeTask, ok } from "../support/people.ts";
import { hasRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { pathOf } from "../support/repository.ts";
import { scrape, scrapeUntil } from "../support/scrape.ts";
import { startServer } from "../support/server.ts";
import { createPostgresDatabase, freePort } from "../support/services.ts";
import { openWire } from "../support/wire.ts";

const withPostgres = databases.some(({ kind }) => kind === "postgres");
const perMinute = 8;

describe.if(hasRedis() && withPostgres)("two servers whose Redis comes later", () => {
  const port = freePort();
  const apps: TestApp[] = [];
  let redis: TestRedis | undefined;
  beforeAll(async () => {
    const databaseUrl = await createPostgresDatabase();
    const env = {
      REDIS_URL: `redis://127.0.0.1:${port}`,
      RATE_LIMIT_ENABLED: "true",
      RATE_LIMIT_REQUESTS_PER_MINUTE: String(perMinute),
    };
    // Their clock stands still: nothing is found by looking, and no window ends by itself.
    const overrides = { clock: createMovableClock(Date.now()), roles: ["web"] as const };
    for (let i = 0; i < 2; i++) apps.push(await startApp({ databaseUrl, env, overrides }));
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await redis?.stop();
  });
  const here = () => apps[0] ?? expect.unreachable();
  const there = () => apps[1] ?? expect.unreachable();
  const isUp = async (up: number) => {
    for (const { url } of apps) {
      for (const name of ["taskwire_redis_up", "taskwire_broker_up"])
        await scrapeUntil(url, (now) => now.value(name) === up);
    }
  };
  const alone = async ({ url }: TestApp) => (await scrape(url)).value("taskwire_rate_limit_failovers_total");
  /** How many of the person's requests both servers together let through, each asked in turn. */
  async function admitted(name: string) {
    const [a, b] = [await makePerson(here(), name), await makePerson(there(), name)];
    const statuses: number[] = [];
    for (let i = 0; i < perMinute; i++)
      for (const person of [a, b]) statuses.push((await person.call("GET", "/api/me")).status);
    return statuses.filter((status) => status === 200).length + 2;
  }

  /** The same of servers that count together. One that heard nothing of Redis for a quarter of a second did not: then again, with somebody else. */
  async function admittedTogether(name: string) {
    for (let again = 0; ; again++) {
      const before = (await alone(here())) + (await alone(there()));
      const count = await admitted(`${name} ${again}`);
      if ((await alone(here())) + (await alone(there())) === before) return count;
      await isUp(1);
    }
  }

  test("start and say why they are without it, are ready, and each counts for itself", async () => {
    const lines = here().logged.filter((line) => line.includes("Redis"));
    expect(lines.map((line) => JSON.parse(line).reason)).toEqual([`nothing listens at 127.0.0.1:${port} of REDIS_URL`]);
    const health = await (await fetch(`${here().url}/health/ready`)).json();
    expect(health).toMatchObject({ status: "ready" });
    await isUp(0);
    expect(await admitted("Ana")).toBe(2 * perMinute);
    expect(await alone(here())).toBeGreaterThanOrEqual(perMinute);
  });

  test("use it from the moment it is there: for wakes, and to count together", async () => {
    redis = await startRedis({ port });
    await isUp(1);
    const [bo, same] = [await makePerson(here(), "Bo"), await makePerson(there(), "Bo")];
    const project = await makeProject(bo);
    const wire = await openWire(there().url, { token: same.token });
    await wire.take("connected");
    expect(await wire.ask("join_project", { project_id: project.id })).toMatchObject({ ok: true });
    await makeTask(bo, project);
    expect((await wire.take("task_created")).room).toBe(`project:${project.id}`);
    wire.destroy();
    expect(await admittedTogether("Cem")).toBe(perMinute);
  });

  test("count for themselves at once when it stands still, and together again when it is back", async () => {
    redis?.pause();
    const before = (await alone(here())) + (await alone(there()));
    expect(await admitted("Dora")).toBe(2 * perMinute);
    expect((await alone(here())) + (await alone(there()))).toBeGreaterThanOrEqual(before + 2 * perMinute);
    redis?.resume();
    await isUp(1);
    expect(await admittedTogether("Emil")).toBe(perMinute);
  });

  test("a request waits for a Redis that stands still a quarter of a second at most, and those behind it not at all", async () => {
    const fay = await makePerson(here(), "Fay");
    redis?.pause();
    const timed = async () => {
      const startedMs = performance.now();
      ok(await fay.call("GET", "/api/me"), 200);
      return performance.now() - startedMs;
    };
    const first = await timed();
    const rest = await timed();
    redis?.resume();
    expect(first).toBeLessThan(450);
    expect(rest).toBeLessThan(150);
    await isUp(1);
  });

  test("hear again what is said when their subscription alone was lost", async () => {
    const connection = createRedis({ url: `redis://127.0.0.1:${port}` });
    await connection.start();
    const reconnects = async () => (await scrape(there().url)).value("taskwire_broker_reconnects_total");
    const before = await reconnects();
    expect(await connection.send("CLIENT", ["KILL", "TYPE", "pubsub"])).toBe(2);
    connection.stop();
    await scrapeUntil(there().url, (now) => now.value("taskwire_broker_reconnects_total") > before);
    await isUp(1);
    const [gil, same] = [await makePerson(here(), "Gil"), await makePerson(there(), "Gil")];
    const project = await makeProject(gil);
    const wire = await openWire(there().url, { token: same.token });
    await wire.take("connected");
    await wire.ask("join_project", { project_id: project.id });
    await makeTask(gil, project);
    expect((await wire.take("task_created")).room).toBe(`project:${project.id}`);
    wire.destroy();
  });
});

describe.if(hasRedis())("a Redis that asks who comes, over TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "taskwire-redis-tls-"));
  const tls = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const [, line = ""] =
    /^ *user (taskwire on >PASSWORD .*)$/m.exec(readFileSync(pathOf("docs/operations.md"), "utf8")) ?? [];
  const user = line.replace("PASSWORD", "hunter2");
  let redis: TestRedis;
  beforeAll(async () => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", tls.key];
    const { exitCode } = Bun.spawnSync(["openssl", "req", "-x509", ...key, "-out", tls.cert, "-days", "2", ...subject]);
    expect(exitCode).toBe(0);
    redis = await startRedis({ tls, user });
  });
  afterAll(async () => {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("is not used while its certificate is not trusted, and the reason says what to do", async () => {
    for (const host of ["localhost", "127.0.0.1"]) {
      const lines: string[] = [];
      const log = createLog({ logLevel: "info", logFormat: "json" }, (line) => void lines.push(line));
      const connection = createRedis({ url: `rediss://taskwire:hunter2@${host}:${redis.port}`, log });
      await connection.start();
      expect(connection.up()).toBe(false);
      connection.stop();
      expect(lines.join()).toContain(`${host}:${redis.port} shows a certificate that is not trusted`);
      expect(lines.join()).toContain("NODE_EXTRA_CA_CERTS");
    }
  });

  test("serves a server that trusts it, as a user with few rights, for wakes and for limits", async () => {
    const env = {
      REDIS_URL: `rediss://taskwire:hunter2@127.0.0.1:${redis.port}`,
      BROKER: "redis",
      NODE_EXTRA_CA_CERTS: tls.cert,
      RATE_LIMIT_ENABLED: "true",
      RATE_LIMIT_REQUESTS_PER_MINUTE: "3",
    };
    await using server = await startServer({ env });
    const up = (name: string) => scrapeUntil(server.url, (now) => now.value(name) === 1);
    await up("taskwire_redis_up");
    await up("taskwire_broker_up"); // it hears its own heartbeat
    const headers = { authorization: `Bearer ${await server.token("Ana")}` };
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await fetch(`${server.url}/api/me`, { headers })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await scrape(server.url)).value("taskwire_rate_limit_failovers_total")).toBe(0);
    expect(server.output()).not.toContain("hunter2");
  });
});

describe.if(hasRedis())("a command that wrote", () => {
  test("wakes the servers through Redis, and where it is away leaves it to their look at the log", async () => {
    const redis = await startRedis();
    const db = await (databases.at(-1) ?? expect.unreachable()).open();
    const config = loadConfig({ MODE: "test", REDIS_URL: redis.url });
    const keyspace = (await openKeyspace(config, db.database, silent)) ?? expect.unreachable();
    await keyspace.redis.start();
    const listening = makeNode(db.database, createRedisBroker(keyspace));
    await listening.node.start();
    // It writes, and tells nobody by itself.
    const other = makeNode(db.database, createRedisBroker({ ...keyspace, prefix: "elsewhere:" }));
    try {
      const ana = makeActor("Ana");
      const project = await makeProjectRows(db.database, [ana], 1);
      const { live } = listening.node;
      await joinProject({ database: db.database, ...live }, listening.connect(ana), project.id, undefined);
      await write(other, project, ana, "one");
      await wakeAll(config, db.database, new Map([[project.id, 1]]));
      expect(await listening.heard(project.room, 1)).toHaveLength(1);
      await redis.kill();
      await write(other, project, ana, "two");
      await wakeAll(config, db.database, new Map([[project.id, 2]]));
      listening.clock.advance(1_000);
      expect(await listening.heard(project.room, 2)).toHaveLength(2);
    } finally {
      await listening.node.stop();
      keyspace.redis.stop();
      await db.close();
      await redis.stop();
    }
  });
});
