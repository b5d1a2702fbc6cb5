import { expect, test } from "bun:test";
import { z } from "zod";
import { catchUpActivity } from "../../src/db/activity.ts";
import { activityProcessor } from "../../src/db/processors.ts";
import type { SeedResult } from "../../src/features/seed/options.ts";
import { peopleOf } from "../../src/features/seed/people.ts";
import { events as catalogue, type EventName } from "../../src/protocol/catalogue.ts";
import type { Comment } from "../../src/protocol/comments.ts";
import { parse } from "../../src/protocol/errors.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { createVisitor, refusal, signUp, type Visitor } from "../support/accounts.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import type { EventFrame } from "../support/contract-client.ts";
import { apply, differences, emptyState, hashState, stateOf } from "../support/fold.ts";
import type { Page } from "../support/people.ts";
import { contents, runSeed } from "../support/seed.ts";

interface Told {
  readonly task: Task;
  readonly changes?: Partial<Task> & { readonly checklist?: unknown };
  readonly old_status?: string;
  readonly new_status?: string;
  readonly assignee_ids?: string[];
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
}

const Signed = z.object({ user: z.object({ id: z.string() }) });

async function signIn(app: TestApp, email: string, password: string | null): Promise<Visitor> {
  const visitor = createVisitor(app.url);
  const { status, body } = await visitor.call("POST", "/api/auth/sign-in/email", { email, password });
  expect(status).toBe(200);
  Signed.parse(body);
  return visitor;
}

/** The body of an answer; what it is, is checked against its schema by the server. */
async function get<Body>(visitor: Visitor, path: string): Promise<Body> {
  const { status, body } = await visitor.call("GET", path);
  if (status !== 200) throw new Error(`${path} was answered ${status}`);
  return JSON.parse(JSON.stringify(body));
}

/** What a client that joins with `since` 0 makes of the whole log, beside what is there. */
async function bothStates(visitor: Visitor, projectId: string) {
  const folded = emptyState();
  const names = new Map<string, number>();
  for (let more = true; more; ) {
    const page = await get<{ readonly items: readonly EventFrame[] }>(
      visitor,
      `/api/projects/${projectId}/events?since=${folded.seq}&limit=500`,
    );
    for (const frame of page.items) {
      expect(frame.seq).toBe(folded.seq + 1);
      names.set(frame.event, (names.get(frame.event) ?? 0) + 1);
      apply(folded, frame);
    }
    more = page.items.length > 0;
  }
  const snapshot = await get<Snapshot>(visitor, `/api/projects/${projectId}/snapshot`);
  const all = await get<Page<{ id: string }>>(visitor, `/api/projects/${projectId}/tasks?limit=200&archived=all`);
  const comments: Comment[] = [];
  for (const { id } of all.items)
    comments.push(...(await get<Page<Comment>>(visitor, `/api/tasks/${id}/comments?limit=200`)).items);
  return { folded, snapshot, stored: stateOf(snapshot, comments), names };
}

async function expectAgreement(visitor: Visitor, projectId: string) {
  const both = await bothStates(visitor, projectId);
  const shown = (state: typeof both.folded) => ({
    ...state,
    tasks: new Map([...state.tasks].filter(([, task]) => task.archived_at === null)),
  });
  expect(differences(shown(both.folded), both.stored)).toEqual([]);
  expect(hashState(both.folded)).toBe(hashState(both.stored));
  expect(both.folded.seq).toBe(both.snapshot.seq);
  return both;
}

const small = { people: 5, projects: 2, tasks: 90 } as const;
const firstOf = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error("there is none");
  return item;
};

describeApp("the seed", (app) => {
  let seeded: Promise<SeedResult> | undefined;
  const theSeed = () => {
    seeded ??= runSeed(app.database, small);
    return seeded;
  };
  const visit = async (): Promise<Visitor> => {
    const { people, password } = await theSeed();
    return signIn(app, firstOf(people).email, password);
  };

  test("its people sign in with the one password that is told, and the first administrates a server without accounts", async () => {
    const { people, password, administrator, projects } = await theSeed();
    expect(people.map(({ made }) => made)).toEqual([true, true, true, true, true]);
    expect(administrator).toBe(firstOf(people).email);
    expect(projects.map(({ tasks, made }) => [tasks, made])).toEqual([
      [45, 45],
      [45, 45],
    ]);
    for (const { email, name } of [people[0], people[4]].flatMap((person) => person ?? [])) {
      const visitor = await signIn(app, email, password);
      const { items } = await get<Page<{ id: string }>>(visitor, "/api/projects");
      expect(items.map(({ id }) => id)).toEqual(projects.map(({ id }) => id));
      const me = await get<{ name: string; role: string }>(visitor, "/api/me");
      expect([me.name, me.role]).toEqual([name, email === administrator ? "admin" : "user"]);
    }
    const text = JSON.stringify(await app.database.sql`select * from accounts`);
    expect(text).not.toContain(password ?? "");
  });

  test("[S6] whoever folds a project's log from its beginning has what a snapshot shows, without a gap", async () => {
    const visitor = await visit();
    const { projects } = await theSeed();
    for (const { id } of projects) {
      const { names, snapshot, stored } = await expectAgreement(visitor, id);
      expect(names.get("task_created")).toBe(45);
      expect(snapshot.tasks.length).toBeGreaterThan(35);
      expect(stored.comments.size).toBeGreaterThan(10);
      const wanted = ["task_status_changed", "task_assigned", "task_updated", "member_added", "project_updated"];
      expect(wanted.filter((name) => !names.has(name))).toEqual([]);
      const used = new Set(snapshot.tasks.flatMap(({ label_ids }) => label_ids));
      expect(used.size).toBeGreaterThan(3);
      expect(snapshot.tasks.some(({ parent_id }) => parent_id !== null)).toBe(true);
    }
  });

  test("[S3] every event is what the server would have written: nothing is missing in its data, and nothing is more", async () => {
    await theSeed();
    const rows = await app.database.sql<{ event: EventName; data: string; actor: string; seq: number }[]>`
      select event, data, actor, seq from events where seq > 0`;
    expect(rows.length).toBeGreaterThan(300);
    for (const { event, data, actor } of rows) {
      const given: unknown = JSON.parse(data);
      const parsed: unknown = parse(catalogue[event].data, given);
      expect(parsed).toEqual(given);
      expect(JSON.parse(actor)).toEqual({ id: expect.any(String), name: expect.any(String), kind: "user" });
    }
  });

  test("[S12] each event tells what changed since the one before, and one write is one version", async () => {
    const { projects } = await theSeed();
    const rows = await app.database.sql<{ event: string; part: number; data: string; ms: number }[]>`
      select event, mutation_part as part, data, (extract(epoch from at) * 1000)::bigint as ms from events
      where room_id = any(${projects.map(({ id }) => id)}::uuid[]) and event like 'task%' order by room_id, seq`;
    const tasks = new Map<string, Task>();
    let sameWrite = 0;
    for (const { event, part, data, ms } of rows) {
      const told: Told = JSON.parse(data);
      const { task } = told;
      const before = tasks.get(task.id);
      tasks.set(task.id, task);
      expect(Date.parse(task.updated_at)).toBe(Number(ms));
      if (event === "task_created")
        expect([before, task.version, task.created_at]).toEqual([undefined, 1, task.updated_at]);
      if (!before) continue;
      if (part > 0) sameWrite++;
      expect(task.version).toBe(before.version + (part === 0 ? 1 : 0));
      // The first event of a write carries all of its changes; the others tell of one that is in there already.
      if (part > 0) continue;
      const { checklist, ...changes } = told.changes ?? {};
      const fields: Partial<Task> = {
        ...changes,
        ...(told.new_status !== undefined && { status: told.new_status }),
        ...(told.assignee_ids && { assignee_ids: told.assignee_ids }),
      };
      expect(task).toMatchObject(fields);
      if (told.new_status) expect([told.old_status, before.status === task.status]).toEqual([before.status, false]);
      if (told.assignee_ids) {
        const without = (ids: readonly string[], others: readonly string[]) => ids.filter((id) => !others.includes(id));
        expect(told.added).toEqual(without(task.assignee_ids, before.assignee_ids));
        expect(told.removed).toEqual(without(before.assignee_ids, task.assignee_ids));
      }
      if (event === "task_updated" && !checklist) expect(before).not.toMatchObject(fields);
    }
    expect(sameWrite).toBeGreaterThan(0);
  });

  test("[H5] a project's log runs in the order of time, over weeks, up to now and not beyond; tasks fit their columns", async () => {
    const { projects } = await theSeed();
    for (const { id } of projects) {
      const rows = await app.database.sql<{ ms: number }[]>`
        select (extract(epoch from at) * 1000)::bigint as ms from events where room_id = ${id} order by seq`;
      const times = rows.map(({ ms }) => Number(ms));
      expect(times).toEqual([...times].sort((one, other) => one - other));
      expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
      expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(6 * 7 * 24 * 60 * 60 * 1000);
    }
    const odd = await app.database.sql`
      select t.key from tasks t join columns c on c.project_id = t.project_id and c.status = t.status
      where (t.completed_at is not null) <> c.done or t.updated_at < t.created_at or t.completed_at < t.created_at
        or t.start_at > t.due_at or t.all_day and t.due_at <> date_trunc('day', t.due_at, 'UTC')
        or t.id = any(t.blocked_by_ids)`;
    expect([...odd]).toEqual([]);
    const [counts] = await app.database.sql<{ open: number; done: number; due: number; blocked: number }[]>`
      select count(*) filter (where completed_at is null) as open, count(completed_at) as done,
        count(*) filter (where completed_at is null and due_at > now()) as due,
        count(*) filter (where blocked_by_ids <> '{}') as blocked from tasks`;
    for (const count of [counts?.open, counts?.done, counts?.due, counts?.blocked]) expect(count).toBeGreaterThan(0);
  });

  test("checklists are as they were told last", async () => {
    await theSeed();
    const told = await app.database.sql<{ task_id: string; list: unknown }[]>`
      select distinct on (1) data::json ->> 'task_id' as task_id, data::json #> '{changes,checklist}' as list
      from events where event = 'task_updated' and data::json #> '{changes,checklist}' is not null order by 1, seq desc`;
    expect(told.length).toBeGreaterThan(0);
    const visitor = await visit();
    for (const { task_id, list } of told)
      expect((await get<Page<object>>(visitor, `/api/tasks/${task_id}/checklist`)).items).toEqual(
        JSON.parse(JSON.stringify(list)),
      );
  });

  test("activity is what would have been made of the log", async () => {
    const { projects } = await theSeed();
    const { sql } = app.database;
    const read = async () => {
      const rows = await sql<{ data: string; seq: number }[]>`
        select project_id, seq, task_id, event, at, actor, data from activity order by project_id, seq`;
      return rows.map((row) => ({ ...row, data: JSON.parse(row.data) }));
    };
    const written = await read();
    expect(written.length).toBeGreaterThan(300);
    await sql`delete from activity`;
    await sql`delete from positions where processor = ${activityProcessor}`;
    for (const { id } of projects) await catchUpActivity(app.database, id);
    expect(await read()).toEqual(written);
  });

  test("a second run with the same options changes nothing, whatever people did in between", async () => {
    const visitor = await visit();
    const { projects, people } = await theSeed();
    const at = `/api/projects/${firstOf(projects).id}`;
    const task = firstOf((await get<Snapshot>(visitor, `${at}/snapshot`)).tasks);
    const leaver = people[3]?.id;
    expect((await visitor.call("DELETE", `/api/tasks/${task.id}`)).status).toBe(204);
    expect((await visitor.call("DELETE", `${at}/members/${leaver}`)).status).toBe(204);
    // The log's readers go on meanwhile.
    const contentsNow = async () => ({ ...(await contents(app.database)), positions: null });
    const before = await contentsNow();
    const again = await runSeed(app.database, small);
    expect(await contentsNow()).toEqual(before);
    expect(again).toEqual({
      people: people.map((person) => ({ ...person, made: false })),
      projects: projects.map((project) => ({ ...project, made: 0 })),
      password: null,
      administrator: null,
    });
  });

  test("a run that asks for more adds what is missing to projects that people work in", async () => {
    const visitor = await visit();
    const { projects } = await theSeed();
    const at = `/api/projects/${firstOf(projects).id}`;
    const own = async (title: string) => (await visitor.call("POST", `${at}/tasks`, { title })).status;
    expect(await own("Between the runs")).toBe(201);
    const reports: string[] = [];
    const working: Promise<number>[] = [];
    const result = await runSeed(
      app.database,
      { ...small, people: 7, tasks: 220 },
      {
        report: ({ step, done, total }) => {
          reports.push(`${step} ${done}/${total}`);
          if (step === "tasks" && done < total) working.push(own(`Meanwhile ${done}`));
        },
      },
    );
    expect(await Promise.all(working)).toEqual(working.map(() => 201));
    expect(working.length).toBeGreaterThan(1);
    expect(result.projects.map(({ tasks, made }) => [tasks, made])).toEqual([
      [110, 65],
      [110, 65],
    ]);
    expect(result.people.map(({ made }) => made)).toEqual([false, false, false, false, false, true, true]);
    expect(reports.slice(0, 3)).toEqual(["people 0/7", "people 7/7", "tasks 0/130"]);
    expect(reports.at(-1)).toBe("tasks 130/130");
    for (const { id } of projects) await expectAgreement(visitor, id);
    const { members } = await get<Snapshot>(visitor, `${at}/snapshot`);
    // One was removed by a person, and stays so.
    expect(members.length).toBe(6);
    const before = await contents(app.database);
    await runSeed(app.database, { ...small, people: 7, tasks: 220 });
    expect(await contents(app.database)).toEqual(before);
  });

  test("the owner asked for owns the projects, is given work, and nothing is said in their name", async () => {
    await theSeed();
    const owner = await signUp(app.url);
    const options = { seed: 2, people: 3, projects: 1, tasks: 40, owner: ` ${owner.email.toUpperCase()} ` };
    const { projects, administrator } = await runSeed(app.database, options);
    expect(administrator).toBeNull();
    const { id } = firstOf(projects);
    const { members, tasks } = await get<Snapshot>(owner.visitor, `/api/projects/${id}/snapshot`);
    expect(members.map(({ role }) => role).sort()).toEqual(["admin", "member", "owner", "owner"]);
    expect(tasks.some(({ assignee_ids }) => assignee_ids.includes(owner.id))).toBe(true);
    await expectAgreement(owner.visitor, id);
    const joined = await app.database.sql`select event from events where room_id = ${owner.id}`;
    expect(joined.map(({ event }) => event)).toEqual(["project_joined"]);
    const own = await app.database.sql`select seq from events where room_id = ${id} and actor_id = ${owner.id}`;
    expect([...own]).toEqual([]);
    expect(await refusal(runSeed(app.database, { ...options, owner: "nobody@example.org" }))).toBe("not_found");
  });

  test("one of its own people can be the owner asked for, also of projects that are there", async () => {
    await theSeed();
    const [, , third] = peopleOf(5, 3);
    const options = { seed: 5, people: 3, projects: 1, tasks: 10 };
    await runSeed(app.database, options);
    const result = await runSeed(app.database, { ...options, projects: 2, tasks: 20, owner: third?.email });
    const roles = await app.database.sql`select project_id, role from members where user_id = ${third?.id ?? ""}`;
    expect(roles.map(({ role }) => role)).toEqual(["owner", "owner"]);
    expect(result.projects.map(({ tasks }) => tasks)).toEqual([10, 10]);
    const [told] = await app.database.sql`
      select data::json #>> '{member,role}' as role from events where event = 'member_updated'`;
    expect(told?.role).toBe("owner");
  });

  test("nobody is told or reminded of what is made up, also where it is added to", async () => {
    await theSeed();
    const { sql } = app.database;
    const options = { seed: 11, people: 3, projects: 1, tasks: 60 };
    const owner = peopleOf(11, 3)[1]?.email;
    const { projects } = await runSeed(app.database, options);
    for (const more of [{}, { people: 5, tasks: 130 }, { people: 5, tasks: 130, owner }]) {
      await runSeed(app.database, { ...options, ...more });
      const behind = await sql`select n.name from (values ('notifications'), ('reminders')) n(name)
        join rooms r on r.id = ${firstOf(projects).id}
        left join positions p on p.processor = n.name and p.room_id = r.id where r.seq > coalesce(p.seq, 0)`;
      expect([...behind]).toEqual([]);
    }
    const told = await sql`select type from notifications where project_id = ${firstOf(projects).id}`;
    expect([...told]).toEqual([]);
  });

  test("it takes nobody's account over", async () => {
    await theSeed();
    const last = peopleOf(3, 9).at(-1);
    await signUp(app.url, { email: last?.email });
    const before = await contents(app.database);
    const code = await refusal(runSeed(app.database, { seed: 3, people: 9, tasks: 0, projects: 1 }));
    expect([code, await contents(app.database)]).toEqual(["conflict", before]);
  });
});
