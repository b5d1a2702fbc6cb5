import { expect, test } from "bun:test";
import type { Database } from "../../src/db/open.ts";
import { notifications } from "../../src/features/notifications/from-events.ts";
import { reminderPlanning } from "../../src/features/reminders/from-events.ts";
import { createProcessor } from "../../src/jobs/processor.ts";
import { claim } from "../../src/jobs/queue.ts";
import type { ChecklistItem } from "../../src/protocol/checklist.ts";
import type { Comment } from "../../src/protocol/comments.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases } from "../support/db.ts";
import { inboxOf } from "../support/inbox.ts";
import { makeAdministrator } from "../support/keys.ts";
import { silent } from "../support/nodes.ts";
import { addMember, makeComment, makePerson, makeProject, makeTask, ok, type Person } from "../support/people.ts";
import { makeBrowser } from "../support/push.ts";
import { storeOf } from "../support/reminders.ts";

/** 2,000 projects of other people with 10 tasks each, a comment and an event for each task. */
async function fill({ sql }: Database, userId: string): Promise<void> {
  await sql`create table seed as select n, gen_random_uuid() as id, gen_random_uuid() as person
    from generate_series(1, 2000) n`;
  await sql`insert into users (id, name, email) select person, 'x', person || '@example.org' from seed`;
  await sql`insert into projects (id, key, name, created_by) select id, 'S' || n, 'x', ${userId} from seed`;
  await sql`insert into rooms (id, kind, epoch, seq) select id, 'project', 'e', 10 from seed`;
  await sql`insert into positions (processor, room_id, seq)
    select name, id, 10 from seed, unnest(array['activity', 'notifications', 'reminders']) name`;
  await sql`insert into rooms (id, kind, epoch) select person, 'user', 'e' from seed`;
  await sql`insert into members (project_id, user_id, role) select id, person, 'owner' from seed`;
  await sql`insert into columns (id, project_id, status, name, position)
    select gen_random_uuid(), id, 'todo', 'x', 'a1' from seed`;
  await sql`insert into labels (id, project_id, name, color) select gen_random_uuid(), id, 'x', '#fff' from seed`;
  await sql`insert into tasks (id, project_id, number, key, title, status, position, created_by)
    select gen_random_uuid(), id, i, 'x', 'x', 'todo', 'a1', ${userId} from seed, generate_series(1, 10) i`;
  await sql`insert into comments (id, task_id, author_id, content) select gen_random_uuid(), id, ${userId}, 'x' from tasks`;
  await sql`update tasks t set blocked_by_ids = array[o.id] from tasks o
    where o.project_id = t.project_id and o.number = t.number - 1`;
  await sql`insert into watchers (task_id, user_id) select t.id, s.person from tasks t join seed s on s.id = t.project_id`;
  await sql`insert into checklist_items (id, task_id, title, position, created_by)
    select gen_random_uuid(), id, 'x', 'a1', ${userId} from tasks`;
  await sql`insert into activity (project_id, seq, task_id, event, at, data)
    select project_id, number, id, 'task_created', now(), '{}' from tasks`;
  await sql`insert into events (room_id, seq, event, at, data)
    select id, i, 'x_seed', now(), '{}' from seed, generate_series(1, 10) i`;
  await sql`insert into notifications (id, user_id, type, category, message, collapse_key, project_id, task_id)
    select gen_random_uuid(), s.person, 'comment', 'comments', 'x', 'comment:' || t.id, s.id, t.id
    from tasks t join seed s on s.id = t.project_id`;
  await sql`insert into deliveries (notification_id, channel, user_id)
    select id, channel, user_id from notifications, unnest(array['mail', 'push']) channel`;
  await sql`insert into notification_preferences (user_id, project_id, settings)
    select person, project, '{}' from seed, unnest(array[null, id]) project`;
  await sql`insert into push_subscriptions (id, user_id, endpoint, p256dh, auth)
    select gen_random_uuid(), person, 'https://push.example.org/' || n, 'x', 'x' from seed`;
  await sql`insert into jobs (id, kind, key, payload, due_at)
    select gen_random_uuid(), channel, notification_id, '{}', '2100-01-01' from deliveries`;
  await sql`drop table seed`;
  await sql`analyze`;
}

const watched = [
  "users",
  "projects",
  "members",
  "columns",
  "labels",
  "tasks",
  "watchers",
  "checklist_items",
  "comments",
  "rooms",
  "events",
  "positions",
  "activity",
  "notifications",
  "deliveries",
  "notification_preferences",
  "push_subscriptions",
  "jobs",
];

const connections = 2;

interface Reads {
  readonly relname: string;
  /** Scans of the whole table. */
  readonly seq_scan: number;
  /** Rows fetched by way of an index; a scan of a whole index fetches them all. */
  readonly idx_tup_fetch: number;
}

/** What was read so far. Each connection keeps its counts to itself until it is told to give them out. */
async function readsOf({ sql }: Database): Promise<Reads[]> {
  await Promise.all(Array.from({ length: connections }, () => sql`select pg_stat_force_next_flush(), pg_sleep(0.1)`));
  return sql<Reads[]>`select relname, seq_scan, idx_tup_fetch from pg_stat_user_tables
    where relname = any(${watched}::text[]) order by relname`;
}

/**
 * What stands around a task: dependencies, watchers, checklist, reactions; some of it stays until the task is deleted.
 * Answers the path of a task that waits for it.
 */
async function changeAround(ana: Person, ben: Person, task: Task, blocker: Task, comment: Comment): Promise<string> {
  const one = `/api/tasks/${task.id}`;
  const waiting = await ana.call<Task>("POST", `/api/projects/${task.project_id}/tasks`, { title: "waits" });
  ok(await ana.call("PUT", `${one}/blocked-by/${blocker.id}`), 200);
  ok(await ana.call("DELETE", `${one}/blocked-by/${blocker.id}`), 204);
  ok(await ana.call("PUT", `/api/tasks/${waiting.body.id}/blocked-by/${task.id}`), 200);
  for (const person of [ana, ben]) ok(await person.call("PUT", `${one}/watchers/me`), 204);
  ok(await ana.call("DELETE", `${one}/watchers/me`), 204);
  const items: ChecklistItem[] = [];
  for (const title of ["a", "b"])
    items.push(ok(await ana.call<ChecklistItem>("POST", `${one}/checklist`, { title }), 201));
  ok(await ana.call("PATCH", `/api/checklist/${items[1]?.id}`, { done: true, before: items[0]?.id }), 200);
  ok(await ana.call("DELETE", `/api/checklist/${items[0]?.id}`), 204);
  const reaction = `/api/comments/${comment.id}/reactions/${encodeURIComponent("\u{1F44D}")}`;
  for (const person of [ana, ben]) ok(await person.call("PUT", reaction), 200);
  ok(await ana.call("DELETE", reaction), 204);
  return `/api/tasks/${waiting.body.id}`;
}

/** Leaves so little room between the two that a move there must make some. */
async function crowd({ sql }: Database, low: string, high: string): Promise<void> {
  await sql`update tasks set position = 'a1' || repeat('0', 80) || case id when ${low} then '2' else '3' end
    where id in (${low}, ${high})`;
}

/** What each does with their inbox, and what puts entries in. */
async function useInbox(ana: Person, ben: Person, project: Project, round: number): Promise<void> {
  ok(await ana.call("POST", "/api/notifications/send", { user_ids: [ana.id, ben.id], type: "x", message: "x" }), 200);
  ok(await ana.call("POST", `/api/test/notification/${ben.id}`), 200);
  const { items } = await inboxOf(ben, "?unread=true&limit=200");
  expect(items.map(({ type }) => type).sort()).toEqual(["assigned", "mentioned", "test", "x"]);
  const [first, second] = items;
  ok(await ben.call("POST", "/api/notifications/read", { notification_ids: [first?.id] }), 200);
  ok(await ben.call("POST", `/api/notifications/${second?.id}/snooze`, { until: "2100-01-01T00:00:00Z" }), 200);
  ok(await ben.call("POST", `/api/notifications/${first?.id}/archive`), 200);
  ok(await ben.call("POST", "/api/notifications/read", { all: true }), 200);
  for (const query of ["?archived=true", "?snoozed=true", "?category=assigned", "?limit=1"]) await inboxOf(ben, query);
  const preferences = "/api/notifications/preferences";
  ok(await ben.call("PUT", preferences, { digest: round % 2 ? "daily" : "off" }), 200);
  ok(await ben.call("PUT", `${preferences}?project_id=${project.id}`, { channels: { status: { mail: true } } }), 200);
  ok(await ben.call("GET", preferences), 200);
  const { subscription } = makeBrowser(`http://127.0.0.1:9/${round}`);
  ok(await ben.call("POST", "/api/push-subscriptions", subscription), 201);
  ok(await ben.call("GET", "/api/push-subscriptions"), 200);
  ok(await ben.call("DELETE", "/api/push-subscriptions", { endpoint: subscription.endpoint }), 204);
}

async function changeStructure(admin: Person, at: string, task: Task): Promise<void> {
  const make = async (kind: string, body: object): Promise<string> =>
    `${at}/${kind}/${ok(await admin.call<{ id: string }>("POST", `${at}/${kind}`, body), 201).id}`;
  const column = await make("columns", { name: "Round", status: "round" });
  const label = await make("labels", { name: "Round", color: "#ffffff" });
  ok(await admin.call("PATCH", `/api/tasks/${task.id}`, { status: "round", label_ids: [label.slice(-36)] }), 200);
  ok(await admin.call("PATCH", column, { done: true }), 200);
  ok(await admin.call("PATCH", label, { name: "Other" }), 200);
  ok(await admin.call("DELETE", `${column}?move_to=todo`), 204);
  ok(await admin.call("DELETE", label), 204);
}

/** What a server does behind the requests, done by hand: the log's readers catch up, and somebody looks for jobs. */
async function catchUp(database: Database, project: Project): Promise<void> {
  const store = storeOf(database);
  for (const kind of [notifications(store, { mail: false, push: true }, () => {}), reminderPlanning]) {
    const clock = createMovableClock();
    const processor = createProcessor({ kind, store, clock, log: silent });
    processor.grown(project.id, 1);
    clock.advance(1_000);
    await processor.stop();
  }
  const wanted = ["broadcast", "unsnooze", "mail", "digest", "push"].map((kind) => ({ kind, free: 10 }));
  expect(await claim(database, crypto.randomUUID(), wanted, 1_000)).toEqual([]);
}

/** Rows of one table that all the requests below together may fetch: a tenth of what one scan of an index would. */
const fetchedMax = 2_000;

/** Of each table, what `happen` fetched, where that is too much. No table may be read whole. */
async function readTooMuch(database: Database, happen: () => Promise<void>): Promise<[table: string, rows: number][]> {
  const before = await readsOf(database);
  expect(before.map(({ relname }) => relname)).toEqual([...watched].sort());
  await happen();
  const after = await readsOf(database);
  const scans = (reads: Reads[]) => reads.map(({ relname, seq_scan }) => [relname, seq_scan]);
  expect(scans(after)).toEqual(scans(before));
  const fetched = after.map(({ relname, idx_tup_fetch }, i): [string, number] => [
    relname,
    idx_tup_fetch - (before[i]?.idx_tup_fetch ?? 0),
  ]);
  return fetched.filter(([, rows]) => rows > fetchedMax);
}

/** Often enough for PostgreSQL to choose a plan for all values. */
const rounds = 8;

async function requestEverything(app: TestApp, ana: Person, ben: Person): Promise<void> {
  const project = await makeProject(ana, { name: "Mine", key: "MINE" });
  const member = await addMember(ana, project, ben, "member");
  const at = `/api/projects/${project.id}`;
  for (let round = 0; round < rounds; round++) {
    const parent = await makeTask(ana, project);
    const task = await makeTask(ana, project, {
      title: "child",
      parent_id: parent.id,
      mutation_id: `make ${round}`,
    });
    const comment = await makeComment(ben, task, "Hello");
    const one = `/api/tasks/${task.id}`;
    ok(await ana.call("PATCH", one, { title: "Changed", mutation_id: `change ${round}` }), 200);
    ok(await ana.call("PATCH", one, { title: "Changed", mutation_id: `change ${round}` }), 200);
    ok(await ana.call("POST", `${one}/move`, { status: "review", before: parent.id }), 200);
    ok(await ana.call("POST", `${one}/move`, { status: "todo" }), 200);
    ok(await ana.call("PATCH", one, { parent_id: null, title: "Alone" }), 200);
    ok(await ana.call("PATCH", one, { parent_id: parent.id }), 200);
    const other = await makeTask(ana, project);
    await crowd(app.database, parent.id, other.id);
    const moved = await ana.call<Task>("POST", `${one}/move`, { status: "todo", after: parent.id });
    expect(ok(moved, 200).position.length).toBeLessThan(80);
    ok(await ana.call("DELETE", `/api/tasks/${other.id}`), 204);
    ok(await ben.call("PATCH", `/api/comments/${comment.id}`, { content: "Bye" }), 200);
    await changeStructure(ana, at, task);
    const waiting = await changeAround(ana, ben, task, parent, comment);
    for (const path of [
      "/api/projects",
      at,
      `${at}/snapshot`,
      `${at}/events`,
      `${at}/members`,
      `${at}/tasks`,
      `${at}/columns`,
      `${at}/labels`,
      `${at}/activity`,
      one,
      `${one}/activity`,
      `${one}/watchers`,
      `${one}/checklist`,
    ])
      ok(await ben.call("GET", path), 200);
    ok(await ben.call("GET", `${at}/tasks?q=hang&assignee=me&archived=all`), 200);
    ok(await ben.call("GET", `${one}/comments`), 200);
    ok(await ana.call("PATCH", `${at}/members/${member.user_id}`, { role: round % 2 ? "member" : "admin" }), 200);
    ok(await ana.call("PATCH", at, { name: `Round ${round}` }), 200);
    ok(await ben.call("DELETE", `/api/comments/${comment.id}`), 204);
    ok(await ana.call("DELETE", `/api/tasks/${parent.id}`), 204);
    ok(await ana.call("DELETE", waiting), 204);
  }
  expect((await ana.call("POST", `${at}/members`, { email: "nobody@example.org", role: "member" })).status).toBe(404);
  ok(await ana.call("DELETE", at), 204);
}

/** Things happen of which somebody is told, reminded, or neither; then the server catches up. */
async function work(app: TestApp, ana: Person, ben: Person): Promise<void> {
  const project = await makeProject(ana, { name: "Behind", key: "BEHIND" });
  await addMember(ana, project, ben, "member");
  await catchUp(app.database, project);
  ok(await ben.call("POST", "/api/notifications/read", { all: true }), 200);
  for (let round = 0; round < rounds; round++) {
    const task = await makeTask(ana, project, { title: "due", due_at: "2100-01-01T00:00:00.000Z" });
    const one = `/api/tasks/${task.id}`;
    ok(await ana.call("PATCH", one, { assignee_ids: [ben.id] }), 200);
    await makeComment(ana, task, `@[Ben](${ben.id})`);
    ok(await ben.call("PATCH", one, { status: "review", due_at: "2101-01-01T00:00:00.000Z" }), 200);
    await catchUp(app.database, project);
    await useInbox(ana, ben, project, round);
    ok(await ana.call("DELETE", one), 204);
  }
}

test.each(databases.map(({ name, kind }) => ({ name, kind })))(
  "no request, and nothing that follows from it, reads a whole table, whatever others have: on $name",
  async ({ kind }) => {
    const env = { DATABASE_POOL_SIZE: String(connections) };
    // Without a server's ticks, which read a little whatever is asked.
    const app = await startApp({ kind, env, overrides: { roles: ["web"] } });
    try {
      const [ana, ben] = [await makeAdministrator(app), await makePerson(app, "scan-ben")];
      await fill(app.database, ana.id);
      expect(await readTooMuch(app.database, () => requestEverything(app, ana, ben))).toEqual([]);
      expect(await readTooMuch(app.database, () => work(app, ana, ben))).toEqual([]);
    } finally {
      await app.stop();
    }
  },
);
