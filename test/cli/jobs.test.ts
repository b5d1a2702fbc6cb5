/** `taskwire jobs …`, beside a server and without one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import postgres from "postgres";
import { z } from "zod";
import { makeCorrespondent } from "../support/mail.ts";
import { ok } from "../support/people.ts";
import { type RunningServer, runProgram, startServer, temporaryFolder } from "../support/program.ts";
import { type PushService, startPushService } from "../support/push.ts";
import { createPostgresDatabase } from "../support/services.ts";

const Job = z.object({ id: z.string(), kind: z.string(), state: z.string(), attempts: z.number() });
const Jobs = z.object({ jobs: z.array(Job) });
const Retried = z.object({ retried: z.array(Job), passed_by: z.array(Job) });
const Failed = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

const databaseUrl = await createPostgresDatabase();

describe.if(databaseUrl !== undefined)("jobs from the command line", () => {
  const env = { DATABASE_URL: databaseUrl ?? "", DATA_DIR: temporaryFolder(), AUTH_SECRET: "s".repeat(32) };
  const sql = postgres(databaseUrl ?? "", { max: 1 });
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ env });
  });
  afterAll(async () => {
    server?.signal("SIGTERM");
    await server?.ended;
    await sql.end();
  });

  const run = async <S extends z.ZodType>(shape: S, ...args: string[]): Promise<z.output<S>> => {
    const { stdout } = await runProgram(["jobs", ...args, "--json"], { env });
    return shape.parse(JSON.parse(stdout));
  };
  const add = async (kind: string, key: string, dead: boolean): Promise<string> => {
    const id = Bun.randomUUIDv7();
    await sql`insert into jobs (id, kind, key, payload, due_at, attempts, dead_at, last_error)
      values (${id}, ${kind}, ${key}, '{}', '2030-01-01', 5, ${dead ? "2026-01-01" : null}, 'No')`;
    return id;
  };

  test("what failed for good is listed, tried again, and taken away", async () => {
    const [first, second] = [await add("one", "1", true), await add("two", "2", true)];
    const waiting = await add("two", "3", false);
    expect((await run(Jobs, "list")).jobs.map(({ id }) => id)).toEqual([second, first]);
    expect((await run(Jobs, "list", "--kind", "one")).jobs).toMatchObject([{ id: first, state: "dead", attempts: 5 }]);
    expect((await run(Jobs, "list", "--state", "waiting")).jobs.map(({ id }) => id)).toEqual([waiting]);
    const text = (await runProgram(["jobs", "list"], { env })).stdout;
    expect(text).toContain(first);
    expect(text).toContain("last error");
    expect(await run(Retried, "retry", first)).toMatchObject({ retried: [{ id: first, attempts: 0 }] });
    const twin = await add("two", "3", true);
    expect(await run(Retried, "retry")).toMatchObject({ retried: [{ id: second }], passed_by: [{ id: twin }] });
    for (const id of [first, second, waiting, twin]) await run(z.object({ job: z.literal(id) }), "cancel", id);
    expect((await run(Jobs, "list")).jobs).toEqual([]);
    for (const args of [
      ["cancel", first],
      ["retry", first],
      ["cancel", "none"],
    ])
      expect((await run(Failed, ...args)).error.code).toBe("not_found");
    expect((await run(Failed, "list", "--state", "gone")).error.code).toBe("invalid");
  });
});

describe("jobs in a folder that a server has", () => {
  const env = { DATA_DIR: temporaryFolder(), AUTH_SECRET: "s".repeat(32), SIGN_UP: "open" };
  let server: RunningServer;
  let service: PushService;
  beforeAll(async () => {
    service = startPushService();
    server = await startServer({ env });
  });
  afterAll(async () => {
    server?.signal("SIGTERM");
    await server?.ended;
    await service?.stop();
  });

  const run = async <S extends z.ZodType>(shape: S, ...args: string[]): Promise<z.output<S>> => {
    const { stdout } = await runProgram(["jobs", ...args, "--json"], { env });
    return shape.parse(JSON.parse(stdout));
  };

  test("are listed, tried again and taken away by way of the server, which runs them at once", async () => {
    expect(await run(Jobs, "list")).toEqual({ jobs: [] });
    const admin = await makeCorrespondent(server);
    const browser = service.makeBrowser();
    ok(await admin.call("POST", "/api/push-subscriptions", browser.subscription), 201);
    browser.status = 403;
    for (let n = 0; n < 2; n++) ok(await admin.call("POST", `/api/test/notification/${admin.id}`), 200);
    await browser.attempted(2);
    let { jobs } = await run(Jobs, "list", "--kind", "push");
    while (jobs.length < 2) ({ jobs } = await run(Jobs, "list", "--kind", "push"));
    expect(jobs).toMatchObject([
      { state: "dead", attempts: 1 },
      { state: "dead", attempts: 1 },
    ]);
    const [one, other] = jobs.map(({ id }) => id);
    await run(z.object({ job: z.literal(one ?? "") }), "cancel", one ?? "");
    browser.status = 201;
    expect(await run(Retried, "retry", "--kind", "push")).toMatchObject({ retried: [{ id: other }], passed_by: [] });
    await browser.received(1);
    for (let left = 1; left > 0; left = (await run(Jobs, "list", "--state", "waiting")).jobs.length);
    expect(await run(Jobs, "list")).toEqual({ jobs: [] });
    expect([browser.pushed.length, browser.attempts]).toEqual([1, 3]);
    expect((await run(Failed, "cancel", one ?? "")).error.code).toBe("not_found");
  });
});
