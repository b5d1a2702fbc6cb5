/** What fault suites share that remind people: a team, and what was told. */
import { expect } from "bun:test";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { api } from "../support/contract-client.ts";
import { type Figures, inTime } from "../support/load.ts";
import type { ServerProcess } from "../support/server.ts";

/** Nothing here takes as long; what does, hangs. */
const deadlineMs = 60_000;
/** Between two looks: without a pause they keep the server from what they wait for. */
const lookMs = 10;

export interface Person {
  readonly id: string;
  readonly token: string;
}

/** People and their project. */
export interface Team {
  readonly people: readonly Person[];
  readonly projectId: string;
}

export async function makeTeam({ url, token }: ServerProcess, count: number): Promise<Team> {
  const people: Person[] = [];
  // What is unread are reminders alone.
  const channels = { projects: { in_app: false }, assigned: { in_app: false } };
  for (let i = 0; i < count; i++) {
    const person = { url, token: await token(`reminded-${i}`) };
    people.push({ ...person, id: (await api<{ id: string }>(person, "GET", "/api/me")).id });
    await api(person, "PUT", "/api/notifications/preferences", { channels });
  }
  const owner = { url, token: people[0]?.token ?? "" };
  const { id } = await api<{ id: string }>(owner, "POST", "/api/projects", { name: "Reminded" });
  for (const person of people.slice(1))
    await api(owner, "POST", `/api/projects/${id}/members`, { user_id: person.id, role: "member" });
  return { people, projectId: id };
}

/** Nobody is reminded of anything but that a task is due. */
export async function wishForDueAlone({ url }: ServerProcess, { people }: Team): Promise<void> {
  const reminders = { offsets_minutes: [0], overdue: false };
  for (const { token } of people) await api({ url, token }, "PUT", "/api/notifications/preferences", { reminders });
}

/** Makes a task for each moment (milliseconds since 1970), due then, of one person after the other. */
export async function makeTasksDue({ url }: ServerProcess, team: Team, dueMs: readonly number[]): Promise<void> {
  const { people, projectId } = team;
  const owner = { url, token: people[0]?.token ?? "" };
  const make = (due: number, i: number) =>
    api(owner, "POST", `/api/projects/${projectId}/tasks`, {
      title: "Due",
      due_at: new Date(due).toISOString(),
      assignee_ids: [people[i % people.length]?.id],
    });
  const left = [...dueMs.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) await make(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

export interface Told {
  readonly entries: number;
  /** Tasks with an entry. */
  readonly tasks: number;
  readonly events: number;
  /** Entries that an event names. */
  readonly told: number;
  /** Reminders that wait. */
  readonly left: number;
  /** Events that say that they are late. */
  readonly late: number;
  /** Reminders told before their time. */
  readonly early: number;
  /** The longest wait behind its time. */
  readonly latest_ms: number;
}

export async function toldOf({ sql }: Database): Promise<Told> {
  const [row] = await sql<Told[]>`
    with e as materialized (select data::json as data from events where event = 'due_date_reminder')
    select (select count(*)::int from notifications where category = 'reminders') as entries,
      (select count(distinct task_id)::int from notifications where category = 'reminders') as tasks,
      (select count(*)::int from e) as events,
      (select count(distinct data -> 'notification' ->> 'id')::int from e) as told,
      (select count(*)::int from reminders where fired_at is null) as left,
      (select count(*)::int from e where (data ->> 'late')::boolean) as late,
      (select count(*)::int from reminders where fired_at < remind_at) as early,
      (select coalesce(max(extract(epoch from fired_at - remind_at)) * 1000, 0)::int from reminders) as latest_ms`;
  if (!row) throw new Error("there is no answer");
  return row;
}

/** Each once, in the inbox and in the log. */
export function expectOnce({ entries, tasks, events, told, left }: Told, count: number, waiting = 0): void {
  expect({ entries, tasks, events, told, left }).toEqual({
    entries: count,
    tasks: count,
    events: count,
    told: count,
    left: waiting,
  });
}

/** Reminders in all inboxes. */
export async function remindersRead({ url }: ServerProcess, { people }: Team): Promise<number> {
  const counts = people.map(({ token }) =>
    api<{ unread_count: number }>({ url, token }, "GET", "/api/notifications?limit=1"),
  );
  return (await Promise.all(counts)).reduce((sum, { unread_count }) => sum + unread_count, 0);
}

/** Settles when so many are told, as `read` counts them. */
export async function until(read: () => Promise<number>, count: number): Promise<void> {
  let now = 0;
  const wait = async (): Promise<void> => {
    for (now = await read(); now < count; now = await read()) await Bun.sleep(lookMs);
  };
  await inTime(wait(), "the reminders", () => `${now} of ${count} told`, deadlineMs);
}

/** Kills the server and works on its database. */
export async function withDatabase<Answer>(
  server: ServerProcess,
  databaseUrl: string | undefined,
  work: (database: Database) => Promise<Answer>,
): Promise<Answer> {
  await server.kill("SIGKILL");
  const database = await openDatabase({ databaseUrl, dataDir: server.dataDir, poolSize: 2 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

export const figuresOf = (told: Told, count: number): Figures => ({
  acked: count,
  refused: 0,
  lost: count - told.tasks,
  duplicate: told.entries - told.tasks,
  gap: 0,
  outOfOrder: 0,
  diverged: 0,
  resumeP99Ms: 0,
});
