/** What people are told: the inbox, its events, and what each person wants to hear of and how. */
import { z } from "zod";
import { defineEndpoint, listQuery, Page } from "./endpoint.ts";
import { defineEvent } from "./event.ts";
import { Id, InputTimestamp, MutationId } from "./ids.ts";
import { Task } from "./tasks.ts";
import { Line, Text } from "./text.ts";

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

/** Either some or all; `read: false` makes unread again. */
export const ReadNotifications = z
  .strictObject({ notification_ids: Ids.optional(), all: All.optional(), read: z.boolean().optional(), ...mutation })
  .refine((body) => (body.notification_ids === undefined) !== (body.all === undefined), {
    message: "give either notification_ids or all",
    path: ["notification_ids"],
  });
export type ReadNotifications = z.infer<typeof ReadNotifications>;

/** Data of the frame `mark_read`. */
export const MarkRead = z
  .strictObject({ notification_ids: Ids.optional(), all: All.optional(), ...mutation })
  .refine((data) => (data.notification_ids === undefined) !== (data.all === undefined), {
    message: "give either notification_ids or all",
    path: ["notification_ids"],
  });

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
    /** Mail in one piece, at 08:00 in the person's time zone, on Mondays where weekly. */
    digest: z.enum(["off", "daily", "weekly"]),
    reminders: z.strictObject({ offsets_minutes: Offsets, overdue: z.boolean() }),
  })
  .meta({ id: "NotificationPreferences" });
export type NotificationPreferences = z.infer<typeof NotificationPreferences>;

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

const NotificationType = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+([_.-][a-z0-9]+)*$/, "is a name such as build_failed");
const MessageData = z
  .record(z.string(), z.unknown())
  .refine((data) => JSON.stringify(data).length <= 16_384, "is larger than 16 KiB");

export const recipientsMax = 10_000;

export const SendNotification = z
  .strictObject({
    user_id: Id.optional(),
    user_ids: z.array(Id).min(1).max(recipientsMax).optional(),
    type: NotificationType,
    message: Line(2_000),
    category: NotificationCategory.optional(),
    data: MessageData.optional(),
    ...mutation,
  })
  .refine((body) => (body.user_id === undefined) !== (body.user_ids === undefined), {
    message: "give either user_id or user_ids",
    path: ["user_id"],
  });
export type SendNotification = z.infer<typeof SendNotification>;

/** Unknown and disabled people are listed; the rest was told. */
export const SentNotification = z.object({ sent: z.int(), unknown_user_ids: z.array(z.string()) });
export type SentNotification = z.infer<typeof SentNotification>;

export const Broadcast = z.strictObject({
  type: NotificationType,
  message: Line(2_000),
  data: MessageData.optional(),
  /** False: only those who are connected hear it, and nothing is kept. */
  persist: z.boolean().default(true),
  ...mutation,
});
export type Broadcast = z.infer<typeof Broadcast>;

export const DirectMessage = z.strictObject({ message: Text(2_000), data: MessageData.optional(), ...mutation });
export type DirectMessage = z.infer<typeof DirectMessage>;

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
    description: "Entries were read or made unread (`read` false), archived or snoozed, in another window or here.",
    data: z.object({
      notification_ids: z.array(z.string()).optional(),
      all: z.literal(true).optional(),
      read: z.boolean(),
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
  direct_message: defineEvent({
    audience: "connection",
    durable: false,
    description: "A message to this one connection.",
    data: z.object({ message: z.string(), data: z.record(z.string(), z.unknown()) }),
  }),
  broadcast: defineEvent({
    audience: "connection",
    durable: false,
    description: "A message to everybody who is connected, which is not kept.",
    data: z.object({ type: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()) }),
  }),
};

const inbox = { tag: "notifications", scope: "session" } as const;

export const inboxEndpoints = {
  listNotifications: defineEndpoint({
    method: "GET",
    path: "/api/notifications",
    tag: "notifications",
    summary: "The caller's inbox",
    description: "The latest first. Without `archived` neither archived nor snoozed entries are in it.",
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
    description: "Ids that are not the caller's, or gone, are passed over.",
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
    errors: ["not_found", "idempotency_mismatch"],
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
    method: "GET",
    path: "/api/notifications/preferences",
    tag: "notifications",
    summary: "What the caller wants to hear of, and how",
    description: "With `project_id`: what holds in that project. Channels not chosen are at their defaults.",
    query: z.strictObject({ project_id: Id.optional() }),
    answer: NotificationPreferences,
    errors: ["not_found"],
  }),
  updatePreferences: defineEndpoint({
    ...inbox,
    method: "PUT",
    path: "/api/notifications/preferences",
    summary: "Choose what to hear of, and how",
    description:
      "Absent parts keep their value. With `project_id` only `channels` can be chosen; `{}` there follows the person's own.",
    query: z.strictObject({ project_id: Id.optional() }),
    body: UpdatePreferences,
    answer: NotificationPreferences,
    errors: ["not_found", "idempotency_mismatch"],
  }),
};
