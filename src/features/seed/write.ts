/** Log entries and their rows, written as one batch behind a room's last event. */
import type { CommittedEvent, Tx } from "../../db/context.ts";
import { notificationsProcessor, processors, remindersProcessor } from "../../db/processors.ts";
import { queryIn } from "../../db/query.ts";
import type { User } from "../../protocol/users.ts";
import { isStructural } from "../../realtime/log.ts";
import { bulkInsert, insertRows } from "./bulk.ts";
import type { LogEntry } from "./events.ts";
import { iso } from "./work-time.ts";

const events = bulkInsert("events", {
  room_id: "uuid",
  seq: "bigint",
  event: "text",
  at: "timestamptz",
  actor: "text",
  actor_id: "uuid",
  mutation_part: "smallint",
  data: "text",
});

const tasks = bulkInsert("tasks", {
  id: "uuid",
  project_id: "uuid",
  number: "int",
  key: "text",
  title: "text",
  description: "text!",
  status: "text",
  position: "text",
  priority: "text",
  assignee_ids: "uuid[]",
  label_ids: "uuid[]",
  blocked_by_ids: "uuid[]",
  start_at: "timestamptz",
  due_at: "timestamptz",
  all_day: "boolean",
  estimate: "float8",
  parent_id: "uuid",
  version: "int",
  created_by: "uuid",
  created_at: "timestamptz",
  updated_at: "timestamptz",
  completed_at: "timestamptz",
  archived_at: "timestamptz",
});

const comments = bulkInsert("comments", {
  id: "uuid",
  task_id: "uuid",
  author_id: "uuid",
  content: "text",
  reactions: "json",
  created_at: "timestamptz",
  edited_at: "timestamptz",
  deleted_at: "timestamptz",
});

const checklistItems = bulkInsert("checklist_items", {
  id: "uuid",
  task_id: "uuid",
  title: "text",
  done: "boolean",
  position: "text",
  created_by: "uuid",
  created_at: "timestamptz",
  completed_at: "timestamptz",
});

const activity = bulkInsert("activity", {
  project_id: "uuid",
  seq: "bigint",
  task_id: "uuid",
  event: "text",
  at: "timestamptz",
  actor: "text",
  data: "text",
});

const ids = (list: readonly string[]): string => `{${list.join()}}`;
const actorOf = ({ id, name }: User): string => JSON.stringify({ id, name, kind: "user" });

const advanceSql = `
  update rooms set seq = seq + $2::bigint, revision = revision + $3::bigint where id = $1::uuid and seq = $4::bigint
  returning id`;

/**
 * Writes the entries as the room's events `after` + 1, + 2, … with their rows; the room is locked by the caller. Answers
 * them as they stand in the log, or undefined where the room is not at `after`.
 */
export async function writeEntries(
  { orm }: Tx,
  projectId: string,
  after: number,
  entries: readonly LogEntry[],
): Promise<CommittedEvent[] | undefined> {
  const structural = entries.filter(({ event }) => isStructural(event)).length;
  const advanced = await queryIn(orm, advanceSql, [projectId, entries.length, structural, after]);
  if (advanced.length === 0) return undefined;
  const written = entries.map(({ event, data, atMs, by }, i): CommittedEvent => {
    const at = iso(atMs);
    const actor = actorOf(by);
    const room = `project:${projectId}` as const;
    return { room, roomId: projectId, seq: after + 1 + i, event, at, actor, mutationId: null, data };
  });
  await insertRows(
    orm,
    events,
    written.map(({ roomId, seq, event, at, actor, data }, i) => ({
      ...{ room_id: roomId, seq: String(seq), event, at, actor, data },
      actor_id: entries[i]?.by.id ?? null,
      mutation_part: String(entries[i]?.part ?? 0),
    })),
  );
  await writeRows(orm, entries);
  return written;
}

const positionSql = `
  insert into positions as p (processor, room_id, seq) select name, $1::uuid, $2::bigint from unnest($3::text[]) as n(name)
  on conflict (processor, room_id) do update set seq = greatest(p.seq, excluded.seq)`;

/**
 * Nobody is told of what is made up, nor reminded of it. What people did in the project a moment before, and was not told
 * yet, is passed by with it. \`upTo\` is the room's last event.
 */
export async function passBy({ orm }: Pick<Tx, "orm">, projectId: string, upTo: number): Promise<void> {
  await queryIn(orm, positionSql, [projectId, upTo, `{${notificationsProcessor},${remindersProcessor}}`]);
}

/**
 * Activity is made of the log by itself, when it is first read; of a whole project's history that would take long. For a
 * project that nobody reads yet, with the entries as `writeEntries` wrote them.
 */
export async function writeActivity(
  { orm }: Tx,
  projectId: string,
  written: readonly CommittedEvent[],
  entries: readonly LogEntry[],
): Promise<void> {
  await insertRows(
    orm,
    activity,
    written.flatMap(({ seq, event, at, actor }, i) => {
      const { told, taskId = null } = entries[i] ?? {};
      if (!told) return [];
      return { project_id: projectId, seq: String(seq), task_id: taskId, event, at, actor, data: JSON.stringify(told) };
    }),
  );
  await queryIn(orm, positionSql, [projectId, written.at(-1)?.seq ?? 0, `{${processors.join()}}`]);
}

async function writeRows(orm: Tx["orm"], entries: readonly LogEntry[]): Promise<void> {
  await insertRows(
    orm,
    tasks,
    entries
      .flatMap(({ task }) => task ?? [])
      .map((task) => ({
        ...task,
        number: String(task.number),
        assignee_ids: ids(task.assignee_ids),
        label_ids: ids(task.label_ids),
        blocked_by_ids: ids(task.blocked_by_ids),
        all_day: String(task.all_day),
        estimate: task.estimate === null ? null : String(task.estimate),
        version: String(task.version),
      })),
  );
  await insertRows(
    orm,
    comments,
    entries
      .flatMap(({ comment }) => comment ?? [])
      .map((comment) => ({ ...comment, reactions: JSON.stringify(comment.reactions) })),
  );
  await insertRows(
    orm,
    checklistItems,
    entries.flatMap(({ items }) => items ?? []).map((item) => ({ ...item, done: String(item.done) })),
  );
}
