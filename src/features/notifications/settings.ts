/** What each person wants to hear of, where and when. */
import type { Database } from "../../db/open.ts";
import {
  defaultChannels,
  defaultPreferences,
  type NotificationCategory,
  type NotificationPreferences,
} from "../../protocol/notifications.ts";

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
  /** Only what this server can do: mail without a mail server is no choice. */
  channels(category: NotificationCategory): Channels;
}

export type Available = Readonly<Record<Channel, boolean>>;

interface Row {
  readonly id: string;
  readonly time_zone: string;
  readonly own: string | null;
  readonly project: string | null;
}

const settingsSql = `
  select u.id, u.time_zone, o.settings as own, p.settings as project from users u
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
    database.sql.unsafe<Row[]>(settingsSql, [`{${userIds.join()}}`, projectId ?? null], { prepare: true }),
  );
  return new Map(rows.map((row) => [row.id, toSettings(row, available)]));
}

function toSettings(row: Row, available: Available): Settings {
  const preferences = { ...defaultPreferences, ...parsed(row.own) };
  const project = parsed(row.project).channels ?? {};
  return {
    preferences,
    timeZone: row.time_zone,
    channels(category) {
      const chosen = { ...defaultChannels[category], ...preferences.channels[category], ...project[category] };
      return {
        in_app: chosen.in_app ?? false,
        mail: available.mail && (chosen.mail ?? false),
        push: available.push && (chosen.push ?? false),
      };
    },
  };
}

/** What was kept had passed the schema when it was chosen. */
const parsed = (text: string | null): Partial<NotificationPreferences> => (text === null ? {} : JSON.parse(text));

/** When something may leave that is ready at `atMs` (as its result, milliseconds since 1970): not in the quiet hours. */
export function afterQuietHours({ preferences, timeZone }: Settings, atMs: number): number {
  const quiet = preferences.quiet_hours;
  if (!quiet || quiet.from === quiet.to) return atMs;
  const now = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  const time = now.toPlainTime().toString({ smallestUnit: "minute" });
  // Over midnight the quiet ends on the next day, unless midnight is behind us already.
  const overnight = quiet.from > quiet.to;
  const isQuiet = overnight ? time >= quiet.from || time < quiet.to : time >= quiet.from && time < quiet.to;
  if (!isQuiet) return atMs;
  const day = overnight && time >= quiet.from ? now.toPlainDate().add({ days: 1 }) : now.toPlainDate();
  return day.toZonedDateTime({ timeZone, plainTime: quiet.to }).epochMilliseconds;
}
