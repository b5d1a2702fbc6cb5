/**
 * Tells what is due. A batch is one transaction: the rows and their people's rooms are claimed, the inbox entries and
 * events written, the rows marked. So a crash at any point leaves nothing or all, and no second node tells it again.
 */
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import type { Database } from "../../db/open.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText, taskJson } from "../../db/row-json.ts";
import type { Task } from "../../protocol/tasks.ts";
import { emit } from "../../realtime/log.ts";
import { type Notice, notify } from "../notifications/notify.ts";
import {
  type Available,
  type Settings,
  type SettingsOf,
  type SettingsRow,
  settingsColumns,
  toSettings,
} from "../notifications/settings.ts";
import type { ReminderKind } from "./moments.ts";
import { reminderText } from "./wording.ts";

export interface Fired {
  readonly told: number;
  /** Of tasks that are done, archived, due at another time, or not the person's any more. */
  readonly dropped: number;
}

/**
 * Rows of a batch; all of a person come together. It holds its people's rooms for a tenth of a second, and of the embedded
 * database everything.
 */
const batchMax = { postgres: 500, embedded: 200 } as const satisfies Record<Database["kind"], number>;
/** More mails or pushes than this at once, for one person, are one. */
const bundleAbove = 5;
/** A reminder told later than this was missed: the server was down, or could not keep up. */
const lateMs = 60_000;

const isDue = "fired_at is null and remind_at <= now()";

/** Where nothing is due this costs one look into an index. */
const peopleSql = `select distinct user_id from (
  select user_id from reminders where ${isDue} order by remind_at limit 100) r`;

/**
 * Nothing here waits for a lock. `foremost` skips what another node tells just now; people whose room somebody writes to
 * are left for the next batch. `task` is null where the reminder is not right any more, which `plan` may not have seen yet.
 */
const claimSql = `
  with foremost as materialized (
    select user_id from reminders where ${isDue} order by remind_at limit $1::int for update skip locked),
  free as materialized (
    select id from rooms where id = any(array(select distinct user_id from foremost)) for update skip locked),
  due as materialized (
    select x.*, row_number() over () as n from (
      select d.* from free f cross join lateral (
        select * from reminders r where r.user_id = f.id and ${isDue} order by remind_at
        limit $1::int for update skip locked) d limit $1::int) x)
  select d.n::int as n, d.id, d.user_id, d.kind, d.offset_minutes, ${isoText("d.due_at")} as due_at,
    (extract(epoch from d.remind_at) * 1000)::float8 as remind_ms, (extract(epoch from now()) * 1000)::float8 as now_ms,
    ${settingsColumns("u", "o", "s")}, p.name as project_name,
    case when u.disabled_at is null and m.user_id is not null then ${taskJson("t")} end as task
  from due d join users u on u.id = d.user_id
    left join tasks t on t.id = d.task_id and t.due_at = d.due_at and t.completed_at is null and t.archived_at is null
      and (d.user_id = any(t.assignee_ids) or d.kind <> 'overdue' and exists (
        select from task_reminders x where x.task_id = d.task_id and x.user_id = d.user_id
          and x.offset_minutes = d.offset_minutes))
    left join projects p on p.id = t.project_id and p.deleted_at is null and p.archived_at is null
    left join members m on m.project_id = p.id and m.user_id = d.user_id
    left join notification_preferences o on o.user_id = d.user_id and o.project_id is null
    left join notification_preferences s on s.user_id = d.user_id and s.project_id = p.id
  order by d.remind_at, d.id`;

interface ClaimedRow extends SettingsRow {
  /** Its place in the order of taking: a person's come one after the other. */
  readonly n: number;
  readonly id: string;
  readonly user_id: string;
  readonly kind: ReminderKind;
  readonly offset_minutes: number;
  readonly due_at: string;
  readonly remind_ms: number;
  readonly now_ms: number;
  readonly project_name: string;
  readonly task: string | null;
}

/** Hears how late reminders were that are told by now. */
export type Lateness = (kind: ReminderKind, seconds: number) => void;

/** Tells everything that is due, batch by batch, while `goesOn`. */
export async function fireDue(
  ctx: Ctx,
  available: Available,
  goesOn: () => boolean,
  late: Lateness = () => {},
): Promise<Fired> {
  const sum = { told: 0, dropped: 0 };
  let patient = false;
  while (goesOn()) {
    const people = await query<{ user_id: string }>(ctx, peopleSql, []);
    if (people.length === 0) break;
    // Where everything was in other hands, this one waits for its turn: rooms first, as every writer does.
    const rooms: string[] = patient ? people.map(({ user_id }) => user_id) : [];
    const { answer } = await transact<Batch>(ctx, {
      rooms,
      work: (tx) => fireBatch(tx, available, batchMax[ctx.store.database.kind]),
      replay: () => ({ right: [], dropped: 0 }),
    });
    const { right, dropped } = answer;
    for (const { kind, now_ms, remind_ms } of right) late(kind, (now_ms - remind_ms) / 1000);
    patient = right.length + dropped === 0;
    sum.told += right.length;
    sum.dropped += dropped;
  }
  return sum;
}

interface Batch {
  readonly right: readonly ClaimedRow[];
  readonly dropped: number;
}

async function fireBatch(tx: Tx, available: Available, most: number): Promise<Batch> {
  const claimed = withoutTorn(await queryIn<ClaimedRow>(tx.orm, claimSql, [most]), most);
  const right = claimed.filter(({ task }) => task !== null);
  const wrong = claimed.filter(({ task }) => task === null);
  if (wrong.length > 0) await queryIn(tx.orm, "delete from reminders where id = any($1::uuid[])", [idsOf(wrong)]);
  if (right.length > 0) {
    await queryIn(tx.orm, "update reminders set fired_at = now() where id = any($1::uuid[])", [idsOf(right)]);
    await tell(tx, right, available);
  }
  return { right, dropped: wrong.length };
}

/**
 * A full batch may have cut one person's reminders in two, and whoever makes one mail of many must see them all: that
 * person waits for the next batch, unless they fill this one alone.
 */
function withoutTorn(claimed: readonly ClaimedRow[], most: number): readonly ClaimedRow[] {
  if (claimed.length < most) return claimed;
  const torn = claimed.find(({ n }) => n === most)?.user_id;
  const whole = claimed.filter(({ user_id }) => user_id !== torn);
  return whole.length > 0 ? whole : claimed;
}

const idsOf = (rows: readonly ClaimedRow[]): string => `{${rows.map(({ id }) => id).join()}}`;

async function tell(tx: Tx, rows: readonly ClaimedRow[], available: Available): Promise<void> {
  const tasks = new Map<Notice, { readonly row: ClaimedRow; readonly task: Task }>();
  for (const row of rows) {
    const task: Task = JSON.parse(row.task ?? "null");
    tasks.set(noticeOf(row, task), { row, task });
  }
  await notify(tx, [...tasks.keys()], settingsOf(tasks.values(), available), {
    bundleAbove,
    emits({ notice, notification }) {
      const about = tasks.get(notice);
      if (!about) throw new Error("a reminder was told that was not claimed");
      const { row, task } = about;
      const { kind, due_at } = row;
      emit(tx, "due_date_reminder", row.user_id, { task, due_at, kind, late: isLate(row), notification });
      return false;
    },
  });
}

const isLate = ({ now_ms, remind_ms }: ClaimedRow): boolean => now_ms - remind_ms > lateMs;

/** Each stands for itself in the inbox: the day before and the hour before are two entries. */
function noticeOf(row: ClaimedRow, task: Task): Notice {
  const { kind, due_at } = row;
  const due = { atMs: Date.parse(due_at), allDay: task.all_day };
  return {
    userId: row.user_id,
    type: kind,
    category: "reminders",
    message: reminderText(task, due, { kind, nowMs: row.now_ms, timeZone: row.time_zone }),
    data: {
      event: "due_date_reminder",
      kind,
      offset_minutes: row.offset_minutes,
      due_at,
      all_day: task.all_day,
      late: isLate(row),
      project_id: task.project_id,
      project_name: row.project_name,
      task_id: task.id,
      task_key: task.key,
      task_title: task.title,
    },
    link: `/projects/${task.project_id}/tasks/${task.id}`,
    projectId: task.project_id,
    taskId: task.id,
  };
}

/** As they were read with the rows: each person's in each of the projects. */
function settingsOf(
  tasks: Iterable<{ readonly row: ClaimedRow; readonly task: Task }>,
  available: Available,
): SettingsOf {
  const own = new Map<string, Settings>();
  const ofProject = new Map<string, Settings>();
  for (const { row, task } of tasks) {
    const key = `${row.user_id} ${task.project_id}`;
    if (ofProject.has(key)) continue;
    const settings = toSettings(row, available);
    own.set(row.user_id, settings);
    ofProject.set(key, settings);
  }
  return {
    get: (userId, projectId) => (projectId === undefined ? own.get(userId) : ofProject.get(`${userId} ${projectId}`)),
  };
}
