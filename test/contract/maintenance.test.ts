import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Clock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";
import { createMaintenance } from "../../src/db/maintenance.ts";
import { readSince } from "../../src/realtime/log.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeProject, silent } from "../support/nodes.ts";

const day = 24 * 60 * 60 * 1000;

for (const { name, open } of databases) {
  describe(`maintenance on ${name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const maintain = (clock: Clock, log = silent) =>
      createMaintenance({ database: db.database, clock, log, retentionDays: 90, notificationRetentionDays: 180 });

    /** What people are told, and reminded of, is made of the log up to here. */
    const read = async (roomId: string, seq: number, names = ["notifications", "reminders"]) => {
      await db.database.sql`insert into positions (processor, room_id, seq)
        select name, ${roomId}, ${seq} from unnest(${names}::text[]) name
        on conflict (processor, room_id) do update set seq = excluded.seq`;
    };

    const makeEvents = async (roomId: string, count: number, at: string, from = 1) => {
      const { sql } = db.database;
      await sql`insert into events (room_id, seq, event, at, data)
        select ${roomId}, n, 'task_updated', ${at}, '{}' from generate_series(${from}::int, ${from + count - 1}::int) n`;
      await sql`update rooms set seq = ${from + count - 1} where id = ${roomId}`;
      await read(roomId, from + count - 1);
    };

    test("removes events past their retention, oldest first, and says how far history reaches back", async () => {
      const clock = createMovableClock();
      const project = await makeProject(db.database, [makeActor("Ana")], 0);
      const young = await makeProject(db.database, [makeActor("Bo")], 0);
      const old = new Date(clock.now() - 91 * day).toISOString();
      const recent = new Date(clock.now() - 89 * day).toISOString();
      await makeEvents(project.id, 2_300, old);
      await makeEvents(project.id, 5, recent, 2_301);
      await makeEvents(young.id, 3, recent);
      const maintenance = maintain(clock);
      expect(await maintenance.run()).toBe(2_300);
      const page = await readSince(db.database, project.id, 0, 100);
      expect(page?.trimmedSeq).toBe(2_300);
      expect(page?.events.map((event) => event.seq)).toEqual([2_301, 2_302, 2_303, 2_304, 2_305]);
      expect((await readSince(db.database, young.id, 0, 100))?.trimmedSeq).toBe(0);
      expect(await maintenance.run()).toBe(0);
    });

    test("no event goes before its activity is made, and that stays", async () => {
      const { sql } = db.database;
      const clock = createMovableClock();
      const project = await makeProject(db.database, [makeActor("Dee")], 0);
      const old = new Date(clock.now() - 91 * day).toISOString();
      await makeEvents(project.id, 2_300, old);
      await maintain(clock).run();
      expect((await readSince(db.database, project.id, 0, 10))?.events).toEqual([]);
      const kept = await sql<{ seq: number; event: string }[]>`
        select seq, event from activity where project_id = ${project.id} order by seq`;
      expect([...kept]).toEqual(Array.from({ length: 2_300 }, (_, i) => ({ seq: i + 1, event: "task_updated" })));
    });

    test("a project whose events cannot be read keeps them; people's rooms have no activity", async () => {
      const { sql } = db.database;
      const clock = createMovableClock();
      const actor = makeActor("Eli");
      const [project, other] = [await makeProject(db.database, [actor], 0), await makeProject(db.database, [actor], 0)];
      const old = new Date(clock.now() - 91 * day).toISOString();
      for (const { id } of [actor, project, other]) await makeEvents(id, 4, old);
      await sql`update events set data = '{"task_id": "none"}' where room_id = ${project.id} and seq = 3`;
      const errors: object[] = [];
      const log: Log = Object.assign(Object.create(silent), { error: (fields: object) => void errors.push(fields) });
      const maintenance = maintain(clock, log);
      expect(await maintenance.run()).toBe(8);
      expect(errors).toEqual([{ err: expect.any(Error), project: project.id }]);
      expect((await readSince(db.database, project.id, 0, 10))?.events.length).toBe(4);
      await sql`update events set data = '{}' where room_id = ${project.id} and seq = 3`;
      expect(await maintenance.run()).toBe(4);
      const kept = await sql<{ room_id: string }[]>`select distinct project_id as room_id from activity
        where project_id in (${project.id}, ${other.id}, ${actor.id})
        union select room_id from positions where processor = 'activity' and room_id in (${project.id}, ${other.id}, ${actor.id})`;
      expect(kept.map(({ room_id }) => room_id).sort()).toEqual([project.id, other.id].sort());
    });

    test("no event goes before everybody was told and will be reminded of it", async () => {
      const clock = createMovableClock();
      const project = await makeProject(db.database, [makeActor("Flo")], 0);
      await makeEvents(project.id, 50, new Date(clock.now() - 91 * day).toISOString());
      const left = async () => (await readSince(db.database, project.id, 0, 100))?.events.length;
      await read(project.id, 20, ["notifications"]);
      await read(project.id, 30, ["reminders"]);
      await maintain(clock).run();
      expect(await left()).toBe(30);
      await read(project.id, 50, ["notifications"]);
      await maintain(clock).run();
      expect(await left()).toBe(20);
      await db.database.sql`delete from positions where room_id = ${project.id} and processor = 'reminders'`;
      await maintain(clock).run();
      expect(await left()).toBe(20);
    });

    test("notifications go when they are old, but for what is still snoozed", async () => {
      const { sql } = db.database;
      const clock = createMovableClock();
      const person = makeActor("Gil");
      await makeProject(db.database, [person], 0);
      const add = (count: number, days: number, snoozed: string | null = null) => sql`
        insert into notifications (id, user_id, type, category, message, updated_at, snoozed_until)
        select gen_random_uuid(), ${person.id}, ${`${days}`}, 'messages', 'x',
          ${new Date(clock.now() - days * day).toISOString()}, ${snoozed} from generate_series(1, ${count}::int)`;
      await add(2_500, 181);
      await add(2, 179);
      await add(1, 182, "9999-01-01T00:00:00.000Z");
      await sql`insert into deliveries (notification_id, channel, user_id)
        select id, 'mail', user_id from notifications where user_id = ${person.id}`;
      await maintain(clock).run();
      const kept = await sql<{ type: string }[]>`
        select n.type from notifications n join deliveries d on d.notification_id = n.id where n.user_id = ${person.id}`;
      expect(kept.map(({ type }) => type).sort()).toEqual(["179", "179", "182"]);
    });

    test("a job that failed for good goes when it is as old as that, and nothing that is still to be done", async () => {
      const { sql } = db.database;
      const clock = createMovableClock();
      const at = (days: number) => new Date(clock.now() - days * day).toISOString();
      const add = (count: number, key: string, dead: string | null) => sql`
        insert into jobs (id, kind, key, payload, due_at, created_at, dead_at)
        select gen_random_uuid(), 'mail', ${key} || n, '{}', ${at(400)}, ${at(400)}, ${dead} from generate_series(1, ${count}::int) n`;
      await add(2_500, "old", at(181));
      await add(1, "recent", at(179));
      await add(1, "waiting", null);
      await maintain(clock).run();
      const kept = await sql<{ key: string }[]>`select key from jobs where kind = 'mail' order by key`;
      expect(kept.map(({ key }) => key)).toEqual(["recent1", "waiting1"]);
    });

    test("[H4] keeps the answers of writes without events for a day", async () => {
      const { sql } = db.database;
      const clock = createMovableClock();
      const actor = Bun.randomUUIDv7();
      for (const [id, ageMs] of [
        ["fresh", day - 60_000],
        ["old", day + 60_000],
      ] as const)
        await sql`insert into mutations (actor_id, mutation_id, mutation_hash, created_at)
          values (${actor}, ${id}, 1, ${new Date(clock.now() - ageMs).toISOString()})`;
      await maintain(clock).run();
      const left = await sql<{ mutation_id: string }[]>`select mutation_id from mutations where actor_id = ${actor}`;
      expect(left.map((row) => row.mutation_id)).toEqual(["fresh"]);
    });

    test("runs every hour by itself and stops when told", async () => {
      const clock = createMovableClock();
      const project = await makeProject(db.database, [makeActor("Cy")], 0);
      await makeEvents(project.id, 2, new Date(clock.now() - 89.99 * day).toISOString());
      const told = Promise.withResolvers<object>();
      const log: Log = Object.assign(Object.create(silent), { info: (fields: object) => told.resolve(fields) });
      const maintenance = maintain(clock, log);
      maintenance.start();
      clock.advance(60 * 60 * 1000);
      expect(await told.promise).toMatchObject({ events: 2 });
      await maintenance.stop();
      expect((await readSince(db.database, project.id, 0, 10))?.trimmedSeq).toBe(2);
    });
  });
}
