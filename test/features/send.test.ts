/** What administrators and host applications tell people. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Scope } from "../../src/protocol/endpoint.ts";
import type { Notification } from "../../src/protocol/notifications.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { inboxOf } from "../support/inbox.ts";
import { makeAdministrator, makeHolder } from "../support/keys.ts";
import { getUserEvents, makePerson, ok, type Person, type Reply } from "../support/people.ts";
import { openWire, type WireFrame } from "../support/wire.ts";

interface Sent {
  readonly sent: number;
  readonly unknown_user_ids: readonly string[];
}

for (const { name, kind } of databases) {
  describe(`sending on ${name}`, () => {
    let app: TestApp;
    let admin: Person;
    beforeAll(async () => {
      app = await startApp({ kind });
      admin = await makeAdministrator(app);
    });
    afterAll(() => app?.stop());

    const send = (body: object, by = admin): Promise<Reply<Sent>> =>
      by.call<Sent>("POST", "/api/notifications/send", { type: "build_failed", message: "Build 7 failed", ...body });
    const sessionOf = ({ data }: WireFrame): string => String(data.session_id);
    const connect = async (person: Person) => {
      const wire = await openWire(app.url, { token: person.token });
      return { wire, session: sessionOf(await wire.take("connected")) };
    };

    test("one person is told, and hears it at once", async () => {
      const ben = await makePerson(app, "send-ben");
      const { wire } = await connect(ben);
      // What an application calls its own is not held against what such names mean here.
      const data = { build: 7, nested: { ok: false }, task_id: "T-7", created_at: "yesterday" };
      expect(ok(await send({ user_id: ben.id, data }), 200)).toEqual({ sent: 1, unknown_user_ids: [] });
      const frame = await wire.take("notification");
      const { notification } = frame.data as { notification: Notification };
      expect(notification).toMatchObject({
        type: "build_failed",
        category: "messages",
        message: "Build 7 failed",
        data,
        link: null,
        count: 1,
      });
      expect((await inboxOf(ben)).items).toEqual([notification]);
      wire.destroy();
    });

    test("unknown and disabled people are listed, and the rest is told once each", async () => {
      const [cem, dan] = [await makePerson(app, "send-cem"), await makePerson(app, "send-dan")];
      await app.database.sql`update users set disabled_at = now() where id = ${dan.id}`;
      const nobody = Bun.randomUUIDv7();
      const answer = ok(await send({ user_ids: [nobody, cem.id, dan.id, cem.id.toUpperCase()] }), 200);
      expect(answer).toEqual({ sent: 1, unknown_user_ids: [nobody, dan.id] });
      expect((await inboxOf(cem)).items.length).toBe(1);
      const events = await getUserEvents(app, dan);
      expect(events.filter(({ event }) => event === "notification")).toEqual([]);
      for (const bad of [{}, { user_id: cem.id, user_ids: [cem.id] }, { user_ids: [] }, { user_id: "x" }])
        expect((await send(bad)).problem.code).toBe("invalid");
      for (const bad of [{ type: "No Name" }, { message: " " }, { message: "x\0" }, { data: [] }, { role: "admin" }])
        expect((await send({ user_id: cem.id, ...bad })).problem.code).toBe("invalid");
    });

    test("script is text, everywhere", async () => {
      const fay = await makePerson(app, "send-fay");
      const script = `<script>alert(1)</script> "quoted" \\ \u2028 \u{1F600} {{x}}`;
      ok(await send({ user_id: fay.id, message: script, data: { script, __proto__: { a: 1 } } }), 200);
      const { items } = await inboxOf(fay);
      expect(items[0]?.message).toBe(script);
      expect(items[0]?.data.script).toBe(script);
      const raw = await fetch(`${app.url}/api/notifications`, { headers: { authorization: `Bearer ${fay.token}` } });
      expect(raw.headers.get("content-type")).toBe("application/json");
      expect(raw.headers.get("x-content-type-options")).toBe("nosniff");
    });

    test("10,000 people in one call", async () => {
      const { sql } = app.database;
      await sql`create table crowd as select gen_random_uuid() as id, n from generate_series(1, 9999) n`;
      await sql`insert into users (id, name, email) select id, 'Crowd ' || n, id || '@example.org' from crowd`;
      await sql`insert into rooms (id, kind, epoch) select id, 'user', 'e' from crowd`;
      const people = (await sql<{ id: string }[]>`select id from crowd order by n`).map(({ id }) => id);
      const gus = await makePerson(app, "send-gus");
      const { wire } = await connect(gus);
      const startedMs = performance.now();
      const body = { user_ids: [...people, gus.id], mutation_id: "to all" };
      expect(ok(await send(body), 200)).toEqual({ sent: 10_000, unknown_user_ids: [] });
      const tookMs = performance.now() - startedMs;
      await wire.take("notification");
      const count = async () => {
        const [row] = await sql<{ entries: number; people: number; events: number }[]>`
          select count(*)::int as entries, count(distinct user_id)::int as people,
            (select count(*)::int from events where mutation_id = 'to all') as events
          from notifications where type = 'build_failed' and user_id in (select id from crowd union select ${gus.id})`;
        return row;
      };
      expect(await count()).toEqual({ entries: 10_000, people: 10_000, events: 10_000 });
      expect(ok(await send(body), 200)).toEqual({ sent: 10_000, unknown_user_ids: [] });
      expect(await count()).toEqual({ entries: 10_000, people: 10_000, events: 10_000 });
      expect((await send({ ...body, user_ids: [...body.user_ids, Bun.randomUUIDv7()] })).problem.code).toBe("invalid");
      const large = await send({ user_ids: people, data: { text: "x".repeat(8_000) } });
      expect([large.status, large.problem.code]).toEqual([413, "too_large"]);
      process.stdout.write(`      10,000 people on ${name}: ${Math.round(tookMs)} ms\n`);
      wire.destroy();
    });

    test("[H4] a retry tells nobody again", async () => {
      const hal = await makePerson(app, "send-hal");
      const body = { user_id: hal.id, mutation_id: "once" };
      const all = await Promise.all(Array.from({ length: 6 }, () => send(body)));
      expect(all.map((reply) => ok(reply, 200).sent)).toEqual([1, 1, 1, 1, 1, 1]);
      expect((await inboxOf(hal)).items.length).toBe(1);
      expect((await send({ ...body, message: "Other" })).problem.code).toBe("idempotency_mismatch");
    });

    test("everybody's inbox gets a broadcast, once, with a crash between its steps", async () => {
      const { sql } = app.database;
      const ida = await makePerson(app, "send-ida");
      const [before] = await sql<{ people: number }[]>`
        select count(*)::int as people from users where disabled_at is null`;
      // A third of the steps fails at its end, after it wrote.
      await sql`create sequence steps`;
      await sql.unsafe(`create function cut() returns trigger language plpgsql as $$
        begin
          if new.kind = 'broadcast' and new.payload not like '%"after":"00000000-%' and nextval('steps') % 3 = 2 then raise exception 'cut off'; end if;
          return new;
        end $$`);
      await sql`create trigger cut before insert on jobs for each row execute function cut()`;
      const body = { type: "maintenance", message: "Tonight at ten", data: { hours: 2 }, mutation_id: "tonight" };
      const broadcast = () => admin.call<{ sent: number }>("POST", "/api/notifications/broadcast", body);
      const answers = await Promise.all([broadcast(), broadcast()]);
      for (const answer of answers) expect(ok(answer, 200).sent).toBe(before?.people ?? 0);
      while ((await sql`select from jobs where kind = 'broadcast' and dead_at is null`).length > 0)
        await sql`update jobs set due_at = now() where kind = 'broadcast' and claimed_by is null`;
      await sql`drop trigger cut on jobs`;
      const [told] = await sql<{ entries: number; people: number; events: number }[]>`
        select count(*)::int as entries, count(distinct user_id)::int as people,
          (select count(*)::int from events where event = 'notification' and data like '%Tonight at ten%') as events
        from notifications where type = 'maintenance'`;
      const people = before?.people ?? 0;
      expect(told).toEqual({ entries: people, people, events: people });
      expect((await inboxOf(ida)).items[0]).toMatchObject({ message: "Tonight at ten", data: { hours: 2 } });
      const [cut] = await sql<{ steps: number }[]>`select last_value::int as steps from steps`;
      expect(cut?.steps).toBeGreaterThan(10);
      expect(app.logged.some((line) => line.includes("cut off"))).toBe(true);
    }, 120_000);

    test("a broadcast that is not kept is heard by those who are connected", async () => {
      const [jo, kim] = [await makePerson(app, "send-jo"), await makePerson(app, "send-kim")];
      const [first, second] = [await connect(jo), await connect(kim)];
      const body = { type: "restart", message: "Restarting", persist: false };
      const { sent } = ok(await admin.call<{ sent: number }>("POST", "/api/notifications/broadcast", body), 200);
      expect(sent).toBe(2);
      for (const { wire } of [first, second]) {
        const frame = await wire.take("broadcast");
        expect(frame.data).toEqual({ type: "restart", message: "Restarting", data: {} });
        expect([frame.room, frame.seq]).toEqual([undefined, undefined]);
        wire.destroy();
      }
      expect((await inboxOf(jo)).items).toEqual([]);
      const large = await admin.call("POST", "/api/notifications/broadcast", {
        ...body,
        data: { x: "y".repeat(8_000) },
      });
      expect(large.problem.code).toBe("too_large");
    });

    test("one connection alone hears a message", async () => {
      const lea = await makePerson(app, "send-lea");
      const [first, second] = [await connect(lea), await connect(lea)];
      const say = (session: string, key: string) =>
        admin.call("POST", `/api/sessions/${session}/message`, { message: "Hi", data: { a: 1 }, mutation_id: key });
      const all = await Promise.all(Array.from({ length: 4 }, () => say(first.session, "hi")));
      expect(all.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
      expect((await first.wire.take("direct_message")).data).toEqual({ message: "Hi", data: { a: 1 } });
      for (const { wire } of [first, second])
        expect((await wire.settled()).filter(({ event }) => event === "direct_message").length).toBe(
          wire === first.wire ? 1 : 0,
        );
      expect((await say(Bun.randomUUIDv7(), "nobody")).problem.code).toBe("not_found");
      for (const { wire } of [first, second]) wire.destroy();
    });

    test("a test reaches the inbox, whatever the person chose", async () => {
      const max = await makePerson(app, "send-max");
      const channels = { messages: { in_app: false, mail: false, push: false } };
      ok(await max.call("PUT", "/api/notifications/preferences", { channels }), 200);
      ok(await send({ user_id: max.id }), 200);
      const path = `/api/test/notification/${max.id}`;
      const sent = ok(
        await admin.call<{ notification: Notification; mail: boolean; push: boolean }>("POST", path),
        200,
      );
      expect([sent.notification.type, sent.mail, sent.push]).toEqual(["test", false, false]);
      expect((await inboxOf(max)).items).toEqual([sent.notification]);
      expect((await admin.call("POST", `/api/test/notification/${Bun.randomUUIDv7()}`)).status).toBe(404);
    });

    test("only administrators and their keys with the scope may tell anybody anything", async () => {
      const ned = await makePerson(app, "send-ned");
      const { robot } = await makeHolder(app, admin, { scopes: ["notifications:send"] });
      const others = Scope.options.filter((scope) => scope !== "notifications:send");
      const { robot: limited } = await makeHolder(app, admin, { scopes: others });
      const calls = [
        ["/api/notifications/send", { user_id: ned.id, type: "x", message: "x" }, 200],
        ["/api/notifications/broadcast", { type: "x", message: "x", persist: false }, 200],
        [`/api/sessions/${Bun.randomUUIDv7()}/message`, { message: "x" }, 404],
        [`/api/test/notification/${ned.id}`, {}, 200],
      ] as const;
      for (const [path, body, status] of calls) {
        expect([path, (await robot.call("POST", path, body)).status]).toEqual([path, status]);
        expect([path, (await admin.call("POST", path, body)).status]).toEqual([path, status]);
        for (const by of [limited, ned])
          expect([path, (await by.call("POST", path, body)).problem.code]).toEqual([path, "forbidden"]);
      }
      // Who is no administrator any more, neither are their keys.
      const event = (await getUserEvents(app, ned)).filter((each) => each.event === "notification");
      expect(event.length).toBe(4);
    });
  });
}
