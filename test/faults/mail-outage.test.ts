/** The mail server is away for an hour: the test lets the minutes pass, for mail alone. */
import { describe, expect, test } from "bun:test";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { type Correspondent, type MailSink, makeCorrespondent, startMailSink } from "../support/mail.ts";
import { makeProject, makeTask, ok } from "../support/people.ts";
import { type Browser, type PushService, startPushService } from "../support/push.ts";
import { makeReminders } from "../support/reminders.ts";
import { openWire, type Wire } from "../support/wire.ts";
import { rounds as allRounds, report, roundsTimeoutMs } from "./rounds.ts";

const rounds = Math.ceil(allRounds / 2);
const peopleCount = 5;
const stepMinutes = 10;
const outageMinutes = 60;
/** Above what a person would notice, and far below the pauses of mail. */
const delayedMs = 10_000;

interface Addressee {
  readonly person: Correspondent;
  readonly browser: Browser;
  readonly wire: Wire;
}

interface World {
  readonly app: TestApp;
  readonly sink: MailSink;
  readonly admin: Correspondent;
  readonly people: readonly Addressee[];
}

for (const { name, kind } of databases) {
  describe(`the mail server is away for an hour, ${name}`, () => {
    test("every mail arrives once when it is back, and no other channel waits", () => outages(kind), roundsTimeoutMs);
  });
}

async function outages(kind: "embedded" | "postgres"): Promise<void> {
  const sink = await startMailSink();
  const service = startPushService();
  const env = { SMTP_URL: sink.url, MAIL_FROM: "tasks@example.org", JWT_TTL_SECONDS: "86400" };
  const app = await startApp({ kind, env });
  const admin = await makeCorrespondent(app);
  const people: Addressee[] = [];
  for (let i = 0; i < peopleCount; i++) people.push(await makeAddressee(app, service));
  const world: World = { app, sink, admin, people };
  const delaysMs: number[] = [];
  const waitedMinutes: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    delaysMs.push(...(await away(world, round)));
    waitedMinutes.push(await back(world, sent(world, round)));
  }
  const mails = sink.mails.map((mail) => `${mail.to} ${mail.header("message-id")}`);
  const wanted = sent(world, rounds);
  const duplicate = mails.length - new Set(mails).size;
  const other_channels_max_ms = Math.max(...delaysMs);
  const [dead] = await app.database.sql`select from jobs where dead_at is not null`;
  for (const { wire } of people) wire.destroy();
  await app.stop();
  await sink.close();
  await service.stop();
  report(
    "the mail server away for an hour",
    kind,
    {
      acked: wanted,
      refused: 0,
      lost: wanted - new Set(mails).size,
      duplicate,
      gap: 0,
      outOfOrder: 0,
      diverged: 0,
      resumeP99Ms: 0,
    },
    { rounds, attempts: sink.attempts, other_channels_max_ms, back_max_minutes: Math.max(...waitedMinutes) },
  );
  expect([mails.length, duplicate]).toEqual([wanted, 0]);
  expect(dead).toBeUndefined();
  expect(other_channels_max_ms).toBeLessThan(delayedMs);
}

async function makeAddressee(app: TestApp, service: PushService): Promise<Addressee> {
  const person = await makeCorrespondent(app);
  const browser = service.makeBrowser();
  ok(await person.call("POST", "/api/push-subscriptions", browser.subscription), 201);
  // Of reminders, which come by mail too where nothing else is chosen.
  ok(
    await person.call("PUT", "/api/notifications/preferences", { channels: { reminders: { mail: true, push: true } } }),
    200,
  );
  const wire = await openWire(app.url, { token: person.token });
  await wire.take("connected");
  return { person, browser, wire };
}

/** Messages in every step, and one reminder each. */
const perRound = outageMinutes / stepMinutes + 1;
const sent = ({ people }: World, round: number): number => people.length * perRound * round;

/** An hour in which nothing can be sent; answers how long the other channels took. */
async function away(world: World, round: number): Promise<number[]> {
  const { app, sink, admin, people } = world;
  await sink.close();
  const delaysMs: number[] = [];
  const user_ids = people.map(({ person }) => person.id);
  for (let minute = 0; minute < outageMinutes; minute += stepMinutes) {
    if (minute === outageMinutes / 2) {
      // It is there, and takes nothing for now.
      await sink.open();
      sink.refuse = () => 451;
    }
    const from = performance.now();
    const heard = others(world, "notification");
    const body = { user_ids, type: "note", category: "mentioned", message: `${round} ${minute}` };
    ok(await admin.call("POST", "/api/notifications/send", body), 200);
    await heard;
    delaysMs.push(Math.round(performance.now() - from));
    await pass(world, stepMinutes);
  }
  const project = await makeProject(people[0]?.person ?? admin);
  const from = performance.now();
  const heard = others(world, "due_date_reminder");
  await remind(world, project);
  await heard;
  delaysMs.push(Math.round(performance.now() - from));
  const [waiting] = await app.database.sql<{ count: number }[]>`
    select count(*)::int as count from jobs where kind = 'mail' and attempts > 0`;
  expect(waiting?.count).toBeGreaterThanOrEqual(people.length * (perRound - 2));
  return delaysMs;
}

/** Everybody is a member with a task that is due now. */
async function remind({ app, people }: World, project: Awaited<ReturnType<typeof makeProject>>): Promise<void> {
  const owner = people[0]?.person;
  if (!owner) throw new Error("there are people");
  const rows = people
    .filter(({ person }) => person !== owner)
    .map(({ person }) => ({
      project_id: project.id,
      user_id: person.id,
      role: "member",
    }));
  await app.database.sql`insert into members ${app.database.sql(rows)}`;
  const wanted = [];
  for (const { person } of people) wanted.push({ taskId: (await makeTask(owner, project)).id, userId: person.id });
  await makeReminders(app.database, wanted);
}

/** Settles when each person's socket and browser heard one more. */
function others({ people }: World, event: string): Promise<unknown> {
  return Promise.all(
    people.flatMap(({ browser, wire }) => [wire.take(event), browser.received(browser.pushed.length + 1)]),
  );
}

/** Minutes pass for mail, and every attempt that falls due in them comes to its end. */
async function pass({ app }: World, minutes: number): Promise<void> {
  const { sql } = app.database;
  await sql`update jobs set due_at = due_at - ${minutes}::int * interval '1 minute'
    where kind = 'mail' and dead_at is null and claimed_by is null`;
  const busy = () => sql`select from jobs where kind = 'mail' and dead_at is null
    and (due_at <= now() or claimed_by is not null) limit 1`;
  while ((await busy()).length > 0) await Bun.sleep(5); // looks without a pause keep the database from it
}

/** The mail server is there again; answers after how many minutes all of them had arrived. */
async function back(world: World, count: number): Promise<number> {
  const { sink } = world;
  sink.refuse = () => undefined;
  let minutes = 0;
  for (; sink.mails.length < count && minutes <= 2 * outageMinutes; minutes += stepMinutes)
    await pass(world, stepMinutes);
  return minutes;
}
