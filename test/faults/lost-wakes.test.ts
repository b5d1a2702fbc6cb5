/** A broker that loses everything it is given, and says that it is well: ticks and polls alone deliver. */
import { describe, expect, test } from "bun:test";
import type { Broker } from "../../src/realtime/broker/broker.ts";
import { startApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { makeCorrespondent, startMailSink } from "../support/mail.ts";
import { addMember, makeComment, makeProject, makeTask, ok } from "../support/people.ts";
import { startPushService } from "../support/push.ts";
import { makeReminders } from "../support/reminders.ts";
import { openWire } from "../support/wire.ts";
import { rounds as allRounds, report, roundsTimeoutMs } from "./rounds.ts";

/** Each waits for ticks. */
const rounds = Math.ceil(allRounds / 2);
/** One look at all rooms each five seconds where events are read, one where they are heard, ticks of a second. */
const slowestMs = 20_000;

function createDeafBroker(): { readonly broker: Broker; readonly lost: () => number } {
  let lost = 0;
  const lose = (): void => void lost++;
  const broker: Broker = {
    kind: "postgres",
    start: async () => {},
    tell: lose,
    cast: lose,
    healthy: () => true,
    connected: () => true,
    reconnects: () => 0,
    stop: async () => {},
  };
  return { broker, lost: () => lost };
}

describe.if(databases.some(({ kind }) => kind === "postgres"))("every word between processes is lost", () => {
  test("what one writes is told by another, and heard at the first, once each", () => run(), roundsTimeoutMs);
});

async function run(): Promise<void> {
  const sink = await startMailSink();
  const service = startPushService();
  const deaf = createDeafBroker();
  const overrides = { broker: deaf.broker };
  const env = { SMTP_URL: sink.url, MAIL_FROM: "tasks@example.org", JWT_TTL_SECONDS: "86400" };
  const web = await startApp({ kind: "postgres", env: { ...env, ROLES: "web" }, overrides });
  const jobs = await startApp({ databaseUrl: web.databaseUrl, env: { ...env, ROLES: "jobs" }, overrides });
  const [ana, ben] = [await makeCorrespondent(web), await makeCorrespondent(web)];
  const browser = service.makeBrowser();
  ok(await ben.call("POST", "/api/push-subscriptions", browser.subscription), 201);
  const channels = { projects: { in_app: false, mail: false, push: false }, reminders: { mail: false, push: true } };
  ok(await ben.call("PUT", "/api/notifications/preferences", { channels }), 200);
  const project = await makeProject(ana);
  await addMember(ana, project, ben, "member");
  const wire = await openWire(web.url, { token: ben.token });
  await wire.take("connected");
  const tookMs: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const task = await makeTask(ana, project);
    const from = performance.now();
    await makeComment(ana, task, `@[Ben](${ben.id}) ${round}`);
    await wire.take("notification");
    await browser.received(2 * round - 1);
    await web.database.sql`update jobs set due_at = now() where kind = 'mail' and claimed_by is null`;
    await sink.received(ben.email, round);
    tookMs.push(performance.now() - from);
    const dueFrom = performance.now();
    await makeReminders(web.database, [{ taskId: task.id, userId: ben.id }]);
    await wire.take("due_date_reminder");
    await browser.received(2 * round);
    tookMs.push(performance.now() - dueFrom);
  }
  const heard = (await wire.settled()).filter(({ event }) => event === "notification" || event === "due_date_reminder");
  wire.destroy();
  await jobs.stop();
  await web.stop();
  await sink.close();
  await service.stop();
  const wanted = 2 * rounds;
  const told_max_ms = Math.round(Math.max(...tookMs));
  const ids = new Set(heard.map(({ data }) => JSON.stringify(data.notification)));
  const none = { refused: 0, gap: 0, outOfOrder: 0, diverged: 0, resumeP99Ms: 0 };
  report(
    "every wake lost",
    "postgres",
    { acked: wanted, lost: wanted - ids.size, duplicate: heard.length - ids.size, ...none },
    { rounds, words_lost: deaf.lost(), told_max_ms },
  );
  expect([heard.length, ids.size, browser.pushed.length, sink.mails.length]).toEqual([wanted, wanted, wanted, rounds]);
  expect(deaf.lost()).toBeGreaterThan(wanted);
  expect(told_max_ms).toBeLessThan(slowestMs);
}
