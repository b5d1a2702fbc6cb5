/** Web Push, against a push service that opens what it gets. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createECDH } from "node:crypto";
import { z } from "zod";
import { encrypt } from "../../src/features/push/encrypt.ts";
import type { Notification } from "../../src/protocol/notifications.ts";
import type { PushSubscription } from "../../src/protocol/push.ts";
import { createVisitor, password, signUp, type Visitor } from "../support/accounts.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { everybodyTold, inboxOf } from "../support/inbox.ts";
import { makeAdministrator } from "../support/keys.ts";
import { hurry } from "../support/mail.ts";
import { makeComment, makePerson, makeTask, ok, type Person } from "../support/people.ts";
import { type Browser, type PushService, readVapid, startPushService } from "../support/push.ts";
import { makeTeam } from "../support/team.ts";

const path = "/api/push-subscriptions";
const Subscribed = z.object({ items: z.array(z.object({ endpoint: z.string() })) });
interface Subscriptions {
  readonly public_key: string;
  readonly items: readonly PushSubscription[];
}

for (const { name, kind } of databases) {
  describe(`push on ${name}`, () => {
    let app: TestApp;
    let service: PushService;
    let admin: Person;
    beforeAll(async () => {
      service = startPushService();
      app = await startApp({ kind });
      admin = await makeAdministrator(app);
    });
    afterAll(async () => {
      await app?.stop();
      await service?.stop();
    });

    const subscribe = async (person: Person, browser = service.makeBrowser()): Promise<Browser> => {
      ok(await person.call("POST", path, browser.subscription, { "user-agent": "Firefox" }), 201);
      return browser;
    };
    const list = async (person: Person) => ok(await person.call<Subscriptions>("GET", path), 200);
    const send = async (person: Person, message: string, more: object = {}) => {
      const body = { user_id: person.id, type: "note", message, ...more };
      ok(await admin.call("POST", "/api/notifications/send", body), 200);
    };
    const jobs = async () => [
      ...(await app.database.sql<{ dead: boolean; attempts: number; last_error: string | null }[]>`
        select dead_at is not null as dead, attempts, last_error from jobs where kind = 'push'`),
    ];
    const drained = async () => {
      while ((await jobs()).some(({ dead }) => !dead)) await hurry(app);
    };

    test("a browser gets what its person is told, encrypted for it, signed by the server", async () => {
      const { ana, ben, project } = await makeTeam(app, `push-${kind}`);
      const browser = await subscribe(ben);
      const task = await makeTask(ana, project, { title: "Paint", assignee_ids: [ben.id] });
      await everybodyTold(app, project);
      const [first] = await browser.received(1);
      if (!first) throw new Error("it was received");
      const { items } = await inboxOf(ben, "?category=assigned");
      const id = items[0]?.id ?? "";
      expect(first.payload).toEqual({
        notification_id: id,
        title: project.name,
        body: `${ana.name} assigned you ${task.key} Paint`,
        url: `/projects/${project.id}/tasks/${task.id}`,
        tag: id,
      });
      const header = (name: string) => first.headers.get(name);
      expect([header("ttl"), header("urgency"), header("topic"), header("content-encoding")]).toEqual([
        "86400",
        "normal",
        id.replaceAll("-", ""),
        "aes128gcm",
      ]);
      const { public_key } = await list(ben);
      const claims = await readVapid(header("authorization"), public_key);
      expect(claims).toMatchObject({ key: public_key, aud: service.url, sub: expect.stringMatching(/^mailto:/) });
      await makeComment(ana, task, `@[Ben](${ben.id}) hello`);
      expect((await browser.received(2))[1]?.headers.get("urgency")).toBe("high");
    });

    test("each of a person's browsers gets it, and one that fails holds up no other", async () => {
      const person = await makePerson(app, `push-many-${kind}`);
      const [good, slow, gone] = [await subscribe(person), await subscribe(person), await subscribe(person)];
      slow.status = 503;
      gone.status = 410;
      await send(person, "To all");
      expect((await good.received(1))[0]?.payload).toMatchObject({ title: "Taskwire", body: "To all", url: "/inbox" });
      await Promise.all([slow.attempted(1), gone.attempted(1)]);
      slow.status = 201;
      await drained();
      expect((await slow.received(1)).length).toBe(1);
      expect([good.attempts, slow.attempts, gone.attempts]).toEqual([1, 2, 1]);
      // Who answered 410 is not there any more.
      expect((await list(person)).items.map(({ endpoint }) => endpoint).sort()).toEqual(
        [good, slow].map(({ subscription }) => subscription.endpoint).sort(),
      );
      await send(person, "Again");
      await Promise.all([good.received(2), slow.received(2)]);
      await drained();
      expect(gone.attempts).toBe(1);
    });

    test("a refusal for ever is dead at once; a redirect is one", async () => {
      const person = await makePerson(app, `push-refused-${kind}`);
      const browser = await subscribe(person);
      browser.status = 403;
      await send(person, "No");
      await browser.attempted(1);
      await drained();
      expect(await jobs()).toEqual([{ dead: true, attempts: 1, last_error: "the push service answered 403" }]);
      await app.database.sql`delete from jobs`;
      browser.status = 302;
      await send(person, "Elsewhere");
      await browser.attempted(2);
      let [job] = await jobs();
      for (; !job?.last_error; [job] = await jobs());
      expect([job.last_error, browser.attempts]).toEqual(["the push service answered 302", 2]);
      await app.database.sql`delete from jobs`;
    });

    test("what was read, and what is not wanted, is not pushed", async () => {
      const person = await makePerson(app, `push-read-${kind}`);
      const browser = await subscribe(person);
      browser.status = 503;
      await send(person, "Read meanwhile");
      await browser.attempted(1);
      ok(await person.call("POST", "/api/notifications/read", { all: true }), 200);
      browser.status = 201;
      await drained();
      const channels = { messages: { push: false } };
      ok(await person.call("PUT", "/api/notifications/preferences", { channels }), 200);
      await send(person, "Not wanted");
      await drained();
      await send(person, "Wanted", { category: "mentioned" });
      expect((await browser.received(1)).map(({ payload }) => payload.body)).toEqual(["Wanted"]);
    });

    test("a long message is cut, and what people wrote is text", async () => {
      const person = await makePerson(app, `push-long-${kind}`);
      const browser = await subscribe(person);
      await send(person, `"<script>" ${"\u{1F600}".repeat(900)}`);
      const [first] = await browser.received(1);
      expect(first?.payload.body).toStartWith('"<script>" \u{1F600}');
      expect(first?.payload.body).toEndWith("\u{1F600}…");
      expect(first?.payload.body.isWellFormed()).toBe(true);
    });

    test("a trial goes to that browser alone, in the quiet hours and to who wants no push too, and nothing is mailed", async () => {
      const [person, other] = [
        await makePerson(app, `push-trial-${kind}`),
        await makePerson(app, `push-trial-other-${kind}`),
      ];
      const [browser, beside] = [await subscribe(person), await subscribe(person)];
      const channels = { messages: { in_app: false, push: false } };
      const quiet_hours = { from: "00:00", to: "23:59" };
      ok(await person.call("PUT", "/api/notifications/preferences", { channels, quiet_hours }), 200);
      const { items } = await list(person);
      const { id } = items.find(({ endpoint }) => endpoint === browser.subscription.endpoint) ?? { id: "" };
      const notification = ok(await person.call<Notification>("POST", `${path}/${id}/test`), 200);
      const [pushed] = await browser.received(1);
      expect(pushed?.payload).toMatchObject({ notification_id: notification.id, body: notification.message });
      await drained();
      expect([browser.attempts, beside.attempts]).toEqual([1, 0]);
      expect((await inboxOf(person)).items.map(({ type }) => type)).toEqual(["test"]);
      const rows = await app.database
        .sql`select channel, state from deliveries where notification_id = ${notification.id}`;
      expect([...rows]).toEqual([{ channel: "push", state: "sent" }]);
      expect((await other.call("POST", `${path}/${id}/test`)).problem.code).toBe("not_found");
    });

    test("subscriptions are listed, replaced, ended, and at most twenty", async () => {
      const [ana, ben] = [
        await makePerson(app, `push-list-ana-${kind}`),
        await makePerson(app, `push-list-ben-${kind}`),
      ];
      const browsers: Browser[] = [];
      for (let n = 0; n < 21; n++) browsers.push(await subscribe(ana));
      const endpoints = browsers.map(({ subscription }) => subscription.endpoint).reverse();
      const { items, public_key } = await list(ana);
      expect(items.map(({ endpoint }) => endpoint)).toEqual(endpoints.slice(0, 20));
      expect(items[0]?.user_agent).toBe("Firefox");
      expect((await list(ben)).public_key).toBe(public_key);
      // The same browser, with another person signed in.
      const [last] = browsers.slice(-1);
      if (!last) throw new Error("there are browsers");
      await subscribe(ben, last);
      expect([(await list(ana)).items.length, (await list(ben)).items.length]).toEqual([19, 1]);
      const { endpoint } = last.subscription;
      ok(await ana.call("DELETE", path, { endpoint }), 204);
      expect((await list(ben)).items.length).toBe(1);
      ok(await ben.call("DELETE", path, { endpoint }), 204);
      expect((await list(ben)).items).toEqual([]);
      const { keys } = last.subscription;
      for (const bad of [
        { endpoint: "ftp://example.org/x", keys },
        { endpoint, keys: { ...keys, auth: "AAAA" } },
        { endpoint, keys: { ...keys, p256dh: Buffer.alloc(65, 4).toString("base64url") } },
        { endpoint, keys: { ...keys, p256dh: `${keys.p256dh}AA` } },
        { keys },
      ])
        expect((await ben.call("POST", path, bad)).problem.code).toBe("invalid");
    });

    test("a browser is pushed to no longer than its person is signed in there", async () => {
      const { visitor, email } = await signUp(app.url);
      const elsewhere = createVisitor(app.url);
      await elsewhere.call("POST", "/api/auth/sign-in/email", { email, password });
      const add = async (at: Visitor) => {
        const { subscription } = service.makeBrowser();
        expect((await at.call("POST", path, subscription)).status).toBe(201);
        return subscription.endpoint;
      };
      const endpoints = async () =>
        Subscribed.parse((await visitor.call("GET", path)).body).items.map(({ endpoint }) => endpoint);
      const [here, there] = [await add(visitor), await add(elsewhere)];
      expect(await endpoints()).toEqual([there, here]);
      expect((await elsewhere.call("POST", "/api/auth/sign-out")).status).toBe(200);
      expect(await endpoints()).toEqual([here]);
    });

    test("the keys are made once, and stay over a restart", async () => {
      const rows = await app.database.sql`select value from meta where key = 'vapid'`;
      expect(rows.length).toBe(1);
      if (app.databaseUrl === undefined) return;
      const other = await startApp({ databaseUrl: app.databaseUrl });
      try {
        const elsewhere = { ...admin, call: (await makePerson(other, "push-other")).call };
        expect((await list(elsewhere)).public_key).toBe((await list(admin)).public_key);
      } finally {
        await other.stop();
      }
    });
  });
}

/** RFC 8291, appendix A. */
test("a message is encrypted as the standard's example is", () => {
  const sender = createECDH("prime256v1");
  sender.setPrivateKey(Buffer.from("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", "base64url"));
  const browser = {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  };
  const salt = Buffer.from("DGv6ra1nlYgDCS1FRnbzlw", "base64url");
  const body = encrypt("When I grow up, I want to be a watermelon", browser, { salt, sender });
  expect(body.toString("base64url")).toBe(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
  );
});
