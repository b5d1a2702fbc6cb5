/** What people do with their inbox. */
import { expect, test } from "bun:test";
import type { Notification } from "../../src/protocol/notifications.ts";
import { describeApp } from "../support/app.ts";
import { foldUnread, type Inbox, inboxOf } from "../support/inbox.ts";
import { makeAdministrator } from "../support/keys.ts";
import { makePerson, ok, type Person } from "../support/people.ts";
import { openLive, type Wire } from "../support/wire.ts";

describeApp("the inbox", (app) => {
  let administrator: Promise<Person> | undefined;
  const send = async (person: Person, message: string, more: object = {}) => {
    administrator ??= makeAdministrator(app);
    const body = { user_id: person.id, type: "note", message, ...more };
    ok(await (await administrator).call("POST", "/api/notifications/send", body), 200);
  };
  /** Somebody with entries `1` … `count`, oldest first. */
  const holder = async (name: string, count: number) => {
    const person = await makePerson(app, name);
    for (let n = 1; n <= count; n++) await send(person, `${n}`);
    return { person, ids: (await inboxOf(person)).items.map(({ id }) => id).reverse() };
  };
  const read = async (person: Person, body: object): Promise<number> =>
    ok(await person.call<{ unread_count: number }>("POST", "/api/notifications/read", body), 200).unread_count;
  /** A night passes: what was snoozed for long comes back in a moment, at the time that it answers. */
  const nearly = async (id: string): Promise<string> => {
    const soon = new Date(Date.now() + 100).toISOString();
    const { sql } = app.database;
    await sql`update notifications set snoozed_until = ${soon} where id = ${id} and snoozed_until is not null`;
    await sql`update jobs set due_at = ${soon} where kind = 'unsnooze' and key = ${id}`;
    return soon;
  };
  const messages = ({ items }: Inbox): string[] => items.map(({ message }) => message);
  const isRead = (count: number) => (frame: { event?: string | undefined; data: Readonly<Record<string, unknown>> }) =>
    frame.event === "notifications_read" && frame.data.unread_count === count;

  test("[H2] it is listed in pages, the latest first, and filtered", async () => {
    const { person, ids } = await holder("inbox-list", 5);
    await send(person, "6", { category: "comments" });
    const seen: string[] = [];
    let page = await inboxOf(person, "?limit=4");
    expect(page.unread_count).toBe(6);
    for (; page.next_cursor !== null; page = await inboxOf(person, `?limit=4&cursor=${page.next_cursor}`))
      seen.push(...messages(page));
    expect([...seen, ...messages(page)]).toEqual(["6", "5", "4", "3", "2", "1"]);
    expect(messages(await inboxOf(person, "?category=comments"))).toEqual(["6"]);
    expect(await read(person, { notification_ids: ids.slice(0, 3) })).toBe(3);
    expect(messages(await inboxOf(person, "?unread=true"))).toEqual(["6", "5", "4"]);
    expect(messages(await inboxOf(person))).toEqual(["6", "5", "4", "3", "2", "1"]);
    for (const query of ["?cursor=W10", "?unread=maybe", "?category=none", "?limit=0", "?more=1"])
      expect((await person.call("GET", `/api/notifications${query}`)).problem.code).toBe("invalid");
  });

  test("reading and unreading is heard in the person's other windows, over HTTP and the socket", async () => {
    const { person, ids } = await holder("inbox-tabs", 3);
    const [first, second] = [await openLive(app.url, person.token), await openLive(app.url, person.token)];
    expect((await first.ask("mark_read", { notification_ids: [ids[0]] })).data).toEqual({ unread_count: 2 });
    expect((await second.take("notifications_read")).data).toEqual({
      notification_ids: [ids[0]],
      read: true,
      unread_count: 2,
    });
    expect(await read(person, { notification_ids: [ids[0]], read: false })).toBe(3);
    expect((await second.take("notifications_read")).data).toMatchObject({ notification_ids: [ids[0]], read: false });
    const again = { notification_ids: [ids[1]] };
    expect((await first.ask("mark_read", again)).data).toEqual({ unread_count: 2 });
    expect((await first.ask("mark_read", { ...again, read: false })).data).toEqual({ unread_count: 3 });
    for (const read of [true, false])
      expect((await second.take("notifications_read")).data).toEqual({ ...again, read, unread_count: read ? 2 : 3 });
    expect((await first.ask("mark_read", { all: true })).data).toEqual({ unread_count: 0 });
    expect((await second.take("notifications_read")).data).toEqual({ all: true, read: true, unread_count: 0 });
    // Nothing changes: nobody hears anything before the next change.
    const heard = second.frames.length;
    expect(await read(person, { all: true })).toBe(0);
    expect(await read(person, { notification_ids: [ids[0], Bun.randomUUIDv7()] })).toBe(0);
    expect(await read(person, { notification_ids: [ids[0]], read: false })).toBe(1);
    await second.take(isRead(1));
    expect(second.frames.length).toBe(heard + 1);
    for (const bad of [{}, { all: true, notification_ids: [ids[0]] }, { notification_ids: [] }, { all: false }])
      expect((await first.ask("mark_read", bad)).error?.code).toBe("invalid");
    for (const wire of [first, second]) wire.destroy();
  });

  test("what is another person's is not there", async () => {
    const { person, ids } = await holder("inbox-owner", 1);
    const eve = await makePerson(app, "inbox-eve");
    expect(await read(eve, { notification_ids: ids })).toBe(0);
    for (const [path, body] of [
      ["snooze", { until: "2099-01-01T00:00:00Z" }],
      ["archive", {}],
    ] as const) {
      const there = await eve.call("POST", `/api/notifications/${ids[0]}/${path}`, body);
      const nowhere = await eve.call("POST", `/api/notifications/${Bun.randomUUIDv7()}/${path}`, body);
      expect({ ...there.problem, request_id: "" }).toEqual({ ...nowhere.problem, request_id: "" });
      expect(there.problem.code).toBe("not_found");
    }
    expect((await inboxOf(person)).unread_count).toBe(1);
  });

  test("the number of unread entries is exact, however many windows mark them while more come", async () => {
    const { person, ids } = await holder("inbox-race", 40);
    const windows: Wire[] = [];
    for (let n = 0; n < 4; n++) windows.push(await openLive(app.url, person.token));
    const work: Promise<unknown>[] = [];
    for (const [n, id] of ids.entries()) {
      // Each entry by two windows at once, some of them unread again.
      work.push(windows[n % 4]?.ask("mark_read", { notification_ids: [id] }) ?? Promise.resolve());
      work.push(read(person, { notification_ids: [id, ids[(n + 1) % ids.length]] }));
      if (n % 5 === 0) work.push(read(person, { notification_ids: [id], read: false }));
      if (n % 7 === 0) work.push(send(person, `late ${n}`));
      if (n % 13 === 0) work.push(read(person, { all: true }));
    }
    await Promise.all(work);
    const { unread, wrong } = await foldUnread(app, person);
    expect(wrong).toEqual([]);
    const kept = await app.database.sql<{ id: string }[]>`
      select id from notifications where user_id = ${person.id} and read_at is null order by id`;
    expect(unread.sort()).toEqual(kept.map(({ id }) => id));
    expect((await inboxOf(person)).unread_count).toBe(unread.length);
    for (const wire of windows) wire.destroy();
  });

  test("an archived entry is out of sight, read, and heard of", async () => {
    const { person, ids } = await holder("inbox-archive", 2);
    const wire = await openLive(app.url, person.token);
    const away = ok(await person.call<Notification>("POST", `/api/notifications/${ids[0]}/archive`), 200);
    expect([away.id, away.archived_at === null, away.read_at === null]).toEqual([ids[0] ?? "", false, false]);
    expect((await wire.take("notifications_read")).data).toEqual({
      notification_ids: [ids[0]],
      read: true,
      archived: true,
      unread_count: 1,
    });
    expect(messages(await inboxOf(person))).toEqual(["2"]);
    expect(messages(await inboxOf(person, "?archived=true"))).toEqual(["1"]);
    const heard = wire.frames.length;
    expect(ok(await person.call("POST", `/api/notifications/${ids[0]}/archive`), 200)).toEqual(away);
    // What comes next in the person's room is the next change.
    expect(await read(person, { notification_ids: [ids[1]] })).toBe(0);
    await wire.take(isRead(0));
    expect(wire.frames.length).toBe(heard + 1);
    const snoozed = await person.call("POST", `/api/notifications/${ids[0]}/snooze`, { until: "2099-01-01T00:00:00Z" });
    expect(snoozed.problem.code).toBe("conflict");
    wire.destroy();
  });

  test("a snoozed entry is out of sight until its time, and then the latest, unread", async () => {
    const { person, ids } = await holder("inbox-snooze", 2);
    const [id = ""] = ids;
    const wire = await openLive(app.url, person.token);
    const snooze = (until: string) => person.call<Notification>("POST", `/api/notifications/${id}/snooze`, { until });
    await read(person, { notification_ids: [id] });
    await wire.take(isRead(1));
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    expect(ok(await snooze(tomorrow), 200)).toMatchObject({ id, snoozed_until: tomorrow, read_at: null });
    expect((await wire.take("notifications_read")).data).toEqual({
      notification_ids: [id],
      read: false,
      snoozed_until: tomorrow,
      unread_count: 1,
    });
    expect([messages(await inboxOf(person)), messages(await inboxOf(person, "?snoozed=true"))]).toEqual([["2"], ["1"]]);
    // All that is in sight is read; what is snoozed comes back unread.
    expect(await read(person, { all: true })).toBe(0);
    ok(await snooze(new Date(Date.now() + 2 * 86_400_000).toISOString()), 200);
    const jobs = await app.database.sql`select key from jobs where kind = 'unsnooze'`;
    expect([...jobs]).toEqual([{ key: id }]);
    const soon = await nearly(id);
    const { notification } = (await wire.take("notification")).data as { notification: Notification };
    expect(notification).toMatchObject({ id, read_at: null, snoozed_until: null });
    expect(notification.updated_at >= soon).toBe(true);
    const { items, unread_count } = await inboxOf(person);
    expect([items.map(({ message }) => message), unread_count]).toEqual([["1", "2"], 1]);
    expect((await snooze("2020-01-01T00:00:00Z")).problem.errors?.[0]?.path).toBe("until");
    const left = await app.database.sql`select key from jobs where kind = 'unsnooze' and key = ${id}`;
    expect(left.length).toBe(0);
    wire.destroy();
  });

  test("what was put away while it was snoozed does not come back", async () => {
    const { person, ids } = await holder("inbox-both", 2);
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const snooze = async (id = "") => ok(await person.call("POST", `/api/notifications/${id}/snooze`, { until }), 200);
    const wire = await openLive(app.url, person.token);
    await snooze(ids[0]);
    ok(await person.call("POST", `/api/notifications/${ids[0]}/archive`), 200);
    await snooze(ids[1]);
    for (const id of ids) await nearly(id);
    expect((await wire.take("notification")).data.notification).toMatchObject({ id: ids[1] });
    while ((await app.database.sql`select from jobs where kind = 'unsnooze' and key = any(${ids})`).length > 0)
      await Bun.sleep(5);
    await read(person, { all: true });
    await wire.take(isRead(0));
    expect(wire.frames.filter(({ event }) => event === "notification").length).toBe(1);
    expect(messages(await inboxOf(person))).toEqual(["2"]);
    wire.destroy();
  });

  test("[H4] a retry changes nothing and is answered the same", async () => {
    const { person, ids } = await holder("inbox-retry", 3);
    const [one, two, three] = ids;
    const body = { notification_ids: [one], mutation_id: "read-1" };
    expect(await read(person, body)).toBe(2);
    expect(await read(person, { notification_ids: [one], read: false })).toBe(3);
    expect(await read(person, body)).toBe(2);
    expect((await inboxOf(person)).unread_count).toBe(3);
    const other = await person.call("POST", "/api/notifications/read", { ...body, notification_ids: [two] });
    expect(other.problem.code).toBe("idempotency_mismatch");
    const archive = (id = "", key = "") =>
      person.call<Notification>("POST", `/api/notifications/${id}/archive`, undefined, { "idempotency-key": key });
    const archived = ok(await archive(two, "archive-1"), 200);
    expect(ok(await archive(two, "archive-1"), 200)).toEqual(archived);
    expect((await archive(three, "archive-1")).problem.code).toBe("idempotency_mismatch");
    const together = await Promise.all(
      Array.from({ length: 6 }, () => read(person, { all: true, mutation_id: "read-all" })),
    );
    expect(together).toEqual([0, 0, 0, 0, 0, 0]);
    const told = await app.database.sql`
      select from events where room_id = ${person.id} and mutation_id in ('read-1', 'archive-1', 'read-all')`;
    expect(told.length).toBe(3);
  });
});
