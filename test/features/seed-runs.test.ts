import { describe, expect, test } from "bun:test";
import type { Database } from "../../src/db/open.ts";
import { createMemoryBroker } from "../../src/realtime/broker/memory.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases } from "../support/db.ts";
import { makeNode } from "../support/nodes.ts";
import { contents, runSeed } from "../support/seed.ts";

const options = { people: 4, projects: 2, tasks: 120, password: "a password for all of them" } as const;
const dayMs = 24 * 60 * 60 * 1000;

class Stopped extends Error {}

/** Reads the log of all rooms and the tables that are made of it; not what chance gives: epochs, hashes, keys of now. */
async function story({ sql }: Database) {
  return {
    events: [
      ...(await sql`select room_id, seq, event, at, actor, mutation_part, data from events
      where event <> 'project_joined' order by room_id, seq`),
    ],
    tasks: [...(await sql`select * from tasks order by id`)],
    comments: [...(await sql`select * from comments order by id`)],
    items: [...(await sql`select * from checklist_items order by id`)],
    activity: [...(await sql`select * from activity order by project_id, seq`)],
    members: [...(await sql`select * from members order by project_id, user_id`)],
    labels: [...(await sql`select * from labels order by id`)],
    people: [...(await sql`select id, name, email, role from users order by id`)],
    rooms: [...(await sql`select id, seq, revision from rooms order by id`)],
  };
}

async function expectWholeLog({ sql }: Database): Promise<void> {
  const rooms = await sql`
    select r.id from rooms r left join lateral (
      select count(*) as count, coalesce(max(seq), 0) as last from events e where e.room_id = r.id) e on true
    where e.count <> r.seq or e.last <> r.seq`;
  expect([...rooms]).toEqual([]);
}

describe.each(databases.map(({ name, open }) => ({ database: name, open })))(
  "runs of the seed on $database",
  ({ open }) => {
    test("the same seed at the same time gives the same, however often a run was stopped on its way", async () => {
      const [whole, stopped] = [await open(), await open()];
      const many = { ...options, tasks: 400 };
      try {
        await runSeed(whole.database, many, { clock: createMovableClock() });
        const clock = createMovableClock();
        let runs = 0;
        let hidden = 0;
        for (let over = false; !over; runs++) {
          const report = ({ step, done, total }: { step: string; done: number; total: number }): void => {
            if (step === "tasks" && done > 0 && done < total) throw new Stopped();
          };
          over = await runSeed(stopped.database, many, { clock, report }).then(
            () => true,
            (error) => {
              if (error instanceof Stopped) return false;
              throw error;
            },
          );
          await expectWholeLog(stopped.database);
          const unseen = await stopped.database.sql`
          select id from projects p where not exists (select from members m where m.project_id = p.id)`;
          hidden += unseen.length;
          clock.jump(60_000);
        }
        // It stops after each batch that is not the last.
        expect(runs).toBeGreaterThan(2);
        expect(hidden).toBeGreaterThan(0);
        const [one, other] = [await story(stopped.database), await story(whole.database)];
        // The second project was begun some minutes later.
        const first = (all: typeof one) => ({ people: all.people, labels: all.labels, tasks: all.tasks.slice(0, 200) });
        expect(first(one)).toEqual(first(other));
        expect(one.events.length).toBeGreaterThan(300);
        expect(one.tasks.map(({ title }) => title)).toEqual(other.tasks.map(({ title }) => title));
      } finally {
        await whole.close();
        await stopped.close();
      }
    });

    test("another seed is another world beside the first; the same one elsewhere is the same", async () => {
      const [here, there] = [await open(), await open()];
      try {
        const clock = createMovableClock();
        await runSeed(here.database, options, { clock });
        await runSeed(there.database, { ...options, seed: 7, tasks: 30 }, { clock });
        const before = await here.database.sql`select id from tasks`;
        await runSeed(here.database, { ...options, seed: 7, tasks: 30 }, { clock });
        await expectWholeLog(here.database);
        const ids = before.map(({ id }) => id);
        const rest = await here.database
          .sql`select id, title, description from tasks where id <> all(${ids}::uuid[]) order by id`;
        const same = await there.database.sql`select id, title, description from tasks order by id`;
        expect(rest.length).toBe(30);
        expect([...rest]).toEqual([...same]);
      } finally {
        await here.close();
        await there.close();
      }
    });

    test("of two runs at once nothing is made twice", async () => {
      const { database, close } = await open();
      try {
        const runs = await Promise.allSettled([runSeed(database, options), runSeed(database, options)]);
        expect(runs.some(({ status }) => status === "fulfilled")).toBe(true);
        await runSeed(database, options);
        await expectWholeLog(database);
        const [counts] = await database.sql`
        select (select count(*) from users) as users, (select count(*) from projects) as projects,
          (select count(*) from tasks) as tasks, (select count(*) from members) as members`;
        expect({ ...counts }).toEqual({ users: 4, projects: 2, tasks: 120, members: 8 });
        const passwords = runs.flatMap((run) => (run.status === "fulfilled" && run.value.password !== null ? [1] : []));
        expect(passwords.length).toBeLessThanOrEqual(1);
      } finally {
        await close();
      }
    });

    test("an open board hears what is added, in order and once, and a new project is told to its people", async () => {
      const { database, close } = await open();
      const test = makeNode(database, createMemoryBroker());
      await test.node.start();
      try {
        const committed = test.node.store.committed;
        const { projects, people } = await runSeed(database, options, { committed });
        const [project] = projects;
        const [person] = people;
        if (!project || !person) throw new Error("there is none");
        const [room] = await database.sql<{ seq: number; epoch: string }[]>`
          select seq, epoch from rooms where id = ${project.id}`;
        const [own] = await database.sql<{ seq: number; epoch: string }[]>`
          select seq, epoch from rooms where id = ${person.id}`;
        const before = Number(room?.seq);
        for (const name of [`project:${project.id}`, `user:${person.id}`] as const) test.node.live.relay.follow(name);
        test.node.live.relay.start(`project:${project.id}`, before, room?.epoch ?? "");
        test.node.live.relay.start(`user:${person.id}`, Number(own?.seq), own?.epoch ?? "");
        await runSeed(database, { ...options, projects: 3, tasks: 300 }, { committed });
        const [after] = await database.sql<{ seq: number }[]>`select seq from rooms where id = ${project.id}`;
        const added = Number(after?.seq) - before;
        expect(added).toBeGreaterThan(100);
        const frames = await test.heard(`project:${project.id}`, added);
        const seqs = frames.map((frame): number => JSON.parse(frame).seq);
        expect(seqs).toEqual(Array.from({ length: added }, (_, i) => before + 1 + i));
        const [joined = ""] = await test.heard(`user:${person.id}`, 1);
        expect(JSON.parse(joined).event).toBe("project_joined");
      } finally {
        await test.node.stop();
        await close();
      }
    });

    test("nothing is added to a project that was deleted, or has no columns or none of its people any more", async () => {
      const { database, close } = await open();
      try {
        const { projects } = await runSeed(database, { ...options, projects: 3 });
        const [gone, bare, left] = projects.map(({ id }) => id);
        if (!gone || !bare || !left) throw new Error("there is none");
        await database.sql`update projects set deleted_at = now() where id = ${gone}`;
        await database.sql`delete from columns where project_id = ${bare}`;
        await database.sql`delete from members where project_id = ${left}`;
        const before = await contents(database);
        const result = await runSeed(database, { ...options, projects: 3, tasks: 240 });
        expect(await contents(database)).toEqual(before);
        expect(result.projects.map(({ id, made }) => [id, made])).toEqual([
          [bare, 0],
          [left, 0],
        ]);
      } finally {
        await close();
      }
    });

    test("a day later the tasks that are added lead up to that day", async () => {
      const { database, close } = await open();
      try {
        const clock = createMovableClock();
        await runSeed(database, { ...options, projects: 1, tasks: 40 }, { clock });
        clock.jump(30 * dayMs);
        await runSeed(database, { ...options, projects: 1, tasks: 100 }, { clock });
        await expectWholeLog(database);
        const [row] = await database.sql<{ last: string }[]>`select max(created_at) as last from tasks`;
        const ageMs = clock.now() - Date.parse(row?.last ?? "");
        expect(ageMs).toBeGreaterThan(0);
        expect(ageMs).toBeLessThan(5 * dayMs);
      } finally {
        await close();
      }
    });
  },
);
