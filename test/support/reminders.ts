/** What tests look at of reminders. */
import type { Store } from "../../src/db/context.ts";
import type { Database } from "../../src/db/open.ts";

export const storeOf = (database: Database): Store => ({ database, committed: () => {} });

/** Settles when the processor has read the project's log as far as it goes now. */
export async function planned({ sql }: Database, projectId: string): Promise<void> {
  const [last] = await sql<{ seq: string }[]>`
    select max(seq) as seq from events where room_id = ${projectId} and event in
      ('task_created', 'task_updated', 'task_status_changed', 'task_assigned', 'member_removed')`;
  for (let read = -1; read < Number(last?.seq ?? 0); ) {
    const [row] = await sql<{ seq: string }[]>`
      select seq from positions where processor = 'reminders' and room_id = ${projectId}`;
    read = Number(row?.seq ?? -1);
    if (read < Number(last?.seq ?? 0)) await Bun.sleep(5); // looks without a pause keep the database from the processor
  }
}

/** A person's reminders of a task that wait, as `kind offset time`, the earliest first. */
export async function waiting({ sql }: Database, taskId: string, userId: string): Promise<string[]> {
  const rows = await sql<{ kind: string; offset_minutes: number; remind_ms: number }[]>`
    select kind, offset_minutes, (extract(epoch from remind_at) * 1000)::float8 as remind_ms from reminders
    where task_id = ${taskId} and user_id = ${userId} and fired_at is null order by remind_at, kind, offset_minutes`;
  return rows.map((row) => `${row.kind} ${row.offset_minutes} ${new Date(row.remind_ms).toISOString()}`);
}

export interface Wanted {
  readonly taskId: string;
  readonly userId: string;
  readonly kind?: "upcoming" | "due" | "overdue";
  readonly offsetMinutes?: number;
  /** How long ago it should have been told. */
  readonly agoMs?: number;
}

/**
 * Gives the tasks due times and people as these reminders need them, and writes their rows: due at `remind_at`, or
 * `offsetMinutes` behind it.
 */
export async function makeReminders({ sql }: Database, wanted: readonly Wanted[]): Promise<void> {
  const rows = wanted.map(({ taskId, userId, kind = "due", offsetMinutes = 0, agoMs = 0 }) => ({
    id: Bun.randomUUIDv7(),
    task_id: taskId,
    user_id: userId,
    kind,
    offset_minutes: offsetMinutes,
    ago_ms: agoMs,
  }));
  // In parts: no statement of the embedded database may take long.
  for (let from = 0; from < rows.length; from += rowsAtOnce)
    await sql.unsafe(makeSql, [JSON.stringify(rows.slice(from, from + rowsAtOnce))]);
}
const rowsAtOnce = 2_000;

const makeSql = `
  with x as materialized (
    select r.*, date_trunc('milliseconds', now()) - ago_ms * interval '1 ms' as remind_at
    from json_to_recordset($1::text::json)
      as r(id uuid, task_id uuid, user_id uuid, kind text, offset_minutes int, ago_ms float8)),
  g as materialized (
    select task_id, array_agg(distinct user_id) as people, min(remind_at + offset_minutes * interval '1 minute') as due_at
    from x group by task_id),
  t as (update tasks t set due_at = g.due_at, assignee_ids = g.people from g where t.id = g.task_id)
  insert into reminders (id, task_id, user_id, kind, offset_minutes, due_at, remind_at)
  select id, task_id, user_id, kind, offset_minutes, remind_at + offset_minutes * interval '1 minute', remind_at from x`;

/** The events of a person's room, oldest first. */
export async function heard({ sql }: Database, userId: string): Promise<{ event: string; data: Heard }[]> {
  const rows = await sql<{ event: string; data: string }[]>`
    select event, data from events where room_id = ${userId} order by seq`;
  return rows.map(({ event, data }) => ({ event, data: JSON.parse(data) }));
}

/** Data of `due_date_reminder`. */
export interface Heard {
  readonly task: { readonly id: string };
  readonly due_at: string;
  readonly kind: string;
  readonly late: boolean;
  readonly notification: { readonly id: string; readonly message: string; readonly type: string };
}
