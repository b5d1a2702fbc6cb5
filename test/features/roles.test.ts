/** Requests and jobs in processes of their own, on one PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Notification } from "../../src/protocol/notifications.ts";
import { createPostgresBroker } from "../../src/realtime/broker/postgres.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";
import { databases } from "../support/db.ts";
import { everybodyTold, inboxOf } from "../support/inbox.ts";
import { makeAdministrator } from "../support/keys.ts";
import { addMember, makePerson, makeProject, makeTask, ok, type Person } from "../support/people.ts";
import { type Browser, type PushService, startPushService } from "../support/push.ts";
import { heard, makeReminders } from "../support/reminders.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { createPostgresDatabase } from "../support/services.ts";
import { openWire } from "../support/wire.ts";

const hasPostgres = databases.some(({ kind }) => kind === "postgres");

async function subscribe(service: PushService, person: Person): Promise<Browser> {
  const browser = service.makeBrowser();
  ok(await person.call("POST", "/api/push-subscriptions", browser.subscription), 201);
  return browser;
}

describe.if(hasPostgres)("requests in one process, jobs in another", () => {
  let web: ServerProcess;
  let jobs: ServerProcess;
  let service: PushService;
  beforeAll(async () => {
    const databaseUrl = await createPostgresDatabase();
    service = startPushService();
    web = await startServer({ databaseUrl, env: { ROLES: "web" } });
    jobs = await startServer({ databaseUrl, env: { ROLES: "jobs", SIGN_UP: "invite" } });
  });
  afterAll(async () => {
    await jobs?.close();
    await web?.close();
    await service?.stop();
  });

  test("what is written at the one is told by the other, to the sockets of the first and to browsers", async () => {
    const [ana, ben] = [await makePerson(web, "roles-ana"), await makePerson(web, "roles-ben")];
    const wire = await openWire(web.url, { token: ben.token });
    await wire.take("connected");
    const browser = await subscribe(service, ben);
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "member");
    await makeTask(ana, project, { title: "Paint", assignee_ids: [ben.id] });
    const told = async () => (await wire.take("notification")).data.notification;
    expect([await told(), await told()]).toMatchObject([{ type: "project_added" }, { type: "assigned" }]);
    const [pushed] = await browser.received(1);
    expect(pushed?.payload.body).toContain("assigned you");
    expect((await wire.settled()).filter(({ event }) => event === "notification").length).toBe(2);
    wire.destroy();
  });

  test("the process that runs jobs answers for its health and metrics, and nothing else", async () => {
    const ask = (path: string, init?: RequestInit) => fetch(`${jobs.url}${path}`, init);
    expect((await ask("/health/live")).status).toBe(200);
    expect(await (await ask("/health/ready")).json()).toMatchObject({ status: "ready", checks: { database: "ok" } });
    expect(await (await ask("/metrics")).text()).toContain("taskwire_database_up 1");
    const { token } = await makePerson(web, "roles-cem");
    const authorization = `Bearer ${token}`;
    expect((await fetch(`${web.url}/api/me`, { headers: { authorization } })).status).toBe(200);
    const socket = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
    for (const [path, headers] of [
      ["/", {}],
      ["/api/me", { authorization }],
      ["/api/auth/get-session", {}],
      ["/openapi.json", {}],
      ["/docs", {}],
      ["/unsubscribe", {}],
      ["/ws", { ...socket, authorization, "sec-websocket-key": btoa("sixteen bytes ok") }],
    ] as const) {
      const answer = await ask(path, { headers });
      expect([path, answer.status, await answer.json()]).toMatchObject([path, 404, { code: "not_found" }]);
    }
    expect(jobs.output()).toContain("jobs alone");
    expect(jobs.output()).not.toMatch(/setup|page/);
  });
});

/** What one node is told by the others, to be waited for. */
function listeningBroker(databaseUrl: string) {
  const woken = new Map<string, () => void>();
  const inner = createPostgresBroker({ databaseUrl, failed: () => {} });
  return {
    /** Settles at the next word about the room, once this node has taken it. */
    next: (roomId: string) => new Promise<void>((resolve) => woken.set(roomId, resolve)),
    broker: {
      ...inner,
      start: (listener: Parameters<typeof inner.start>[0]) =>
        inner.start({
          ...listener,
          wake(roomId, seq) {
            listener.wake(roomId, seq);
            woken.get(roomId)?.();
          },
          told(events) {
            listener.told(events);
            for (const { roomId } of events) woken.get(roomId)?.();
          },
        }),
    },
  };
}

describe.if(hasPostgres)("what is left to the process with jobs", () => {
  let web: TestApp;
  let clock: MovableClock;
  let service: PushService;
  let admin: Person;
  let ana: Person;
  let ben: Person;
  let browser: Browser;
  const later: TestApp[] = [];
  beforeAll(async () => {
    clock = createMovableClock(Date.now());
    service = startPushService();
    web = await startApp({ kind: "postgres", env: { ROLES: "web" }, overrides: { clock } });
    admin = await makeAdministrator(web);
    [ana, ben] = [await makePerson(web, "left-ana"), await makePerson(web, "left-ben")];
    browser = await subscribe(service, ben);
  });
  afterAll(async () => {
    for (const app of later) await app.stop();
    await web?.stop();
    await service?.stop();
  });
  const nudge = async () =>
    ok(await admin.call<{ notification: Notification }>("POST", `/api/test/notification/${ben.id}`), 200).notification;
  /** Settles once the browser was told of it. */
  const pushed = async ({ id }: Notification) => {
    const told = () => browser.pushed.some(({ payload }) => payload.notification_id === id);
    while (!told()) await browser.received(browser.pushed.length + 1);
  };
  const makeTeam = async () => {
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "member");
    return { project, task: await makeTask(ana, project, { title: "Paint", assignee_ids: [ben.id] }) };
  };

  test("a process without jobs reads no log, tells no reminder and runs nothing, however long it waits", async () => {
    const { project, task } = await makeTeam();
    await makeReminders(web.database, [{ taskId: task.id, userId: ben.id, agoMs: 1_000 }]);
    const nudged = await nudge();
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000);
      ok(await ana.call("GET", "/api/me"), 200);
    }
    const { sql } = web.database;
    const states = async () => [
      await sql`select processor from positions where room_id = ${project.id} and processor <> 'activity'`,
      await sql`select kind from jobs where attempts > 0`,
      await sql`select id from reminders where fired_at is not null`,
      browser.pushed,
    ];
    expect((await states()).map(({ length }) => length)).toEqual([0, 0, 0, 0]);
    expect((await inboxOf(ben)).items.map(({ type }) => type)).toEqual(["test"]);
    const said = (text: string) => web.logged.filter((line) => line.includes(text)).length;
    expect(said("no server runs jobs")).toBe(1);

    // One that has them finds all of it.
    const app = await startApp({ databaseUrl: web.databaseUrl, env: { ROLES: "jobs" } });
    await everybodyTold(web, project);
    await pushed(nudged);
    while (!(await heard(web.database, ben.id)).some(({ event }) => event === "due_date_reminder"));
    while (said("a server runs jobs again") === 0) {
      clock.advance(2_000);
      ok(await ana.call("GET", "/api/me"), 200);
    }
    await app.stop();
    expect((await inboxOf(ben)).items.map(({ type }) => type).sort()).toEqual([
      "assigned",
      "due",
      "project_added",
      "test",
    ]);
  });

  test("it looks at once where another process wrote, and takes jobs within a second", async () => {
    const { broker, next } = listeningBroker(web.databaseUrl ?? "");
    const there = createMovableClock(Date.now());
    const overrides = { clock: there, broker };
    later.push(await startApp({ databaseUrl: web.databaseUrl, env: { ROLES: "jobs" }, overrides }));
    const project = await makeProject(ana);
    const wrote = next(project.id);
    await addMember(ana, project, ben, "member");
    await wrote;
    // Its own look at all rooms comes each five seconds.
    there.advance(200);
    await everybodyTold(web, project);
    expect((await inboxOf(ben)).items.filter(({ type }) => type === "project_added").length).toBe(2);
    const nudged = await nudge();
    there.advance(1_000);
    await pushed(nudged);
  });
});
