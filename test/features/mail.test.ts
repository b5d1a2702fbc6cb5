/** Notifications by mail, against a real mail server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Task } from "../../src/protocol/tasks.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { everybodyTold, inboxOf } from "../support/inbox.ts";
import { type Correspondent, hurry, type MailSink, makeCorrespondent, startMailSink } from "../support/mail.ts";
import { addMember, makeComment, makePerson, makeProject, makeTask, ok } from "../support/people.ts";

const origin = "https://tasks.example.org:8443"; // with a port, which belongs to links and not to ids

for (const { name, kind } of databases) {
  describe(`mail on ${name}`, () => {
    let app: TestApp;
    let sink: MailSink;
    let admin: Correspondent;
    beforeAll(async () => {
      sink = await startMailSink();
      const env = { SMTP_URL: sink.url, MAIL_FROM: "Tasks <tasks@example.org>", PUBLIC_URL: origin };
      app = await startApp({ kind, env });
      admin = await makeCorrespondent(app);
    });
    afterEach(() => {
      sink.refuse = () => undefined;
    });
    afterAll(async () => {
      await app?.stop();
      await sink?.close();
    });

    const makePair = async (title = "Paint", more: object = {}) => {
      const [ana, ben] = [await makeCorrespondent(app), await makeCorrespondent(app, more)];
      const project = await makeProject(ana, { name: "House" });
      await addMember(ana, project, ben, "member");
      await everybodyTold(app, project);
      // That Ben was added is a mail of its own.
      ok(await ben.call("POST", "/api/notifications/read", { all: true }), 200);
      const task = await makeTask(ana, project, { title });
      const mention = (text = "") => makeComment(ana, task, `@[Ben](${ben.id}) ${text}`);
      return { ana, ben, project, task, mention };
    };
    const send = async (people: readonly Correspondent[], message: string) => {
      const user_ids = people.map(({ id }) => id);
      const body = { user_ids, type: "note", category: "mentioned", message };
      ok(await admin.call("POST", "/api/notifications/send", body), 200);
    };
    const states = async (person: Correspondent): Promise<string[]> => {
      const rows = await app.database.sql<{ state: string }[]>`
        select state from deliveries where user_id = ${person.id} and channel = 'mail' order by created_at`;
      return rows.map(({ state }) => state);
    };
    const jobsOf = async (person: Correspondent) => {
      const rows = await app.database.sql<{ attempts: number; dead: boolean; last_error: string | null }[]>`
        select attempts, dead_at is not null as dead, last_error from jobs
        where kind = 'mail' and key in (select id::text from notifications where user_id = ${person.id})`;
      return [...rows];
    };
    /** Until nothing of the person's waits any more. */
    const drained = async (person: Correspondent) => {
      while ((await jobsOf(person)).some(({ dead }) => !dead)) await hurry(app);
    };

    test("says what happened, where, and how to stop it, as text and as HTML", async () => {
      const { ana, ben, project, task, mention } = await makePair();
      await mention("**which** <b>colour</b>?");
      await everybodyTold(app, project);
      // It waits a minute, in which it may be read.
      expect((await states(ben)).at(-1)).toBe("waiting");
      await hurry(app);
      const [mail] = await sink.received(ben.email, 1);
      if (!mail) throw new Error("it was received");
      expect([mail.from, mail.to]).toEqual(["tasks@example.org", [ben.email]]);
      expect(mail.header("from")).toBe("Tasks <tasks@example.org>");
      expect(mail.header("to")).toBe(`${ben.name} <${ben.email}>`);
      expect(mail.header("subject")).toBe(`${task.key} Paint`);
      const url = `${origin}/projects/${project.id}/tasks/${task.id}`;
      const stop = /^<(.+)>$/.exec(mail.header("list-unsubscribe") ?? "")?.[1] ?? "";
      expect(mail.text).toBe(
        [
          "House",
          `${ana.name} mentioned you: @Ben which <b>colour</b>?`,
          url,
          "",
          "-- ",
          "You get this because you were mentioned.",
          `No more mail of this kind: ${stop}`,
        ].join("\n"),
      );
      expect(mail.html).toContain("@Ben which &lt;b&gt;colour&lt;/b&gt;?");
      expect(mail.html).not.toContain("<b>");
      expect(mail.html).toContain(`href="${url}"`);
      expect(mail.html).toContain(stop.replaceAll("&", "&amp;"));
      expect(mail.header("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
      expect(mail.header("auto-submitted")).toBe("auto-generated");
      await drained(ben);
      expect((await states(ben)).at(-1)).toBe("sent");
    });

    test("mails of one task are one thread, each with an id of its own", async () => {
      const { ben, project, task, mention } = await makePair();
      for (const text of ["one", "two"]) {
        await mention(text);
        await everybodyTold(app, project);
      }
      await hurry(app);
      const mails = await sink.received(ben.email, 2);
      const thread = `<task.${task.id}@tasks.example.org>`;
      for (const mail of mails)
        expect([mail.header("references"), mail.header("in-reply-to")]).toEqual([thread, thread]);
      const ids = (await inboxOf(ben, "?category=mentioned")).items.map(({ id }) => `<${id}@tasks.example.org>`);
      expect(mails.map((mail) => mail.header("message-id") ?? "").sort()).toEqual(ids.sort());
    });

    test("what was read, and what is not wanted any more, is not sent", async () => {
      const { ben, project, mention } = await makePair();
      await mention("read");
      await everybodyTold(app, project);
      ok(await ben.call("POST", "/api/notifications/read", { all: true }), 200);
      await drained(ben);
      await mention("unwanted");
      await everybodyTold(app, project);
      const channels = { mentioned: { mail: false } };
      ok(await ben.call("PUT", `/api/notifications/preferences?project_id=${project.id}`, { channels }), 200);
      await drained(ben);
      await mention("not asked for");
      await everybodyTold(app, project);
      expect((await states(ben)).slice(1)).toEqual(["skipped", "skipped"]);
      expect(sink.mails.filter(({ to }) => to.includes(ben.email))).toEqual([]);
    });

    test("a refusal for now is tried again, under the same id", async () => {
      const { ben, project, mention } = await makePair();
      let attempts = 0;
      sink.refuse = (to) => (to === ben.email && ++attempts < 3 ? 451 : undefined);
      await mention();
      await everybodyTold(app, project);
      await drained(ben);
      expect((await states(ben)).at(-1)).toBe("sent");
      const [mail, ...more] = await sink.received(ben.email, 1);
      expect([attempts, more]).toEqual([3, []]);
      const [told] = (await inboxOf(ben, "?category=mentioned")).items;
      expect(mail?.header("message-id")).toBe(`<${told?.id}@tasks.example.org>`);
    });

    test("what was refused for now until nothing is tried any more is dead, and can be sent by hand", async () => {
      const { ben, project, mention } = await makePair();
      sink.refuse = (to) => (to === ben.email ? 451 : undefined);
      await mention();
      await everybodyTold(app, project);
      await app.database.sql`update jobs set attempts = 19
        where kind = 'mail' and key in (select id::text from notifications where user_id = ${ben.id})`;
      await drained(ben);
      expect(await jobsOf(ben)).toMatchObject([{ attempts: 20, dead: true }]);
      expect((await states(ben)).at(-1)).toBe("dead");
      sink.refuse = () => undefined;
      const [dead] = ok(await admin.call<{ items: { id: string }[] }>("GET", "/api/jobs?kind=mail"), 200).items;
      ok(await admin.call("POST", `/api/jobs/${dead?.id}/retry`), 200);
      await sink.received(ben.email, 1);
      await drained(ben);
      expect((await states(ben)).at(-1)).toBe("sent");
    });

    test("a refusal for ever is dead at once, and holds up nobody else", async () => {
      const people: Correspondent[] = [];
      for (let n = 0; n < 8; n++) people.push(await makeCorrespondent(app));
      const [bad, ...good] = people;
      if (!bad) throw new Error("there are eight");
      sink.refuse = (to) => (to === bad.email ? 550 : undefined);
      await send(people, "To all");
      for (const person of people) await drained(person);
      for (const { email } of good) expect((await sink.received(email, 1))[0]?.header("subject")).toBe("To all");
      expect(await jobsOf(bad)).toEqual([{ attempts: 1, dead: true, last_error: expect.stringContaining("550") }]);
      expect(await states(bad)).toEqual(["dead"]);
      expect((await inboxOf(bad)).items.length).toBe(1);
    });

    test("a digest that was refused for ever is sent whole when it is tried again, and the next one goes its way", async () => {
      const person = await makeCorrespondent(app);
      ok(await person.call("PUT", "/api/notifications/preferences", { digest: "daily" }), 200);
      const digests = () => app.database.sql<{ id: string; dead: boolean }[]>`
        select id, dead_at is not null as dead from jobs where kind = 'digest' and key = ${person.id}`;
      sink.refuse = (to) => (to === person.email ? 550 : undefined);
      for (const message of ["One", "Two"]) await send([person], message);
      while (!(await digests())[0]?.dead) await hurry(app);
      expect(await states(person)).toEqual(["dead", "dead"]);
      sink.refuse = () => undefined;
      await send([person], "Three");
      while ((await digests()).length > 1) await hurry(app);
      const [dead] = await digests();
      ok(await admin.call("POST", `/api/jobs/${dead?.id}/retry`), 200);
      const [next, again] = await sink.received(person.email, 2);
      expect(["One", "Two", "Three"].map((word) => [next?.text.includes(word), again?.text.includes(word)])).toEqual([
        [false, true],
        [false, true],
        [true, false],
      ]);
      while ((await digests()).length > 0);
      expect(await states(person)).toEqual(["sent", "sent", "sent"]);
    });

    test("what is sent while the mail server is down leaves when it is back", async () => {
      const [person] = [await makeCorrespondent(app)];
      await sink.close();
      await send([person], "Later");
      let job = (await jobsOf(person))[0];
      for (; (job?.attempts ?? 0) < 3 || !job?.last_error; [job] = await jobsOf(person)) await hurry(app);
      expect(job).toMatchObject({ dead: false });
      await sink.open();
      await drained(person);
      expect((await sink.received(person.email, 1)).length).toBe(1);
      expect(await states(person)).toEqual(["sent"]);
    });

    test("a title and a name are text, and never another header or address", async () => {
      const evil = 'x\r\nBcc: victim@example.org\r\n\r\n<script>alert(1)</script>", <victim@example.org>';
      const { ben, project, task, mention } = await makePair(evil, { name: evil });
      await mention(`\u2028${evil}`);
      await everybodyTold(app, project);
      await hurry(app);
      const [mail] = await sink.received(ben.email, 1);
      if (!mail) throw new Error("it was received");
      expect(mail.to).toEqual([ben.email]);
      const names = mail.headers.map(([name]) => name);
      expect(names).not.toContain("bcc");
      expect(names.filter((each) => each === "to" || each === "subject")).toEqual(["to", "subject"]);
      expect(mail.header("subject")).toStartWith(`${task.key} x Bcc: victim@example.org <script>`);
      expect(mail.html).not.toContain("<script");
    });

    test("names in an application's data are its own: they make no thread, no subject and no id", async () => {
      const person = await makeCorrespondent(app);
      const data = { task_id: "x>\r\nBcc: victim@example.org", task_key: "K-1", task_title: "no", project_name: "P" };
      const body = { user_id: person.id, type: "note", category: "mentioned", message: "Built", data };
      ok(await admin.call("POST", "/api/notifications/send", body), 200);
      await hurry(app);
      const [mail] = await sink.received(person.email, 1);
      expect([mail?.header("subject"), mail?.header("references"), mail?.header("bcc")]).toEqual([
        "Built",
        undefined,
        undefined,
      ]);
      expect(mail?.text).toStartWith("Built\n");
    });

    test("who has no address of their own gets no mail", async () => {
      const { ana, project, task } = await makePair();
      const cem = await makePerson(app, `mail-cem-${kind}`);
      await addMember(ana, project, cem, "member");
      await makeComment(ana, task, `@[Cem](${cem.id})`);
      await everybodyTold(app, project);
      const left = await app.database.sql`select from deliveries where user_id = ${cem.id}`;
      expect([(await inboxOf(cem)).unread_count, left.length]).toEqual([2, 0]);
    });

    test("in quiet hours nothing leaves; it does when they are over", async () => {
      const { ben, project, mention } = await makePair();
      const clock = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
      const quiet = (quiet_hours: object | null) => ben.call("PUT", "/api/notifications/preferences", { quiet_hours });
      const dueIn = async (): Promise<number> => {
        const [row] = await app.database.sql<{ minutes: number }[]>`
          select (extract(epoch from due_at - now()) / 60)::float8 as minutes from jobs where kind = 'mail' and key in (
            select id::text from notifications where user_id = ${ben.id} and category = 'mentioned') and claimed_by is null`;
        return row?.minutes ?? 0; // of the one that waits: another may be leaving still
      };
      ok(await quiet({ from: clock(-60), to: clock(120) }), 200);
      await mention();
      await everybodyTold(app, project);
      expect(await dueIn()).toBeGreaterThan(115);
      // Hours that were chosen after the job was asked for hold as well.
      ok(await quiet({ from: clock(-60), to: clock(300) }), 200);
      while ((await dueIn()) < 295) await hurry(app);
      expect(sink.mails.filter(({ to }) => to.includes(ben.email))).toEqual([]);
      // And hours that are over by now, for the person's clock goes otherwise: nothing is hurried here.
      ok(await ben.call("PATCH", "/api/me", { time_zone: "Pacific/Kiritimati" }), 200);
      expect((await sink.received(ben.email, 1)).length).toBe(1);
      ok(await ben.call("PATCH", "/api/me", { time_zone: "UTC" }), 200);
      await mention("again");
      await everybodyTold(app, project);
      expect(await dueIn()).toBeGreaterThan(295);
      ok(await quiet(null), 200);
      expect((await sink.received(ben.email, 2)).length).toBe(2);
    });

    test("a digest is one mail with what is still unread, and reminds of the rest in the inbox", async () => {
      const { ana, ben, project, task, mention } = await makePair();
      const choose = async (digest: string) =>
        ok(await ben.call("PUT", "/api/notifications/preferences", { digest, time_zone: undefined }), 200);
      await choose("daily");
      const tasks: Task[] = [];
      for (const title of ["Sand", "Wash"]) tasks.push(await makeTask(ana, project, { title, assignee_ids: [ben.id] }));
      await mention("read");
      await everybodyTold(app, project);
      ok(
        await ben.call("POST", "/api/notifications/read", {
          notification_ids: (await inboxOf(ben, "?category=mentioned")).items.map(({ id }) => id),
        }),
        200,
      );
      const digests = () => app.database.sql<{ hour: number; day: number }[]>`
        select extract(hour from due_at at time zone 'UTC')::int as hour,
          extract(isodow from due_at at time zone 'UTC')::int as day from jobs where kind = 'digest' and key = ${ben.id}`;
      expect((await digests()).map(({ hour }) => hour)).toEqual([8]);
      const live = async (time_zone: string) => ok(await ben.call("PATCH", "/api/me", { time_zone }), 200);
      await live("Asia/Tokyo");
      expect((await digests()).map(({ hour }) => hour)).toEqual([23]);
      await live("UTC");
      await choose("weekly");
      expect([...(await digests())]).toEqual([{ hour: 8, day: 1 }]);
      await hurry(app);
      const [mail] = await sink.received(ben.email, 1);
      expect(mail?.header("subject")).toBe("2 notifications");
      for (const { title, key } of tasks) expect(mail?.text).toContain(`assigned you ${key} ${title}`);
      expect(mail?.text).not.toContain(task.key);
      expect(mail?.header("references")).toBeUndefined();
      while ((await digests()).length > 0);
      expect((await states(ben)).slice(1).sort()).toEqual(["sent", "sent", "skipped"]);
      await mention("late");
      await everybodyTold(app, project);
      // Whoever wants no digest any more gets what waited for it.
      await choose("off");
      expect((await sink.received(ben.email, 2))[1]?.text).toContain("late");
    });

    test("what comes while a digest is on its way is in the next one", async () => {
      const person = await makeCorrespondent(app);
      ok(await person.call("PUT", "/api/notifications/preferences", { digest: "daily" }), 200);
      await send([person], "One");
      const release = sink.hold();
      await hurry(app);
      await sink.received(person.email, 1);
      await send([person], "Two");
      release();
      const digests = () => app.database.sql<{ running: boolean }[]>`
        select claimed_by is not null as running from jobs where kind = 'digest' and key = ${person.id}`;
      while ((await digests())[0]?.running !== false);
      expect(await states(person)).toEqual(["sent", "waiting"]);
      await hurry(app);
      const mails = await sink.received(person.email, 2);
      expect(mails.map(({ text }) => [text.includes("One"), text.includes("Two")])).toEqual([
        [true, false],
        [false, true],
      ]);
    });

    test("a test leaves at once, in quiet hours too", async () => {
      const person = await makeCorrespondent(app);
      const quiet_hours = { from: "00:00", to: "23:59" };
      const channels = { messages: { mail: false } };
      ok(await person.call("PUT", "/api/notifications/preferences", { quiet_hours, channels, digest: "daily" }), 200);
      const sent = await admin.call<{ mail: boolean }>("POST", `/api/test/notification/${person.id}`);
      expect(ok(sent, 200).mail).toBe(true);
      const [mail] = await sink.received(person.email, 1);
      expect(mail?.text).toContain(`${admin.name} sent this to see whether notifications reach you`);
    });

    test("one click ends the mails of its kind, without signing in, and a link followed ends nothing", async () => {
      const { ben, project, mention } = await makePair();
      const project_id = project.id;
      const at = "/api/notifications/preferences";
      const mailOf = async (query = "") => {
        const { resulting } = ok(
          await ben.call<{ resulting: Record<string, { mail: boolean }> }>("GET", `${at}${query}`),
          200,
        );
        return [resulting.mentioned?.mail, resulting.assigned?.mail];
      };
      ok(await ben.call("PUT", `${at}?project_id=${project_id}`, { channels: { mentioned: { mail: true } } }), 200);
      await mention("stop");
      await everybodyTold(app, project);
      await hurry(app);
      const [mail] = await sink.received(ben.email, 1);
      const link = /^<(.+)>$/.exec(mail?.header("list-unsubscribe") ?? "")?.[1] ?? "";
      expect(link).toStartWith(`${origin}/unsubscribe?`);
      const url = link.replace(origin, app.url);
      const page = await fetch(url);
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(await page.text()).toContain('<form method="post"><button>');
      expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
      expect([await mailOf(), await mailOf(`?project_id=${project_id}`)]).toEqual([
        [true, true],
        [true, true],
      ]);
      const wrong = [
        url.replace(/signature=./, (start) => `${start.slice(0, -1)}${start.endsWith("A") ? "B" : "A"}`),
        url.replace("topic=mentioned", "topic=assigned"),
        url.replace(ben.id, admin.id),
        `${app.url}/unsubscribe`,
      ];
      for (const each of wrong) expect((await fetch(each, { method: "POST" })).status).toBe(404);
      expect(await mailOf()).toEqual([true, true]);
      const oneClick = { method: "POST", body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) };
      for (let round = 0; round < 2; round++) expect((await fetch(url, oneClick)).status).toBe(200);
      expect([await mailOf(), await mailOf(`?project_id=${project_id}`)]).toEqual([
        [false, true],
        [false, true],
      ]);
      expect((await fetch(url, { method: "DELETE" })).status).toBe(405);
    });
  });
}
