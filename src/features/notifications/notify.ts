/** Telling people something: the one place that writes inbox entries. */
import type { Tx } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { notificationJson } from "../../db/row-json.ts";
import { enqueue, type NewJob } from "../../jobs/queue.ts";
import type { Notification, NotificationCategory } from "../../protocol/notifications.ts";
import { emit } from "../../realtime/log.ts";
import {
  afterQuietHours,
  type Channel,
  type Channels,
  nextDigest,
  type Settings,
  type SettingsOf,
} from "./settings.ts";

export interface Notice {
  readonly userId: string;
  readonly type: string;
  readonly category: NotificationCategory;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly link?: string | undefined;
  /** Notices of one person and key within a minute are one entry, while it is unread. */
  readonly collapseKey?: string | undefined;
  readonly projectId?: string | undefined;
  readonly taskId?: string | undefined;
  /** A person who was ever told of this key is passed over. */
  readonly once?: boolean | undefined;
  /** By every channel there is, at once, whatever the person chose: to see whether it arrives. */
  readonly trial?: boolean | undefined;
}

export interface Told {
  readonly notice: Notice;
  readonly notification: Notification;
}

export interface Telling {
  /** False: another event carries the entry, and no `notification` is emitted. */
  readonly emits?: (told: Told) => boolean;
  /** More than so many at once for one person leave as one mail and one push: their job names them all. */
  readonly bundleAbove?: number;
}

/**
 * `again` finds the entry that repeats are added to. What a person does not want in the inbox is written as archived, for
 * mail and push are made from it all the same; a repeat of that is added to what still waits to be mailed.
 */
const notifySql = `
  with input as materialized (
    select * from json_to_recordset($1::text::json) as x(i int, id uuid, user_id uuid, type text, category text,
      message text, data text, link text, collapse_key text, project_id uuid, task_id uuid, times int, hidden boolean,
      once boolean)
    where not once or not exists (
      select from notifications n where n.user_id = x.user_id and n.collapse_key = x.collapse_key)),
  again as materialized (
    select i.i, n.id from input i cross join lateral (
      select n.id from notifications n
      where n.user_id = i.user_id and n.collapse_key = i.collapse_key and n.read_at is null and n.archived_at is null
        and n.updated_at > now() - interval '60 s'
      order by n.updated_at desc limit 1) n
    where not i.hidden and i.collapse_key is not null
    union all
    select i.i, n.id from input i cross join lateral (
      select n.id from deliveries d join notifications n on n.id = d.notification_id
      where d.user_id = i.user_id and d.channel = 'mail' and d.state = 'waiting' and n.collapse_key = i.collapse_key
        and n.archived_at is not null and n.read_at is null and n.updated_at > now() - interval '60 s'
      limit 1) n
    where i.hidden and i.collapse_key is not null),
  merged as (
    update notifications n set count = n.count + i.times, message = i.message, data = i.data, type = i.type,
      link = i.link, updated_at = now(), snoozed_until = null
    from again a join input i on i.i = a.i where n.id = a.id
    returning i.i, ${notificationJson("n")} as body),
  made as (
    insert into notifications as n (id, user_id, type, category, message, data, link, count, collapse_key, project_id,
      task_id, archived_at)
    select id, user_id, type, category, message, data, link, times, collapse_key, project_id, task_id,
      case when hidden then now() end
    from input i where not exists (select from again a where a.i = i.i)
    returning n.id, ${notificationJson("n")} as body)
  select i, body, (extract(epoch from now()) * 1000)::float8 as now_ms from (
    select i, body from merged union all select i.i, m.body from made m join input i on i.id = m.id) x order by i`;

/** Mail waits so long: what is read meanwhile is not sent, and repeats are in it. */
const mailDelayMs = 60_000;

interface Entry {
  notice: Notice;
  times: number;
  readonly channels: Channels;
}

/** Repeats within one batch are counted here: a statement cannot add to a row that it makes itself. */
function collapse(notices: readonly Notice[], settings: SettingsOf): Entry[] {
  const entries: Entry[] = [];
  const byKey = new Map<string, Entry>();
  for (const notice of notices) {
    const chosen = settings.get(notice.userId, notice.projectId);
    const channels = notice.trial ? chosen?.possible : chosen?.channels(notice.category);
    if (!channels || !(channels.in_app || channels.mail || channels.push)) continue;
    const key = notice.collapseKey === undefined ? undefined : `${notice.userId} ${notice.collapseKey}`;
    const same = key === undefined ? undefined : byKey.get(key);
    if (same && notice.once) continue;
    if (same) {
      same.notice = notice;
      same.times++;
      continue;
    }
    const entry = { notice, times: 1, channels };
    entries.push(entry);
    if (key !== undefined) byKey.set(key, entry);
  }
  return entries;
}

/**
 * Writes the notices of people whose rooms the transaction locked, emits `notification` to each and asks for their
 * mail and push. People without settings are passed over: they do not exist or are disabled. Answers what was written.
 */
export async function notify(
  tx: Tx,
  notices: readonly Notice[],
  settings: SettingsOf,
  { emits = () => true, bundleAbove = Number.POSITIVE_INFINITY }: Telling = {},
): Promise<Told[]> {
  const entries = collapse(notices, settings);
  if (entries.length === 0) return [];
  const input = entries.map(({ notice, times, channels }, i) => ({
    i,
    id: Bun.randomUUIDv7(),
    user_id: notice.userId,
    type: notice.type,
    category: notice.category,
    message: notice.message,
    data: JSON.stringify(notice.data),
    link: notice.link,
    collapse_key: notice.collapseKey,
    project_id: notice.projectId,
    task_id: notice.taskId,
    times,
    hidden: !channels.in_app,
    once: notice.once ?? false,
  }));
  const rows = await queryIn<{ i: number; body: string; now_ms: number }>(tx.orm, notifySql, [JSON.stringify(input)]);
  const told: Told[] = [];
  const wanted: Wanted[] = [];
  for (const { i, body } of rows) {
    const entry = entries[i];
    if (!entry) throw new Error("an entry was written that nobody asked for");
    const notification: Notification = JSON.parse(body);
    const one = { notice: entry.notice, notification };
    told.push(one);
    if (entry.channels.in_app && emits(one)) emit(tx, "notification", entry.notice.userId, { notification });
    // What is added to an entry needs no second mail: the first waits, or left a moment ago.
    if (notification.count > entry.times) continue;
    for (const channel of ["mail", "push"] as const)
      if (entry.channels[channel]) wanted.push({ channel, id: notification.id, notice: entry.notice });
  }
  await askFor(tx, wanted, { settings, bundleAbove, nowMs: rows[0]?.now_ms ?? 0 });
  return told;
}

interface Wanted {
  readonly channel: Channel;
  readonly id: string;
  readonly notice: Notice;
}

interface Leaving {
  readonly settings: SettingsOf;
  readonly bundleAbove: number;
  readonly nowMs: number;
}

/** Payload of the jobs `mail` and `push`. */
export interface LeavingJob {
  readonly notification_ids: readonly string[];
  readonly trial?: boolean | undefined;
}

/** A row says that it is to leave, a job makes it leave: each channel retries on its own. */
async function askFor(tx: Tx, wanted: readonly Wanted[], leaving: Leaving): Promise<void> {
  if (wanted.length === 0) return;
  await queryIn(
    tx.orm,
    `insert into deliveries (notification_id, channel, user_id)
    select id, channel, user_id from json_to_recordset($1::text::json) as x(id uuid, channel text, user_id uuid)
    on conflict do nothing`,
    [JSON.stringify(wanted.map(({ channel, id, notice }) => ({ id, channel, user_id: notice.userId })))],
  );
  const together = Map.groupBy(wanted, ({ channel, notice }) => `${channel} ${notice.userId}`);
  await enqueue(
    tx.orm,
    [...together.values()]
      .flatMap((same) => (same.length > leaving.bundleAbove ? [same] : same.map((one) => [one])))
      .flatMap((bundle) => leave(bundle, leaving)),
  );
}

/** The job of one person's notifications that leave together by one channel. */
function leave(bundle: readonly Wanted[], { settings, nowMs }: Leaving): NewJob[] {
  const [first] = bundle;
  if (!first) return [];
  const { channel, id, notice } = first;
  const { userId, trial } = notice;
  const of = settings.get(userId, notice.projectId);
  if (!of) return [];
  // A reminder is of no use the next morning.
  const waits = of.preferences.digest !== "off" && notice.category !== "reminders" && !trial;
  if (channel === "mail" && waits) return [digestJob(userId, of, nowMs)];
  const runAt = trial ? nowMs : afterQuietHours(of, nowMs + (channel === "mail" ? mailDelayMs : 0));
  const payload: LeavingJob = { notification_ids: bundle.map((one) => one.id), trial };
  return [{ kind: channel, key: id, payload, runAt: new Date(runAt).toISOString() }];
}

/** One waits at most, for it is unique by the person: it collects what waits for mail by then. */
export const digestJob = (userId: string, settings: Settings, nowMs: number): NewJob => ({
  kind: "digest",
  key: userId,
  payload: { user_id: userId },
  runAt: new Date(nextDigest(settings, nowMs)).toISOString(),
});
