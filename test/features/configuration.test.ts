import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, loadConfig } from "../../src/core/config.ts";

const folder = mkdtempSync(join(tmpdir(), "taskwire-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe("[C] configuration", () => {
  test("without any variable the defaults are those of production on the loopback address", () => {
    expect(loadConfig({})).toMatchObject({
      mode: "production",
      host: "127.0.0.1",
      port: 3000,
      dataDir: "./data",
      databaseUrl: undefined,
      signUp: "invite",
      jwtTtlSeconds: 900,
      corsOrigins: [],
      webSocketPingIntervalSeconds: 25,
      webSocketPingTimeoutSeconds: 60,
      webSocketMaxPayloadBytes: 65_536,
      webSocketRoomsMax: 500,
      rateLimitEnabled: true,
      rateLimitFramesPerSecond: 20,
      rateLimitFramesBurst: 60,
      rateLimitRequestsPerMinute: 600,
      rateLimitSignInsPerMinute: 10,
      eventRetentionDays: 90,
      logFormat: "json",
    });
  });

  test("the mode sets who may sign up and how lines are written", () => {
    expect(loadConfig({ MODE: "development" })).toMatchObject({ signUp: "open", logFormat: "pretty" });
    expect(loadConfig({ MODE: "test" })).toMatchObject({ signUp: "open", logFormat: "json" });
    expect(loadConfig({ MODE: "development", SIGN_UP: "closed" }).signUp).toBe("closed");
  });

  test("every mistake is told at once, each with its variable, what it got and what it takes", () => {
    expect(
      problemsOf({ PORT: "70000", BROKER: "kafka", RATE_LIMIT_ENABLED: "yes", PUBLIC_URL: "https://a.example/tasks" }),
    ).toEqual([
      'PORT is "70000"; it takes a whole number from 0 to 65535',
      'PUBLIC_URL is "https://a.example/tasks"; it takes an http or https address without a path, such as https://tasks.example.org',
      'BROKER is "kafka"; it takes auto, memory, postgres or redis',
      'RATE_LIMIT_ENABLED is "yes"; it takes true or false',
    ]);
  });

  test("a secret that does not fit is not echoed", () => {
    const problems = problemsOf({ AUTH_SECRET: "hunter2", DATABASE_URL: "mysql://root:hunter3@db/tasks" });
    expect(problems).toEqual([
      "DATABASE_URL is set (not shown here); it takes an address such as postgres://user:password@host:5432/database",
      "AUTH_SECRET is set (not shown here); it takes a secret of at least 32 characters",
    ]);
  });

  test("NAME_FILE reads a secret from a file, without its last line break", () => {
    const secret = "0123456789abcdef0123456789abcdef";
    expect(loadConfig({ AUTH_SECRET_FILE: file("secret", `${secret}\n`) }).authSecret).toBe(secret);
  });

  test("NAME_FILE of a missing or empty file, or beside NAME, is a mistake", () => {
    const missing = join(folder, "missing");
    expect(problemsOf({ AUTH_SECRET_FILE: missing })).toEqual([
      `AUTH_SECRET_FILE is ${JSON.stringify(missing)}; it takes the path of a readable file`,
    ]);
    expect(problemsOf({ AUTH_SECRET_FILE: file("empty", "\n") })[0]).toContain("an empty file");
    const both = problemsOf({ AUTH_SECRET: "x".repeat(32), AUTH_SECRET_FILE: file("other", "y".repeat(32)) });
    expect(both).toEqual(["AUTH_SECRET and AUTH_SECRET_FILE are both set; it takes one of them"]);
  });

  test("an empty variable counts as absent", () => {
    expect(loadConfig({ DATABASE_URL: "", PORT: " " })).toMatchObject({ databaseUrl: undefined, port: 3000 });
  });

  test("origins are kept as browsers send them, and a star is refused", () => {
    expect(loadConfig({ CORS_ORIGINS: "https://App.example.org:443/, http://localhost:5173" }).corsOrigins).toEqual([
      "https://app.example.org",
      "http://localhost:5173",
    ]);
    expect(problemsOf({ CORS_ORIGINS: "*" })[0]).toContain("(not one: *)");
  });

  test("a process takes both roles unless told otherwise; the embedded database belongs to one that has both", () => {
    const databaseUrl = { DATABASE_URL: "postgres://me@db/tasks" };
    expect(loadConfig({}).roles).toEqual(["web", "jobs"]);
    expect(loadConfig({ ROLES: " jobs, web,jobs " }).roles).toEqual(["web", "jobs"]);
    for (const role of ["web", "jobs"] as const) {
      expect(loadConfig({ ROLES: role, ...databaseUrl }).roles).toEqual([role]);
      expect(problemsOf({ ROLES: role })).toEqual([
        `ROLES is "${role}" and DATABASE_URL is not set; the embedded database belongs to one process, which takes web,jobs`,
      ]);
    }
    expect(problemsOf({ ROLES: "web,worker", ...databaseUrl })).toEqual([
      'ROLES is "web,worker"; it takes web, jobs or web,jobs (not one: worker)',
    ]);
    expect(problemsOf({ ROLES: ",", ...databaseUrl })).toEqual(['ROLES is ","; it takes web, jobs or web,jobs']);
  });

  test("servers wake each other through Redis where there is one, else through PostgreSQL", () => {
    const [databaseUrl, redisUrl] = ["postgres://me@db/tasks", "rediss://me:secret@cache:6380/2"];
    const brokerOf = (given: Record<string, string>) => loadConfig(given).broker;
    expect(brokerOf({})).toBe("memory");
    expect(brokerOf({ DATABASE_URL: databaseUrl })).toBe("postgres");
    expect(brokerOf({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl })).toBe("redis");
    expect(brokerOf({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, BROKER: "postgres" })).toBe("postgres");
    expect(loadConfig({ REDIS_URL_FILE: file("redis", redisUrl) }).redisUrl).toBe(redisUrl);
    expect(problemsOf({ DATABASE_URL: databaseUrl, BROKER: "redis" })).toEqual([
      "BROKER is set and REDIS_URL is not; it takes both",
    ]);
    for (const wrong of ["http://me:hunter4@cache", "redis://:hunter4@cache/tasks", "cache:6379"]) {
      expect(problemsOf({ REDIS_URL: wrong })).toEqual([
        "REDIS_URL is set (not shown here); it takes an address such as redis://user:password@host:6379/0, or rediss:// for TLS",
      ]);
    }
  });

  test("values that only go together are refused alone", () => {
    expect(problemsOf({ TLS_CERT: file("cert.pem", "x") })).toEqual([
      "TLS_CERT is set and TLS_KEY is not; it takes both",
    ]);
    expect(problemsOf({ TRUSTED_JWT_ISSUER: "host" })).toEqual([
      "TRUSTED_JWT_ISSUER is set and TRUSTED_JWT_SECRET is not; it takes both",
    ]);
    expect(problemsOf({ WEBSOCKET_PING_TIMEOUT: "20" })).toEqual([
      "WEBSOCKET_PING_TIMEOUT is 20; it takes more than WEBSOCKET_PING_INTERVAL, which is 25",
    ]);
  });
});
