/** The data model on one page. Columns are snake_case in the database and camelCase here. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
export const madeAt = () => time("created_at").notNull().defaultNow();
/** Positions compare bytewise, whatever the database's locale (H5). */
const position = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

// People and how they sign in; the shapes of sessions, accounts and verifications are better-auth's.

export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    email: text("email").notNull(),
    emailVerified: boolean("email_verified").notNull().default(false),
    image: text("image"),
    role: text("role", { enum: ["admin", "user"] })
      .notNull()
      .default("user"),
    timeZone: text("time_zone").notNull().default("UTC"),
    locale: text("locale").notNull().default("en"),
    /** Who this person is to a trusted host application: `<issuer>|<sub>`. Such a person has a made-up address. */
    externalId: text("external_id"),
    disabledAt: time("disabled_at"),
    createdAt: madeAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [uniqueIndex("users_email").on(t.email), uniqueIndex("users_external_id").on(t.externalId)],
);

export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    token: text("token").notNull(),
    expiresAt: time("expires_at").notNull(),
    ipAddress: text("ip_address"),
    userAgent: text("user_agent"),
    createdAt: madeAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [uniqueIndex("sessions_token").on(t.token), index("sessions_user_id").on(t.userId)],
);

export const accounts = pgTable(
  "accounts",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    providerId: text("provider_id").notNull(),
    accountId: text("account_id").notNull(),
    password: text("password"),
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accessTokenExpiresAt: time("access_token_expires_at"),
    refreshTokenExpiresAt: time("refresh_token_expires_at"),
    scope: text("scope"),
    createdAt: madeAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("accounts_provider_account").on(t.providerId, t.accountId),
    index("accounts_user_id").on(t.userId),
  ],
);

export const verifications = pgTable(
  "verifications",
  {
    id: uuid("id").primaryKey(),
    identifier: text("identifier").notNull(),
    value: text("value").notNull(),
    expiresAt: time("expires_at").notNull(),
    createdAt: madeAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [index("verifications_identifier").on(t.identifier)],
);

// Projects.

export const projects = pgTable(
  "projects",
  {
    id: uuid("id").primaryKey(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** The number of the last task made. */
    taskCount: integer("task_count").notNull().default(0),
    createdBy: uuid("created_by").notNull(),
    createdAt: madeAt(),
    archivedAt: time("archived_at"),
    /** A tombstone: the room delivers `project_deleted`, later joins are `not_found`. */
    deletedAt: time("deleted_at"),
  },
  (t) => [uniqueIndex("projects_key").on(t.key).where(sql`deleted_at is null`)],
);

const projectId = () =>
  uuid("project_id")
    .notNull()
    .references(() => projects.id, { onDelete: "cascade" });

export const members = pgTable(
  "members",
  {
    projectId: projectId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["owner", "admin", "member", "viewer"] }).notNull(),
    joinedAt: time("joined_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.userId] }), index("members_user_id").on(t.userId)],
);

export const columns = pgTable(
  "columns",
  {
    id: uuid("id").primaryKey(),
    projectId: projectId(),
    status: text("status").notNull(),
    name: text("name").notNull(),
    position: position("position").notNull(),
    wipLimit: integer("wip_limit"),
    done: boolean("done").notNull().default(false),
  },
  (t) => [uniqueIndex("columns_project_status").on(t.projectId, t.status)],
);

export const labels = pgTable(
  "labels",
  { id: uuid("id").primaryKey(), projectId: projectId(), name: text("name").notNull(), color: text("color").notNull() },
  (t) => [uniqueIndex("labels_project_name").on(t.projectId, t.name)],
);

// Tasks. People, labels and blockers are arrays on the row, so that one row lock and one row read hold the whole
// task; the service checks their members against the project (see docs/decisions).

export const tasks = pgTable(
  "tasks",
  {
    id: uuid("id").primaryKey(),
    projectId: projectId(),
    number: integer("number").notNull(),
    /** `WEB-42`; written with the task so that the hot statement joins nothing. */
    key: text("key").notNull(),
    title: text("title").notNull(),
    description: text("description").notNull().default(""),
    status: text("status").notNull(),
    position: position("position").notNull(),
    priority: text("priority", { enum: ["none", "low", "medium", "high", "urgent"] })
      .notNull()
      .default("none"),
    assigneeIds: uuid("assignee_ids").array().notNull().default(sql`'{}'`),
    labelIds: uuid("label_ids").array().notNull().default(sql`'{}'`),
    blockedByIds: uuid("blocked_by_ids").array().notNull().default(sql`'{}'`),
    startAt: time("start_at"),
    dueAt: time("due_at"),
    allDay: boolean("all_day").notNull().default(false),
    estimate: doublePrecision("estimate"),
    parentId: uuid("parent_id"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: madeAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
    completedAt: time("completed_at"),
    archivedAt: time("archived_at"),
  },
  (t) => [
    uniqueIndex("tasks_project_number").on(t.projectId, t.number),
    // No index on status or position: the hot update then rewrites no index at all (a heap-only update).
    index("tasks_parent_id").on(t.parentId).where(sql`parent_id is not null`),
    // Few wait for others; the hot update changes nothing here either.
    index("tasks_blocked").on(t.projectId).where(sql`blocked_by_ids <> '{}'`),
  ],
);

export const taskId = () =>
  uuid("task_id")
    .notNull()
    .references(() => tasks.id, { onDelete: "cascade" });

/** Who hears of a task's changes. A row with `watching` false is of somebody who wants to hear nothing more. */
export const watchers = pgTable(
  "watchers",
  {
    taskId: taskId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    watching: boolean("watching").notNull().default(true),
    createdAt: madeAt(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.userId] }), index("watchers_user_id").on(t.userId)],
);

export const checklistItems = pgTable(
  "checklist_items",
  {
    id: uuid("id").primaryKey(),
    taskId: taskId(),
    title: text("title").notNull(),
    done: boolean("done").notNull().default(false),
    position: position("position").notNull(),
    createdBy: uuid("created_by").notNull(),
    createdAt: madeAt(),
    completedAt: time("completed_at"),
  },
  (t) => [index("checklist_items_task").on(t.taskId, t.position)],
);

export const comments = pgTable(
  "comments",
  {
    id: uuid("id").primaryKey(),
    taskId: uuid("task_id")
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    authorId: uuid("author_id").notNull(),
    content: text("content").notNull(),
    reactions: json("reactions").$type<Record<string, string[]>>().notNull().default({}),
    createdAt: madeAt(),
    editedAt: time("edited_at"),
    deletedAt: time("deleted_at"),
  },
  (t) => [index("comments_task").on(t.taskId, t.createdAt, t.id)],
);

// The log.

/** One row a room: a project's (same id) or a person's (same id). Every writer locks it first. */
export const rooms = pgTable("rooms", {
  id: uuid("id").primaryKey(),
  kind: text("kind", { enum: ["project", "user"] }).notNull(),
  /** Changes when the log was restored from a backup: positions of another epoch mean nothing. */
  epoch: text("epoch").notNull(),
  /** Number of the room's last event; rises by exactly one per event. */
  seq: bigint("seq", { mode: "number" }).notNull().default(0),
  /** Events up to here are gone: history reaches back to `trimmed_seq` + 1. */
  trimmedSeq: bigint("trimmed_seq", { mode: "number" }).notNull().default(0),
  /** Rises with members, columns, labels and the project itself: a writer that decided on an older one decides again. */
  revision: bigint("revision", { mode: "number" }).notNull().default(1),
});

export const events = pgTable(
  "events",
  {
    roomId: uuid("room_id").notNull(),
    seq: bigint("seq", { mode: "number" }).notNull(),
    event: text("event").notNull(),
    at: time("at").notNull(),
    /** `{id, name, kind}` as it was then, as JSON text; null for what the server did by itself. */
    actor: text("actor"),
    actorId: uuid("actor_id"),
    mutationId: text("mutation_id"),
    /** 0, 1, 2 … of the events one mutation made. */
    mutationPart: smallint("mutation_part").notNull().default(0),
    /** xxHash64 of the request, to tell a retry from a key used twice. */
    mutationHash: bigint("mutation_hash", { mode: "bigint" }),
    /** JSON text, spliced into frames as it stands; `text` because `json` would be parsed on every insert. */
    data: text("data").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.roomId, t.seq] }),
    uniqueIndex("events_mutation").on(t.actorId, t.mutationId, t.mutationPart).where(sql`mutation_id is not null`),
  ],
);

/** Writes that made no event, for 24 hours (H4). */
export const mutations = pgTable(
  "mutations",
  {
    actorId: uuid("actor_id").notNull(),
    mutationId: text("mutation_id").notNull(),
    mutationHash: bigint("mutation_hash", { mode: "bigint" }).notNull(),
    answer: json("answer"),
    createdAt: madeAt(),
  },
  (t) => [primaryKey({ columns: [t.actorId, t.mutationId] }), index("mutations_created_at").on(t.createdAt)],
);

/** How far a reader of the log has come in a room: `activity`, and the processors. The log is not trimmed beyond it. */
export const positions = pgTable(
  "positions",
  {
    processor: text("processor").notNull(),
    roomId: uuid("room_id").notNull(),
    seq: bigint("seq", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.processor, t.roomId] })],
);

/** What happened in a project, for people to read; made of the log, which it outlives. */
export const activity = pgTable(
  "activity",
  {
    projectId: projectId(),
    seq: bigint("seq", { mode: "number" }).notNull(),
    taskId: uuid("task_id"),
    event: text("event").notNull(),
    at: time("at").notNull(),
    /** As in `events`. */
    actor: text("actor"),
    /** What changed, as JSON text: less than the event's data, which holds the whole resource. */
    data: text("data").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.seq] }),
    index("activity_task").on(t.taskId, t.seq).where(sql`task_id is not null`),
  ],
);

/** Keys of programs. What is kept of a key finds it and checks it, and cannot be turned back into it. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    /** Whose rights it has, within its scopes. */
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** Its first characters, to find it and to show it by. */
    prefix: text("prefix").notNull(),
    /** SHA-256 of the whole key, in hexadecimal: a key is random enough to need no slower hash. */
    hash: text("hash").notNull(),
    scopes: text("scopes").array().notNull(),
    /** Null: every project of its person. */
    projectIds: uuid("project_ids").array(),
    expiresAt: time("expires_at"),
    lastUsedAt: time("last_used_at"),
    createdAt: madeAt(),
  },
  (t) => [uniqueIndex("api_keys_prefix").on(t.prefix), index("api_keys_user_id").on(t.userId)],
);

/** Work that outlives the process which asked for it; see src/jobs. A job that is done has no row any more. */
export const jobs = pgTable(
  "jobs",
  {
    id: uuid("id").primaryKey(),
    kind: text("kind").notNull(),
    /** Of a kind and key at most one job waits or runs. */
    key: text("key"),
    /** 0 goes first, 2 last. */
    priority: smallint("priority").notNull().default(1),
    /** JSON text. */
    payload: text("payload").notNull(),
    /** When it may be claimed: its time, the end of its wait after a failure, or of the lease of who claimed it. */
    dueAt: time("due_at").notNull(),
    attempts: integer("attempts").notNull().default(0),
    /** The node that claimed it last. */
    claimedBy: uuid("claimed_by"),
    lastError: text("last_error"),
    /** It failed for good, and is kept to be looked at and tried again by hand. */
    deadAt: time("dead_at"),
    createdAt: madeAt(),
  },
  (t) => [
    uniqueIndex("jobs_key").on(t.kind, t.key).where(sql`dead_at is null`),
    index("jobs_due").on(t.kind, t.priority, t.dueAt).where(sql`dead_at is null`),
    index("jobs_dead").on(t.deadAt).where(sql`dead_at is not null`),
  ],
);

/** Facts about this database: `format`, `setup_token`, … */
export const meta = pgTable("meta", { key: text("key").primaryKey(), value: json("value").notNull() });
