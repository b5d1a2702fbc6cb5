/** The servers that are measured, and the data they work on. */
import { createHmac } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { migrateUp } from "../../src/db/migrate.ts";
import { openDatabase } from "../../src/db/open.ts";
import type { Room, Target } from "./harness.ts";

const root = join(import.meta.dirname, "../..");
const secret = "a secret of the benchmark, long enough for HS256";

/** People are 1, 2, 3 …; a host application's tokens make them without signing up. */
export function token(person: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: String(person), name: `Person ${person}`, exp: Math.floor(Date.now() / 1000) + 7_200 };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** Padding to a message of about 200 bytes, the marker included. */
const text200 = `%M${"x".repeat(170)}`;

export const roomUuid = (room: number): string => `00000000-0000-7000-8000-${String(room).padStart(12, "0")}`;
export const taskUuid = (task: number): string => `00000000-0000-7000-9000-${String(task).padStart(12, "0")}`;
const personUuid = (person: number): string => `00000000-0000-7000-a000-${String(person).padStart(12, "0")}`;

export const taskwireEnv = {
  MODE: "production",
  HOST: "127.0.0.1",
  LOG_LEVEL: "error",
  SIGN_UP: "closed",
  TRUSTED_JWT_SECRET: secret,
  // The limits work; they are only out of the load's reach.
  RATE_LIMIT_FRAMES_PER_SECOND: "100000",
  RATE_LIMIT_FRAMES_BURST: "1000000",
  RATE_LIMIT_REQUESTS_PER_MINUTE: "10000000",
} as const;

const taskwire = {
  env: taskwireEnv,
  health: "/health/ready",
  path: () => "/ws",
  headers: (person: number) => `Authorization: Bearer ${token(person)}\r\n`,
  script: (room: number) => [
    '<"connected"',
    `>{"id":0,"event":"join_project","data":{"project_id":"${roomUuid(room)}"}}`,
    '<"id":0,"ok":true',
  ],
} as const;

export interface TaskwireOptions {
  readonly databaseUrl: string | undefined;
  /** The executable, or the sources. */
  readonly command: readonly string[];
}

const withData = (databaseUrl: string | undefined, dataDir?: string): Record<string, string> => ({
  ...taskwireEnv,
  DATA_DIR: dataDir ?? mkdtempSync(join(tmpdir(), "taskwire-bench-data-")),
  DATABASE_URL: databaseUrl ?? "",
});

export const taskwireUpdate = ({ databaseUrl, command }: TaskwireOptions, dataDir?: string): Target => ({
  ...taskwire,
  name: databaseUrl === undefined ? "taskwire, embedded" : "taskwire",
  command: [...command, "serve"],
  env: withData(databaseUrl, dataDir),
  say: () => '{"id":%A,"event":"task_status_update","data":{"task_id":"%T","status":"%S","mutation_id":"%M"}}',
  answer: ['"id":%A', '"ok":true'],
});

export const taskwireFanout = (databaseUrl: string | undefined, dataDir?: string): Target => ({
  ...taskwire,
  name: "taskwire",
  command: [process.execPath, join(root, "test/bench/fanout-server.ts")],
  env: withData(databaseUrl, dataDir),
  say: () => `{"event":"task_update","data":{"task_id":"${roomUuid(1)}","changes":{"title":"${text200}"}}}`,
});

/** How a client of Socket.IO enters and joins. */
export const socketIoPlan = {
  path: () => "/socket.io/?EIO=4&transport=websocket",
  script: (room: number) => [
    "<0{",
    ">40",
    '<"connected"',
    `>420["join_project",{"project_id":"${roomUuid(room)}"}]`,
    '<430[{"ok":true',
  ],
} as const;

export const taskwireSocketIo = (dataDir: string): Target => ({
  ...taskwireFanout(undefined, dataDir),
  ...socketIoPlan,
  name: "taskwire, Socket.IO",
  say: () => `42["task_update",{"task_id":"${roomUuid(1)}","changes":{"title":"${text200}"}}]`,
});

const byHand = {
  command: [process.execPath, join(root, "test/bench/limit-server.ts")],
  health: "/health",
  path: (person: number) => `/ws?token=${token(person)}`,
  headers: () => "",
  script: (room: number) => ['<"connected"', `>{"t":"join","room":${room}}`, '<"joined"'],
} as const;

export const byHandFanout: Target = {
  ...byHand,
  name: "Bun by hand",
  env: { NODE_ENV: "production", TRUSTED_JWT_SECRET: secret },
  say: (room) => `{"t":"relay","room":${room},"d":"${text200}"}`,
};

export const byHandUpdate = (databaseUrl: string): Target => ({
  ...byHand,
  name: "Bun by hand, one statement",
  env: { NODE_ENV: "production", TRUSTED_JWT_SECRET: secret, DATABASE_URL: databaseUrl },
  say: () => '{"t":"update","id":%A,"task_id":%T,"status":"%S","d":"%M"}',
  answer: ['"id":%A', '"ok":true'],
});

/** One statement a request, on tables of Taskwire's. */
export const restByHand = (databaseUrl: string): Target => ({
  ...byHandUpdate(databaseUrl),
  name: "Elysia and postgres.js",
  command: [process.execPath, join(root, "test/bench/rest-limit-server.ts")],
});

export interface Size {
  readonly rooms: number;
  readonly members: number;
  readonly tasks: number;
}

/** Tasks of one room: every `rooms`-th number. */
const tasksOf = ({ rooms, tasks }: Size, room: number): number[] =>
  Array.from({ length: Math.floor(tasks / rooms) }, (_, i) => i * rooms + room);

export const roomsOf = (size: Size, senders: number, target: "taskwire" | "byHand"): Room[] =>
  Array.from({ length: size.rooms }, (_, i) => ({
    members: size.members,
    senders: Math.floor(senders / size.rooms) + (i < senders % size.rooms ? 1 : 0),
    tasks: tasksOf(size, i + 1).map((task) => (target === "taskwire" ? taskUuid(task) : String(task))),
  }));

/** Rooms, members and tasks for Taskwire, straight into its tables. */
export async function seedTaskwire(databaseUrl: string | undefined, dataDir: string, size: Size): Promise<void> {
  const database = await openDatabase({ databaseUrl, dataDir, poolSize: 2 });
  await migrateUp(database);
  const { sql } = database;
  const uuid = (block: string, expression: string) =>
    `('00000000-0000-7000-${block}-' || lpad((${expression})::text, 12, '0'))::uuid`;
  const people = size.rooms * size.members;
  const statements = [
    "truncate users, projects, rooms, events, mutations cascade",
    `insert into users (id, name, email, external_id) select ${uuid("a000", "n")}, 'Person ' || n, n || '@bench.invalid',
      '|' || n from generate_series(1, ${people}) n`,
    `insert into rooms (id, kind, epoch) select ${uuid("a000", "n")}, 'user', 'e' from generate_series(1, ${people}) n`,
    `insert into rooms (id, kind, epoch) select ${uuid("8000", "n")}, 'project', 'e' from generate_series(1, ${size.rooms}) n`,
    `insert into projects (id, key, name, created_by, task_count)
      select ${uuid("8000", "n")}, 'P' || n, 'Project ' || n, '${personUuid(1)}', ${size.tasks} from generate_series(1, ${size.rooms}) n`,
    `insert into columns (id, project_id, status, name, position, done)
      select gen_random_uuid(), p.id, s.status, s.status, s.position, s.status = 'done' from projects p
      cross join (values ('todo', 'a'), ('in_progress', 'b'), ('review', 'c'), ('done', 'd')) s(status, position)`,
    `insert into members (project_id, user_id, role) select ${uuid("8000", `(n - 1) / ${size.members} + 1`)}, ${uuid("a000", "n")},
      'member' from generate_series(1, ${people}) n`,
    `insert into tasks (id, project_id, number, key, title, status, position, created_by)
      select ${uuid("9000", "n")}, ${uuid("8000", `(n - 1) % ${size.rooms} + 1`)}, n, 'P-' || n, 'Task ' || n, 'todo', 'a' || n,
      '${personUuid(1)}' from generate_series(1, ${size.tasks}) n`,
    "analyze",
  ];
  for (const statement of statements) await sql.unsafe(statement);
  await database.close();
}

const words = {
  verbs: "Fix Review Plan Translate Move Measure Shorten Replace Test Announce Explain Remove",
  things:
    "invoices,the login page,search results,the newsletter,payment reminders,backup jobs,the price list,opening hours,customer photos,the help pages,release notes,shipping labels,old accounts",
  ends: "before the summer release,for the Vienna office,on phones,as Ana asked,so that nobody waits,with the new supplier,in all languages,after the audit,without a restart",
} as const;

/** Gives every task a title and a description of the length and the variety that people write. */
export async function describeTasks(databaseUrl: string | undefined, dataDir: string): Promise<void> {
  const database = await openDatabase({ databaseUrl, dataDir, poolSize: 2 });
  const pick = (list: string, separator: string, shift: number) => {
    const all = list.split(separator);
    const array = `array[${all.map((word) => `'${word}'`).join()}]`;
    return `(${array})[1 + (number * ${7 + shift} + number / ${shift + 3}) % ${all.length}]`;
  };
  const sentence = (shift: number) =>
    [pick(words.verbs, " ", shift), pick(words.things, ",", shift + 2), pick(words.ends, ",", shift + 4)].join(
      " || ' ' || ",
    );
  await database.sql.unsafe(
    `update tasks set title = ${sentence(0)}, description = ${sentence(1)} || '. ' || ${sentence(5)} || ' (' || number || ').'`,
  );
  await database.sql.unsafe("analyze tasks");
  await database.close();
}

/** The same for the server by hand. */
export async function seedByHand(databaseUrl: string, size: Size): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`
    drop table if exists activity, tasks, members, rooms;
    create table rooms (id int primary key, seq bigint not null default 0);
    create table members (project_id int, user_id int, role text default 'member', primary key (project_id, user_id));
    create table tasks (id int primary key, project_id int not null, title text, status text not null,
      version int not null default 0, updated_at timestamptz not null default now());
    create table activity (id bigserial primary key, project_id int not null, task_id int not null, user_id int not null,
      type text not null, note text, seq bigint, created_at timestamptz not null default now());
    create index on activity (project_id, id); create index on tasks (project_id);
    insert into rooms select n from generate_series(1, ${size.rooms}) n;
    insert into members select (n - 1) / ${size.members} + 1, n from generate_series(1, ${size.rooms * size.members}) n;
    insert into tasks select n, (n - 1) % ${size.rooms} + 1, 'Task ' || n, 'todo' from generate_series(1, ${size.tasks}) n;
    analyze`);
  await sql.end();
}
