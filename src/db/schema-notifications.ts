/** The data model's second page: what people are told, and how. See docs/notifications.md. */
import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { madeAt, projects, sessions, taskId, time, users } from "./schema.ts";

export const notifications = pgTable(
  "notifications",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    type: text("type").notNull(),
    category: text("category").notNull(),
    message: text("message").notNull(),
    /** JSON text. */
    data: text("data").notNull().default("{}"),
    link: text("link"),
    /** How often it happened: repeats within a minute are one entry while it is unread. */
    count: integer("count").notNull().default(1),
    collapseKey: text("collapse_key"),
    projectId: uuid("project_id"),
    taskId: uuid("task_id"),
    createdAt: madeAt(),
    /** When it last happened; the inbox is in this order. */
    updatedAt: time("updated_at").notNull().defaultNow(),
    readAt: time("read_at"),
    snoozedUntil: time("snoozed_until"),
    archivedAt: time("archived_at"),
  },
  (t) => [
    index("notifications_inbox").on(t.userId, t.updatedAt, t.id),
    index("notifications_unread").on(t.userId, t.collapseKey).where(sql`read_at is null and archived_at is null`),
    index("notifications_age").on(t.updatedAt),
  ],
);

/** What left, or is to leave, by mail or push: one row a notification and channel. */
export const deliveries = pgTable(
  "deliveries",
  {
    notificationId: uuid("notification_id")
      .notNull()
      .references(() => notifications.id, { onDelete: "cascade" }),
    channel: text("channel", { enum: ["mail", "push"] }).notNull(),
    userId: uuid("user_id").notNull(),
    state: text("state", { enum: ["waiting", "sent", "skipped", "dead"] })
      .notNull()
      .default("waiting"),
    createdAt: madeAt(),
    sentAt: time("sent_at"),
  },
  (t) => [
    primaryKey({ columns: [t.notificationId, t.channel] }),
    index("deliveries_waiting").on(t.userId, t.channel).where(sql`state = 'waiting'`),
  ],
);

/** One person's choices; with a project they hold for that project only. */
export const notificationPreferences = pgTable(
  "notification_preferences",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    projectId: uuid("project_id").references(() => projects.id, { onDelete: "cascade" }),
    /** JSON text. */
    settings: text("settings").notNull(),
  },
  (t) => [
    unique("notification_preferences_of").on(t.userId, t.projectId).nullsNotDistinct(),
    index("notification_preferences_project").on(t.projectId),
  ],
);

export const pushSubscriptions = pgTable(
  "push_subscriptions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    endpoint: text("endpoint").notNull(),
    p256dh: text("p256dh").notNull(),
    auth: text("auth").notNull(),
    userAgent: text("user_agent"),
    createdAt: madeAt(),
    /** Of the browser that asked: it is pushed to no longer than somebody is signed in there. Null: an application asked. */
    sessionId: uuid("session_id").references(() => sessions.id, { onDelete: "cascade" }),
  },
  (t) => [
    uniqueIndex("push_subscriptions_endpoint").on(t.endpoint),
    index("push_subscriptions_user_id").on(t.userId),
    index("push_subscriptions_session_id").on(t.sessionId),
  ],
);

/** Reminders a person asked for on one task, besides those of the person's preferences. */
export const taskReminders = pgTable(
  "task_reminders",
  {
    id: uuid("id").primaryKey(),
    taskId: taskId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Before the due time. */
    offsetMinutes: integer("offset_minutes").notNull(),
    createdAt: madeAt(),
  },
  (t) => [
    uniqueIndex("task_reminders_of").on(t.taskId, t.userId, t.offsetMinutes),
    index("task_reminders_user_id").on(t.userId),
  ],
);

/** One row an occurrence and person: what is to be said, and whether it was. */
export const reminders = pgTable(
  "reminders",
  {
    id: uuid("id").primaryKey(),
    taskId: taskId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: ["upcoming", "due", "overdue"] }).notNull(),
    offsetMinutes: integer("offset_minutes").notNull(),
    /** The task's due time that it is about; another due time is another occurrence. */
    dueAt: time("due_at").notNull(),
    remindAt: time("remind_at").notNull(),
    firedAt: time("fired_at"),
    createdAt: madeAt(),
  },
  (t) => [
    uniqueIndex("reminders_occurrence").on(t.taskId, t.userId, t.kind, t.offsetMinutes, t.dueAt),
    index("reminders_waiting").on(t.remindAt).where(sql`fired_at is null`),
    index("reminders_fired").on(t.firedAt).where(sql`fired_at is not null`),
    // A person's waiting ones in their order; all that are due of one person are told together.
    index("reminders_of").on(t.userId, t.firedAt, t.remindAt),
  ],
);
