/**
 * Keeps the rows of `reminders` what tasks, people and their wishes say. What was told stays; what waits and is not right
 * any more goes; what is missing and still to come is added. Takes no room's lock: whoever tells reminders holds rows and
 * rooms together, and waits for nobody.
 */
import type { Tx } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { defaultPreferences, type NotificationPreferences } from "../../protocol/notifications.ts";
import { type Due, type Occurrence, overdueReminder, reminderBefore, remindersBefore } from "./moments.ts";

/** Since when what a reminder rests on stands: one whose moment was past by then is not made. Milliseconds since 1970. */
export interface Since {
  /** By the preferences of somebody assigned; undefined: not to be added now. */
  readonly assigned: number | undefined;
  /** By a reminder of their own. */
  readonly own: number | undefined;
}

/** A person who may be reminded of a task. */
export interface Candidate {
  readonly taskId: string;
  readonly userId: string;
  readonly due: Due;
  readonly nowMs: number;
}

interface Row {
  readonly task_id: string;
  readonly user_id: string;
  readonly due_ms: number;
  readonly all_day: boolean;
  readonly time_zone: string;
  readonly settings: string | null;
  readonly assigned: boolean;
  /** JSON: [offset in minutes, when it was asked for] of each. */
  readonly own: string;
  readonly now_ms: number;
}

const ms = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

const concernedSql = `
  cross join lateral (
    select unnest(t.assignee_ids) as user_id union select x.user_id from task_reminders x where x.task_id = t.id) who`;
const ofTasks = `from tasks t ${concernedSql} where t.id = any($1::uuid[])`;
/** Everything of one person; their projects' tasks are read by the project. */
const ofPerson = `from members mine join tasks t on t.project_id = mine.project_id ${concernedSql}
  where mine.user_id = $1::uuid and who.user_id = mine.user_id`;
const ofTaskAndPerson = `from tasks t ${concernedSql} where t.id = $1::uuid and who.user_id = $2::uuid`;

/** Preferences and zones stay as they are read until the commit: whoever changes them plans anew behind this lock. */
const lockSql = (concerned: string): string => `
  select u.id from users u where u.id in (select who.user_id ${concerned} and t.due_at is not null) order by u.id for share`;

const readSql = (concerned: string): string => `
  with c as materialized (
    select t.id, t.project_id, t.due_at, t.all_day, who.user_id, who.user_id = any(t.assignee_ids) as assigned
    ${concerned} and t.due_at is not null and t.completed_at is null and t.archived_at is null)
  select c.id as task_id, c.user_id, ${ms("c.due_at")} as due_ms, c.all_day, u.time_zone, p.settings, c.assigned,
    (select coalesce(json_agg(json_build_array(x.offset_minutes, ${ms("x.created_at")})), '[]') from task_reminders x
      where x.task_id = c.id and x.user_id = c.user_id)::text as own, ${ms("now()")} as now_ms
  from c join members m on m.project_id = c.project_id and m.user_id = c.user_id
    join users u on u.id = c.user_id
    left join notification_preferences p on p.user_id = c.user_id and p.project_id is null`;

/** `due_at` of a row is another occurrence; the zone or the all-day mark may have moved one that waits. */
const writeSql = (stale: string): string => `
  with wanted as materialized (
    select x.id, x.task_id, x.user_id, x.kind, x.offset_minutes, timestamptz 'epoch' + x.due_ms * interval '1 ms' as due_at,
      timestamptz 'epoch' + x.remind_ms * interval '1 ms' as remind_at, x.add
    from json_to_recordset($1::text::json) as x(id uuid, task_id uuid, user_id uuid, kind text, offset_minutes int,
      due_ms float8, remind_ms float8, add boolean)),
  gone as (
    delete from reminders r where ${stale} and r.fired_at is null and not exists (
      select from wanted w where w.task_id = r.task_id and w.user_id = r.user_id and w.kind = r.kind
        and w.offset_minutes = r.offset_minutes and w.due_at = r.due_at)),
  moved as (
    update reminders r set remind_at = greatest(w.remind_at, now()) from wanted w
    where w.task_id = r.task_id and w.user_id = r.user_id and w.kind = r.kind and w.offset_minutes = r.offset_minutes
      and w.due_at = r.due_at and r.fired_at is null and r.remind_at > now() and r.remind_at <> w.remind_at)
  insert into reminders (id, task_id, user_id, kind, offset_minutes, due_at, remind_at)
  select id, task_id, user_id, kind, offset_minutes, due_at, remind_at from wanted where add
  order by task_id, user_id, kind, offset_minutes on conflict do nothing`;

const ofTasksSql = plan(ofTasks, "r.task_id = any($2::uuid[])");
const ofPersonSql = plan(ofPerson, "r.user_id = $2::uuid");
const ofTaskAndPersonSql = plan(ofTaskAndPerson, "r.task_id = $2::uuid and r.user_id = $3::uuid");

interface PlanSql {
  readonly lock: string;
  readonly read: string;
  readonly write: string;
}
function plan(concerned: string, stale: string): PlanSql {
  return { lock: lockSql(concerned), read: readSql(concerned), write: writeSql(stale) };
}

/** Plans these tasks for everybody; `since` is asked for each person who may be reminded. */
export const planTasks = (tx: Tx, taskIds: readonly string[], since: (candidate: Candidate) => Since): Promise<void> =>
  run(tx, ofTasksSql, [`{${taskIds.join()}}`], since);

/** Of what is planned without an event that says since when it stands. */
export const fromNow = ({ nowMs }: Candidate): Since => ({ assigned: nowMs, own: nowMs });

/**
 * Plans all of one person's tasks anew: to be called in the transaction that changed their preferences, their time zone or
 * where they belong. Locks the person's row.
 */
export async function planPerson(tx: Tx, userId: string): Promise<void> {
  await queryIn(tx.orm, "select from users where id = $1::uuid for no key update", [userId]);
  await run(tx, ofPersonSql, [userId], fromNow);
}

/** Plans one task for one person, whose own reminders of it were changed. */
export const planTaskOf = (tx: Tx, taskId: string, userId: string): Promise<void> =>
  run(tx, ofTaskAndPersonSql, [taskId, userId], fromNow);

async function run(
  tx: Tx,
  sql: PlanSql,
  scope: readonly string[],
  since: (candidate: Candidate) => Since,
): Promise<void> {
  await queryIn(tx.orm, sql.lock, scope);
  const rows = await queryIn<Row>(tx.orm, sql.read, scope);
  const wanted = rows.flatMap((row) => wantedOf(row, since));
  await queryIn(tx.orm, sql.write, [JSON.stringify(wanted), ...scope]);
}

/** The rows that are right for one person and task. `add`: one that is missing is made. */
function wantedOf(row: Row, sinceOf: (candidate: Candidate) => Since) {
  const due = { atMs: row.due_ms, allDay: row.all_day };
  const since = sinceOf({ taskId: row.task_id, userId: row.user_id, due, nowMs: row.now_ms });
  const wanted = new Map<string, { readonly occurrence: Occurrence; add: boolean }>();
  const want = (occurrence: Occurrence, sinceMs: number | undefined): void => {
    const key = `${occurrence.kind} ${occurrence.offsetMinutes}`;
    const add = sinceMs !== undefined && occurrence.remindAtMs >= sinceMs;
    wanted.set(key, { occurrence, add: add || (wanted.get(key)?.add ?? false) });
  };
  if (row.assigned) {
    const { offsets_minutes, overdue } = wishes(row.settings);
    for (const one of remindersBefore(due, row.time_zone, offsets_minutes)) want(one, since.assigned);
    if (overdue) want(overdueReminder(due, row.time_zone), since.assigned);
  }
  const own: readonly [number, number][] = JSON.parse(row.own);
  for (const [offset, askedMs] of own)
    want(
      reminderBefore(due, row.time_zone, offset),
      since.own === undefined ? undefined : Math.max(since.own, askedMs),
    );
  return [...wanted.values()].map(({ occurrence: { kind, offsetMinutes, remindAtMs }, add }) => ({
    id: Bun.randomUUIDv7(),
    task_id: row.task_id,
    user_id: row.user_id,
    kind,
    offset_minutes: offsetMinutes,
    due_ms: row.due_ms,
    remind_ms: remindAtMs,
    add,
  }));
}

/** What was kept had passed the schema when it was chosen. */
function wishes(settings: string | null): NotificationPreferences["reminders"] {
  const chosen: Partial<NotificationPreferences> = settings === null ? {} : JSON.parse(settings);
  return chosen.reminders ?? defaultPreferences.reminders;
}
