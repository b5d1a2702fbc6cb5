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
  }
}

/** A person's reminders of a task that wait, as `kind offset time`, the earliest first. */
export async function waiting({ sql }: Database, taskId: string, userId: string): Promise<string[]> {
  const rows = await sql<{ kind: string; offset_minutes: number; remind_ms: number }[]>`
    select kind, offset_minutes, (extract(epoch from remind_at) * 1000)::float8 as remind_ms from reminders
    where task_id = ${taskId} and user_id = ${userId} and fired_at is null order by remind_at, kind, offset_minutes`;
  return rows.map((row) => `${row.kind} ${row.offset_minutes} ${new Date(row.remind_ms).toISOString()}`);
}
