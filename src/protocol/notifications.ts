/** What people are told: the inbox, its events, and what each person wants to hear of and how. */
import { z } from "zod";
import { defineEndpoint, listQuery, Page } from "./endpoint.ts";
import { defineEvent } from "./event.ts";
import { Id, InputTimestamp, MutationId } from "./ids.ts";
import { Task } from "./tasks.ts";

/** What a preference can be set for. */
export const NotificationCategory = z.enum([
  "assigned",
  "mentioned",
  "comments",
  "status",
  "projects",
  "reminders",
  "messages",
]);
export type NotificationCategory = z.infer<typeof NotificationCategory>;

export const Notification = z
  .object({
    id: z.string(),
    /** Finer than the category: `assigned`, `comment`, `due`, or what an administrator or host application called it. */
    type: z.string(),
    category: NotificationCategory,
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
    /** Path in the page, such as `/tasks/…`. */
    link: z.string().nullable(),
    /** Repeats within a minute are one entry while it is unread. */
    count: z.int(),
    created_at: z.string(),
    /** When it last happened: the inbox is in this order. */
    updated_at: z.string(),
    read_at: z.string().nullable(),
    snoozed_until: z.string().nullable(),
    archived_at: z.string().nullable(),
  })
  .meta({ id: "Notification" });
export type Notification = z.infer<typeof Notification>;

const mutation = { mutation_id: MutationId.optional() };
const idsMax = 500;
const Ids = z.array(Id).min(1).max(idsMax);
const All = z.literal(true);

/** Either some or all; `read: false` makes unread again. Also the data of the frame `mark_read`. */
export const ReadNotifications = z
  .strictObject({ notification_ids: Ids.optional(), all: All.optional(), read: z.boolean().optional(), ...mutation })
  .refine((body) => (body.notification_ids === undefined) !== (body.all === undefined), {
    message: "give either notification_ids or all",
    path: ["notification_ids"],
  });
export type ReadNotifications = z.infer<typeof ReadNotifications>;

export const UnreadCount = z.object({ unread_count: z.int() });
export type UnreadCount = z.infer<typeof UnreadCount>;

export const SnoozeNotification = z.strictObject({ until: InputTimestamp, ...mutation });
export type SnoozeNotification = z.infer<typeof SnoozeNotification>;

const Channels = z.strictObject({ in_app: z.boolean(), mail: z.boolean(), push: z.boolean() });
const DayTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is a time of day such as 22:00");

/** At most ten reminders, up to four weeks ahead; 0 is at the due time. */
const Offsets = z
  .array(z.int().min(0).max(40_320))
  .max(10)
  .transform((offsets) => [...new Set(offsets)].sort((a, b) => a - b));

export const NotificationPreferences = z
  .strictObject({
    /** Absent categories keep their default. */
    channels: z.partialRecord(NotificationCategory, Channels.partial()),
    /** No mail and no push between these, in the person's time zone; they come when it is over. */
    quiet_hours: z.strictObject({ from: DayTime, to: DayTime }).nullable(),
    /** Mail in one piece, at 08:00 in the person's time zone, on Mondays where weekly. Reminders come at their time. */
    digest: z.enum(["off", "daily", "weekly"]),
    reminders: z.strictObject({ offsets_minutes: Offsets, overdue: z.boolean() }),
  })
  .meta({ id: "NotificationPreferences" });
export type NotificationPreferences = z.infer<typeof NotificationPreferences>;

const EachCategory = z.object({
  assigned: Channels,
  mentioned: Channels,
  comments: Channels,
  status: Channels,
  projects: Channels,
  reminders: Channels,
  messages: Channels,
} satisfies Record<NotificationCategory, typeof Channels>);

/** With what follows from it: every category with its channels, be they possible now or not. */
export const ChosenPreferences = NotificationPreferences.extend({
  resulting: EachCategory,
  /** What this server can do: mail takes a mail server and an address of the person's. */
  available: z.object({ mail: z.boolean(), push: z.boolean() }),
});
export type ChosenPreferences = z.infer<typeof ChosenPreferences>;

/** Of one project only what goes to which channel differs. */
export const UpdatePreferences = NotificationPreferences.partial().extend({ ...mutation });
export type UpdatePreferences = z.infer<typeof UpdatePreferences>;

export const defaultPreferences: NotificationPreferences = {
  channels: {},
  quiet_hours: null,
  digest: "off",
  reminders: { offsets_minutes: [0, 60, 1_440], overdue: true },
};

/** Where a category goes unless the person says otherwise. */
export const defaultChannels: Record<NotificationCategory, z.infer<typeof Channels>> = {
  assigned: { in_app: true, mail: true, push: true },
  mentioned: { in_app: true, mail: true, push: true },
  comments: { in_app: true, mail: false, push: true },
  status: { in_app: true, mail: false, push: false },
  projects: { in_app: true, mail: true, push: false },
  reminders: { in_app: true, mail: true, push: true },
  messages: { in_app: true, mail: false, push: true },
};

export const notificationEvents = {
  notification: defineEvent({
    audience: "user",
    durable: true,
    description:
      "Something for the inbox: new, or an entry that happened again (its count rose) or whose snooze is over.",
    data: z.object({ notification: Notification }),
  }),
  notifications_read: defineEvent({
    audience: "user",
    durable: true,
    description:
      "Entries were read or made unread (`read` false), archived or snoozed, in another window or here. `all`: all that were in sight.",
    data: z.object({
      notification_ids: z.array(z.string()).optional(),
      all: z.literal(true).optional(),
      read: z.boolean(),
      /** They are out of sight until then: a `notification` brings them back. */
      snoozed_until: z.string().optional(),
      archived: z.literal(true).optional(),
      unread_count: z.int(),
    }),
  }),
  due_date_reminder: defineEvent({
    audience: "user",
    durable: true,
    description: "A task is due soon, due, or overdue. It carries its inbox entry; no `notification` comes besides.",
    data: z.object({
      task: Task,
      due_at: z.string(),
      kind: z.enum(["upcoming", "due", "overdue"]),
      /** It should have come earlier: the server was down. */
      late: z.boolean(),
      notification: Notification,
    }),
  }),
};

const inbox = { tag: "notifications" } as const;

export const inboxEndpoints = {
  listNotifications: defineEndpoint({
    ...inbox,
    method: "GET",
    path: "/api/notifications",
    summary: "The caller's inbox",
    description:
      "The latest first. `unread`: only those; `category`: only these; `archived`, `snoozed`: those that were put away or hidden, which are not in it otherwise.",
    query: z.strictObject({
      ...listQuery,
      unread: z.enum(["true", "false"]).default("false"),
      category: NotificationCategory.optional(),
      archived: z.enum(["true", "false"]).default("false"),
      snoozed: z.enum(["true", "false"]).default("false"),
    }),
    answer: Page(Notification).extend({ unread_count: z.int() }),
  }),
  readNotifications: defineEndpoint({
    ...inbox,
    method: "POST",
    path: "/api/notifications/read",
    summary: "Mark entries read, or unread",
    description: "Ids that are not the caller's, or gone, are passed over. `all`: those in sight, not what is snoozed.",
    body: ReadNotifications,
    answer: UnreadCount,
    errors: ["idempotency_mismatch"],
  }),
  snoozeNotification: defineEndpoint({
    ...inbox,
    method: "POST",
    path: "/api/notifications/:id/snooze",
    summary: "Hide an entry until later; it comes back unread",
    body: SnoozeNotification,
    answer: Notification,
    errors: ["not_found", "conflict", "idempotency_mismatch"],
  }),
  archiveNotification: defineEndpoint({
    ...inbox,
    method: "POST",
    path: "/api/notifications/:id/archive",
    summary: "Put an entry away, read",
    answer: Notification,
    errors: ["not_found", "idempotency_mismatch"],
  }),
  getPreferences: defineEndpoint({
    ...inbox,
    method: "GET",
    path: "/api/notifications/preferences",
    summary: "What the caller wants to hear of, and how",
    description: "With `project_id`: what holds in that project. Channels not chosen are at their defaults.",
    query: z.strictObject({ project_id: Id.optional() }),
    answer: ChosenPreferences,
    errors: ["not_found"],
  }),
  updatePreferences: defineEndpoint({
    ...inbox,
    scope: "session",
    method: "PUT",
    path: "/api/notifications/preferences",
    summary: "Choose what to hear of, and how",
    description:
      "Absent parts keep their value. With `project_id` only `channels` can be chosen; `{}` there follows the person's own.",
    query: z.strictObject({ project_id: Id.optional() }),
    body: UpdatePreferences,
    answer: ChosenPreferences,
    errors: ["not_found", "idempotency_mismatch"],
  }),
};
