/** Metrics of jobs, reminders and notifications. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { hurry, type MailSink, makeCorrespondent, startMailSink } from "../support/mail.ts";
import { makeProject, makeTask, ok } from "../support/people.ts";
import { type PushService, startPushService } from "../support/push.ts";
import { makeReminders } from "../support/reminders.ts";
import { type Scrape, scrape, scrapeUntil } from "../support/scrape.ts";

for (const { name, kind } of databases) {
  describe(`metrics of work on ${name}`, () => {
    let app: TestApp;
    let sink: MailSink;
    let service: PushService;
    beforeAll(async () => {
      sink = await startMailSink();
      service = startPushService();
      app = await startApp({ kind, env: { SMTP_URL: sink.url, MAIL_FROM: "tasks@example.org" } });
    });
    afterAll(async () => {
      await app?.stop();
      await sink?.close();
      await service?.stop();
    });

    const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();

    test("tell how many jobs of each kind wait, run and failed for good, and how long the oldest waits", async () => {
      const { sql } = app.database;
      const add = (count: number, due_at: string, more: object = {}) =>
        sql`insert into jobs ${sql(Array.from({ length: count }, () => ({ id: Bun.randomUUIDv7(), kind: "counted", payload: "{}", due_at, ...more })))}`;
      await add(3, inSeconds(1_000));
      await add(1, inSeconds(-500));
      await add(2, inSeconds(1_000), { claimed_by: Bun.randomUUIDv7() });
      await add(4, inSeconds(-9_000), { dead_at: inSeconds(-8_000) });
      const now = await scrape(app.url);
      const jobs = (state: string) => now.value("taskwire_jobs", { kind: "counted", state });
      expect([jobs("waiting"), jobs("running"), jobs("dead")]).toEqual([4, 2, 4]);
      const lag = now.value("taskwire_jobs_lag_seconds", { kind: "counted" });
      expect(lag).toBeGreaterThanOrEqual(499);
      expect(lag).toBeLessThan(560);
      // A kind without jobs is told of, so that a graph shows 0 and not nothing.
      const series = now.families.get("taskwire_jobs")?.series ?? [];
      expect(series).toContainEqual({ name: "taskwire_jobs", labels: { kind: "mail", state: "dead" }, value: 0 });
      await sql`delete from jobs where kind = 'counted'`;
      expect((await scrape(app.url)).value("taskwire_jobs", { kind: "counted" })).toBe(0);
    });

    test("count what was told, sent, tried again and given up, on each channel", async () => {
      const admin = await makeCorrespondent(app);
      const [ben, cem] = [await makeCorrespondent(app), await makeCorrespondent(app)];
      const browser = service.makeBrowser();
      ok(await ben.call("POST", "/api/push-subscriptions", browser.subscription), 201);
      let refusals = 1;
      sink.refuse = (to) => (to === cem.email ? 550 : refusals-- > 0 ? 451 : undefined);
      const before = await scrape(app.url);
      const body = { user_ids: [ben.id, cem.id], type: "note", category: "mentioned", message: "Hello" };
      ok(await admin.call("POST", "/api/notifications/send", body), 200);
      const more = async () => {
        await hurry(app);
        const now = await scrape(app.url);
        const added = (metric: string, labels: Record<string, string>) =>
          now.value(metric, labels) - before.value(metric, labels);
        const told = (channel: string, outcome: string) => added("taskwire_notifications_total", { channel, outcome });
        const tried = (outcome: string) => added("taskwire_job_attempts_total", { kind: "mail", outcome });
        return {
          in_app: [told("in_app", "told")],
          mail: [told("mail", "sent"), told("mail", "failed"), told("mail", "dead")],
          push: [told("push", "sent"), told("push", "skipped")],
          mailJobs: [tried("done"), tried("failed"), tried("dead")],
          timed: added("taskwire_job_duration_seconds_count", { kind: "mail" }),
        };
      };
      let now = await more();
      while ((now.mailJobs[0] ?? 0) < 1 || (now.mailJobs[2] ?? 0) < 1) now = await more();
      await browser.received(1);
      // The time of an attempt is noted when its outcome is in the database, which is after it was counted.
      while (now.push[0] !== 1 || now.timed < 3) now = await more();
      // Cem has no browser.
      expect(now).toEqual({ in_app: [2], mail: [1, 1, 1], push: [1, 0], mailJobs: [1, 1, 1], timed: 3 });
      expect((await scrape(app.url)).value("taskwire_jobs", { kind: "mail", state: "dead" })).toBe(1);
      browser.status = 410;
      const gone = { channel: "push", outcome: "gone" };
      ok(await admin.call("POST", "/api/notifications/send", { ...body, user_ids: [ben.id] }), 200);
      await scrapeUntil(app.url, (later) => later.value("taskwire_notifications_total", gone) === 1);
    });

    test("tell how late reminders were, and how long the oldest waits", async () => {
      const ana = await makeCorrespondent(app);
      const task = await makeTask(ana, await makeProject(ana));
      const late = "taskwire_reminder_lateness_seconds";
      const start = await scrape(app.url);
      expect(start.value("taskwire_reminders_lag_seconds")).toBe(0);
      await makeReminders(app.database, [{ taskId: task.id, userId: ana.id, agoMs: 100_000 }]);
      const now = await scrapeUntil(app.url, (scrape) => scrape.value(`${late}_count`, { kind: "due" }) === 1);
      expect(now.value(`${late}_bucket`, { kind: "due", le: "60" })).toBe(0);
      expect(now.value(`${late}_bucket`, { kind: "due", le: "300" })).toBe(1);
      expect(Math.floor(now.value(`${late}_sum`, { kind: "due" }) / 10)).toBe(10);
      const told = (of: Scrape) => of.value("taskwire_notifications_total", { channel: "in_app" });
      const rest = await scrapeUntil(app.url, (later) => later.value("taskwire_reminders_lag_seconds") === 0);
      expect(told(rest)).toBe(told(start) + 1);
    });

    test("tell how long a reminder waits that nobody tells", async () => {
      const idle = await startApp({ kind, overrides: { roles: ["web"] } });
      const ana = await makeCorrespondent(idle);
      const task = await makeTask(ana, await makeProject(ana));
      await makeReminders(idle.database, [{ taskId: task.id, userId: ana.id, agoMs: 100_000 }]);
      const lag = (await scrape(idle.url)).value("taskwire_reminders_lag_seconds");
      expect([lag >= 100, lag < 160]).toEqual([true, true]);
      await idle.stop();
    });
  });
}
