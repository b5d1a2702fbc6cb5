/** What each person wants to hear of, where and when. */
import type { Database } from "../../db/open.ts";
import {
  defaultChannels,
  defaultPreferences,
  type NotificationCategory,
  type NotificationPreferences,
} from "../../protocol/notifications.ts";
import { publicEmail } from "../auth/people.ts";

/** What leaves the server. */
export type Channel = "mail" | "push";
export interface Channels {
  readonly in_app: boolean;
  readonly mail: boolean;
  readonly push: boolean;
}

/** One person's choices in one project (or in none). */
export interface Settings {
  readonly preferences: NotificationPreferences;
  readonly timeZone: string;
  /** What can reach this person: mail takes a mail server and an address, push a browser that subscribed. */
  readonly possible: Channels;
  /** What differs in the project. */
  readonly projectChannels: NotificationPreferences["channels"];
  /** What the person wants for a category, be it possible or not. */
  wanted(category: NotificationCategory): Channels;
  /** What the person wants for a category and can have. */
  channels(category: NotificationCategory): Channels;
}

/** Finds a person's settings, as they are in that project; undefined where nothing is to be told. A Map will do. */
export interface SettingsOf {
  get(userId: string, projectId?: string): Settings | undefined;
}

export type Available = Readonly<Record<Channel, boolean>>;

/** `own` and `project` are the texts of `notification_preferences`. */
export interface SettingsRow {
  readonly time_zone: string;
  readonly email: string;
  readonly pushes: boolean;
  readonly own: string | null;
  readonly project: string | null;
}

/** The columns of a SettingsRow, of `users` under `u` and two rows of `notification_preferences` (or none). */
export const settingsColumns = (u: string, own: string, project: string): string =>
  `${u}.time_zone, ${u}.email, ${own}.settings as own, ${project}.settings as project,
    exists (select from push_subscriptions s where s.user_id = ${u}.id) as pushes`;

/** $1 people, $2 a project or null; answers a SettingsRow with the `id` of each who exists and is not disabled. */
export const settingsSql = `
  select u.id, ${settingsColumns("u", "o", "p")} from users u
  left join notification_preferences o on o.user_id = u.id and o.project_id is null
  left join notification_preferences p on p.user_id = u.id and p.project_id = $2::uuid
  where u.id = any($1::uuid[]) and u.disabled_at is null`;

/** The settings of those who exist and are not disabled, by id. */
export async function loadSettings(
  database: Database,
  available: Available,
  userIds: readonly string[],
  projectId?: string,
): Promise<ReadonlyMap<string, Settings>> {
  if (userIds.length === 0) return new Map();
  const rows = await database.guard(() =>
    database.sql.unsafe<(SettingsRow & { readonly id: string })[]>(
      settingsSql,
      [`{${userIds.join()}}`, projectId ?? null],
      { prepare: true },
    ),
  );
  return new Map(rows.map((row) => [row.id, toSettings(row, available)]));
}

export function toSettings(row: SettingsRow, available: Available): Settings {
  const preferences = { ...defaultPreferences, ...parsed(row.own) };
  const project = parsed(row.project).channels ?? {};
  const possible = {
    in_app: true,
    mail: available.mail && publicEmail(row.email) !== null,
    push: available.push && row.pushes,
  };
  const wanted = (category: NotificationCategory): Channels => {
    const { in_app, mail, push } = {
      ...defaultChannels[category],
      ...preferences.channels[category],
      ...project[category],
    };
    return { in_app: in_app ?? false, mail: mail ?? false, push: push ?? false };
  };
  return {
    preferences,
    timeZone: row.time_zone,
    possible,
    projectChannels: project,
    wanted,
    channels(category) {
      const { in_app, mail, push } = wanted(category);
      return { in_app, mail: possible.mail && mail, push: possible.push && push };
    },
  };
}

/** What was kept had passed the schema when it was chosen. */
const parsed = (text: string | null): Partial<NotificationPreferences> => (text === null ? {} : JSON.parse(text));

/** The database's times are of a finer grain. A zone that is none by now is UTC: one person's holds up nobody else. */
function timeAt(ms: number, timeZone: string): Temporal.ZonedDateTime {
  const instant = Temporal.Instant.fromEpochMilliseconds(Math.floor(ms));
  try {
    return instant.toZonedDateTimeISO(timeZone);
  } catch {
    return instant.toZonedDateTimeISO("UTC");
  }
}

/** When something may leave that is ready at `atMs` (as its result, milliseconds since 1970): not in the quiet hours. */
export function afterQuietHours({ preferences, timeZone }: Settings, atMs: number): number {
  const quiet = preferences.quiet_hours;
  if (!quiet || quiet.from === quiet.to) return atMs;
  const now = timeAt(atMs, timeZone);
  const time = now.toPlainTime().toString({ smallestUnit: "minute" });
  // Over midnight the quiet ends on the next day, unless midnight is behind us already.
  const overnight = quiet.from > quiet.to;
  const isQuiet = overnight ? time >= quiet.from || time < quiet.to : time >= quiet.from && time < quiet.to;
  if (!isQuiet) return atMs;
  const day = overnight && time >= quiet.from ? now.toPlainDate().add({ days: 1 }) : now.toPlainDate();
  return day.toZonedDateTime({ timeZone: now.timeZoneId, plainTime: quiet.to }).epochMilliseconds;
}

const digestHour = 8;
const monday = 1;

/** When the next digest is due after `nowMs` (as its result, milliseconds since 1970): 08:00 where the person is. */
export function nextDigest({ preferences, timeZone }: Settings, nowMs: number): number {
  const now = timeAt(nowMs, timeZone);
  const isDay = (day: Temporal.PlainDate): boolean => preferences.digest !== "weekly" || day.dayOfWeek === monday;
  for (let day = now.toPlainDate(); ; day = day.add({ days: 1 })) {
    const at = day.toZonedDateTime({ timeZone: now.timeZoneId, plainTime: { hour: digestHour } }).epochMilliseconds;
    if (at > nowMs && isDay(day)) return at;
  }
}
