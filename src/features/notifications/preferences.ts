/** What a person chose to hear of: reading it, and choosing. */
import { type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { query, queryIn } from "../../db/query.ts";
import { cancel, enqueue, reschedule } from "../../jobs/queue.ts";
import { invalid } from "../../protocol/errors.ts";
import type { ChosenPreferences, NotificationCategory, UpdatePreferences } from "../../protocol/notifications.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { getRole, noProject } from "../projects/permission.ts";
import { digestJob } from "./notify.ts";
import type { Notifier } from "./send.ts";
import {
  type Available,
  type Channel,
  type Channels,
  type Settings,
  type SettingsRow,
  settingsSql,
  toSettings,
} from "./settings.ts";

export interface PreferenceDeps extends Notifier {
  /** In the transaction that changed what a person chose. */
  readonly chosen: (tx: Tx, userId: string) => Promise<void>;
}

type Row = SettingsRow & { readonly id: string };
type Changes = Omit<UpdatePreferences, "mutation_id">;

/** With a project: what holds there. Throws `not_found` for a project the caller is not in. */
export async function getPreferences(
  ctx: LiveCtx,
  available: Available,
  projectId: string | undefined,
): Promise<ChosenPreferences> {
  if (projectId !== undefined) await getRole(ctx, projectId);
  const [row] = await query<Row>(ctx, settingsSql, [`{${ctx.actor.id}}`, projectId]);
  return describe(row, available, projectId);
}

function describe(row: Row | undefined, available: Available, projectId: string | undefined): ChosenPreferences {
  if (!row) throw new Error("who asks for their preferences has an account");
  const settings = toSettings(row, available);
  const { in_app: _, ...possible } = settings.possible;
  const channels = projectId === undefined ? settings.preferences.channels : settings.projectChannels;
  return { ...settings.preferences, channels, resulting: resultingOf(settings), available: possible };
}

function resultingOf(settings: Settings): Record<NotificationCategory, Channels> {
  const of = (category: NotificationCategory) => settings.wanted(category);
  return {
    assigned: of("assigned"),
    mentioned: of("mentioned"),
    comments: of("comments"),
    status: of("status"),
    projects: of("projects"),
    reminders: of("reminders"),
    messages: of("messages"),
  };
}

const memberSql = `select from members m join projects p on p.id = m.project_id and p.deleted_at is null
  where m.project_id = $1::uuid and m.user_id = $2::uuid`;
const writeSql = `insert into notification_preferences (user_id, project_id, settings) values ($1::uuid, $2::uuid, $3)
  on conflict (user_id, project_id) do update set settings = excluded.settings`;
const removeSql = "delete from notification_preferences where user_id = $1::uuid and project_id = $2::uuid";

/** Chooses. Throws `not_found` for a project the caller is not in, `invalid` for what cannot differ in a project. */
export async function updatePreferences(
  caller: LiveCtx,
  deps: PreferenceDeps,
  projectId: string | undefined,
  input: UpdatePreferences,
): Promise<ChosenPreferences> {
  const ctx = withMutation(caller, "notification_preferences", { ...input, project_id: projectId });
  const userId = ctx.actor.id;
  const { mutation_id: _, ...changes } = input;
  const { answer } = await transact<ChosenPreferences>(ctx, {
    rooms: [userId],
    async work(tx) {
      const before = await read(tx, userId, projectId);
      if (projectId === undefined) await choose(tx, userId, before, changes);
      else await chooseIn(tx, userId, projectId, changes);
      const after = await read(tx, userId, projectId);
      if (projectId === undefined && after) await moveDigest(tx, userId, before, after, deps.available);
      if (changes.quiet_hours !== undefined) await followClock(tx, userId);
      await deps.chosen(tx, userId);
      return describe(after, deps.available, projectId);
    },
    replay: () => {
      throw new Error("choosing makes no event");
    },
  });
  deps.wake();
  return answer;
}

async function read(tx: Tx, userId: string, projectId: string | undefined): Promise<Row | undefined> {
  const [row] = await queryIn<Row>(tx.orm, settingsSql, [`{${userId}}`, projectId]);
  return row;
}

async function choose(tx: Tx, userId: string, before: Row | undefined, changes: Changes): Promise<void> {
  const kept: Changes = JSON.parse(before?.own ?? "{}");
  await queryIn(tx.orm, writeSql, [userId, null, JSON.stringify({ ...kept, ...changes })]);
}

async function chooseIn(tx: Tx, userId: string, projectId: string, { channels, ...others }: Changes): Promise<void> {
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(other, "is the same in every project; leave project_id away");
  const member = await queryIn(tx.orm, memberSql, [projectId, userId]);
  if (member.length === 0) throw noProject();
  if (channels === undefined) return;
  if (Object.keys(channels).length === 0) await queryIn(tx.orm, removeSql, [userId, projectId]);
  else await queryIn(tx.orm, writeSql, [userId, projectId, JSON.stringify({ channels })]);
}

const waitingSql = `select (extract(epoch from now()) * 1000)::float8 as now_ms from deliveries
  where user_id = $1::uuid and channel = 'mail' and state = 'waiting' limit 1`;

/** What waits for a digest leaves at its new time; where there are to be none any more, now. */
async function moveDigest(
  tx: Tx,
  userId: string,
  before: Row | undefined,
  after: Row,
  available: Available,
): Promise<void> {
  const settings = toSettings(after, available);
  const { digest } = settings.preferences;
  const was = before && toSettings(before, available).preferences.digest;
  if (digest === was) return;
  const moved = await cancel(tx.orm, "digest", userId);
  const [waiting] = await queryIn<{ now_ms: number }>(tx.orm, waitingSql, [userId]);
  if (!waiting || (digest === "off" && !moved)) return;
  const job = digestJob(userId, settings, waiting.now_ms);
  await enqueue(tx.orm, [digest === "off" ? { ...job, runAt: undefined } : job]);
}

const heldSql = `select notification_id as id, channel, (extract(epoch from now()) * 1000)::float8 as now_ms
  from deliveries where user_id = $1::uuid and state = 'waiting'`;

interface Held {
  readonly id: string;
  readonly channel: Channel;
  readonly now_ms: number;
}

/**
 * What waits by the person's clock looks at it again: to be called in the transaction that changed their time zone or quiet
 * hours. Mail and push whose hours are not over yet wait on, and the digest comes at 08:00 of the new zone.
 */
export async function followClock(tx: Tx, userId: string): Promise<void> {
  const held = await queryIn<Held>(tx.orm, heldSql, [userId]);
  const row = await read(tx, userId, undefined);
  const [first] = held;
  if (!first || !row) return;
  for (const [channel, waiting] of Map.groupBy(held, (one) => one.channel))
    await reschedule(
      tx.orm,
      channel,
      waiting.map(({ id }) => id),
    );
  // What can reach the person decides nothing about when.
  const settings = toSettings(row, { mail: true, push: true });
  if (settings.preferences.digest === "off") return;
  await reschedule(tx.orm, "digest", [userId], digestJob(userId, settings, first.now_ms).runAt);
}
