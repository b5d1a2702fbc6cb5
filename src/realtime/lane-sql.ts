/**
 * The one statement of the lane: a batch of commands (JSON in `$1`) on tasks of any rooms, in one transaction.
 *
 * Order of locks: the rooms by id, then the tasks. `for update` gives the task as it is after the wait, so `o_*` are
 * the true old values; a room's revision is read from the locked row, so a command that decided on an older one
 * (roles, columns, labels) is turned away as `stale`. Counters rise only by events of rows that did change.
 * `limit 1` in `applied` keeps the planner from hashing the whole log (it does so for `exists`).
 * A row comes back per event, or one per command that made none; columns as in `LaneRow`.
 */
import { commentJson, isoText, taskJson } from "../db/row-json.ts";

/** Which fields a command sets: the bits of `mask`. */
export const fieldBits = {
  title: 1,
  description: 2,
  status: 4,
  priority: 8,
  assignee_ids: 16,
  label_ids: 32,
  start_at: 64,
  due_at: 128,
  all_day: 256,
  estimate: 512,
  archived_at: 1024,
  position: 2048,
} as const;
export type LaneField = keyof typeof fieldBits;

/** Fields whose change is told by `task_updated`, with the SQL of their new value as JSON. */
const plainFields = {
  title: "to_json(u.title)::text",
  description: "to_json(u.description)::text",
  priority: `'"' || u.priority || '"'`,
  label_ids: "to_json(u.label_ids)::text",
  start_at: jsonTime("u.start_at"),
  due_at: jsonTime("u.due_at"),
  all_day: "u.all_day::text",
  estimate: "coalesce(u.estimate::text, 'null')",
  archived_at: jsonTime("u.archived_at"),
} as const satisfies Partial<Record<LaneField, string>>;

function jsonTime(expression: string): string {
  return `coalesce('"' || ${isoText(expression)} || '"', 'null')`;
}

const set = (field: LaneField): string =>
  `case when c.mask & ${fieldBits[field]} <> 0 then c.${field} else t.${field} end`;
const fields = Object.keys(fieldBits).filter((field): field is LaneField => Object.hasOwn(fieldBits, field));
const changedPlain = Object.keys(plainFields)
  .map((field) => `n.${field} is distinct from n.o_${field}`)
  .join(" or ");
const changesText = Object.entries(plainFields)
  .map(
    ([field, json]) => `case when u.${field} is distinct from u.o_${field} then ',"${field}":' || ${json} else '' end`,
  )
  .join(" || ");
const difference = (left: string, right: string): string =>
  `array_to_json(array(select unnest(${left}) except select unnest(${right}) order by 1))::text`;

// `date_trunc`: an all-day due date is midnight UTC of its date (H5), whichever of the two fields was sent.
const dueAt = `case when ${set("all_day")} then date_trunc('day', ${set("due_at")}, 'UTC') else ${set("due_at")} end`;

export const laneSql = `
with input as materialized (
  select * from json_to_recordset($1::text::json) as c(
    i int, room uuid, rev bigint, task uuid, actor_id uuid, actor text, m text, h bigint, v int, mask int,
    title text, description text, status text, done boolean, priority text, assignee_ids uuid[], label_ids uuid[],
    start_at timestamptz(3), due_at timestamptz(3), all_day boolean, estimate float8, archived_at timestamptz(3),
    position text, comment uuid, content text, author text)),
room as materialized (
  select id, seq, revision from rooms
  where id = any(array(select distinct room from input)) order by id for update),
applied as materialized (
  select c.i from input c cross join lateral (
    select from events e where e.actor_id = c.actor_id and e.mutation_id = c.m limit 1) e where c.m is not null
  union select c.i from input c cross join lateral (
    select from mutations m where m.actor_id = c.actor_id and m.mutation_id = c.m limit 1) m where c.m is not null),
next as materialized (
  select c.i, c.room, c.actor_id, c.actor, c.m, c.h, c.done, c.comment, c.content, c.author, t.id as task,
    ${fields.map((field) => `t.${field} as o_${field}`).join(", ")},
    ${fields.map((field) => `${field === "due_at" ? dueAt : set(field)} as ${field}`).join(", ")}
  from input c join room r on r.id = c.room and r.revision = c.rev
    join tasks t on t.id = c.task and t.project_id = c.room
  where (c.v is null or c.v = t.version) and not exists (select from applied a where a.i = c.i)
  for update of t),
diff as materialized (
  select n.*, n.status <> n.o_status as d_status, n.assignee_ids <> n.o_assignee_ids as d_assignees,
    n.status = n.o_status and n.position <> n.o_position as d_position, (${changedPlain}) as d_plain
  from next n),
updated as (
  update tasks t set ${fields.map((field) => `${field} = n.${field}`).join(", ")},
    version = t.version + 1, updated_at = now(),
    completed_at = case when not n.d_status then t.completed_at when n.done then coalesce(t.completed_at, now()) end
  from diff n where t.id = n.task and (n.d_status or n.d_assignees or n.d_position or n.d_plain)
  returning n.*, ${taskJson("t")} as body),
commented as (
  insert into comments as k (id, task_id, author_id, content, created_at)
  select n.comment, n.task, n.actor_id, n.content, now() from next n where n.comment is not null
  returning k.id, ${commentJson("k")} as body),
made as materialized (
  select u.i, u.room, a.ord, a.event, u.body, ',"task_id":"' || u.task || case a.event
      when 'task_status_changed' then
        '","old_status":"' || u.o_status || '","new_status":"' || u.status || '","updated_by":"'
      when 'task_assigned' then '","assignee_ids":' || to_json(u.assignee_ids)::text
        || ',"added":' || ${difference("u.assignee_ids", "u.o_assignee_ids")}
        || ',"removed":' || ${difference("u.o_assignee_ids", "u.assignee_ids")} || ',"assigned_by":"'
      when 'task_updated' then '","changes":{' || substr(${changesText}, 2) || '},"updated_by":"'
      else '","moved_by":"' end || u.actor_id || '"}' as rest
  from updated u cross join lateral unnest(
    case when u.d_status then array['task_status_changed'] else '{}' end
    || case when u.d_assignees then array['task_assigned'] else '{}' end
    || case when u.d_plain then array['task_updated'] else '{}' end
    || case when u.d_position then array['task_moved'] else '{}' end) with ordinality a(event, ord)
  union all
  select n.i, n.room, 1, 'comment_added', k.body, ',"task_id":"' || n.task || '","author":' || n.author || '}'
  from commented k join next n on n.comment = k.id),
numbered as materialized (
  select e.*, row_number() over (partition by e.room order by e.i, e.ord) as rank from made e),
raised as (
  update rooms r set seq = r.seq + c.n from (select room, count(*) as n from made group by room) c
  where r.id = c.room returning r.id, r.seq as head, r.seq - c.n as base),
kept as (
  insert into events (room_id, seq, event, at, actor, actor_id, mutation_id, mutation_part, mutation_hash, data)
  select e.room, b.base + e.rank, e.event, now(), c.actor, c.actor_id, c.m, e.ord - 1, c.h,
    case when e.event = 'comment_added' then '{"comment":' else '{"task":' end || e.body || e.rest
  from numbered e join raised b on b.id = e.room join input c on c.i = e.i)
select c.i, e.event, b.base + e.rank as seq, e.body, e.rest, ${isoText("now()::timestamptz(3)")} as at, coalesce(b.head, r.seq) as head,
  case when e.i is not null then 'done' when r.id is null then 'not_found' when a.i is not null then 'applied'
    when r.revision <> c.rev then 'stale' when n.i is null then 'refused' else 'unchanged' end as outcome
from input c left join room r on r.id = c.room left join applied a on a.i = c.i left join next n on n.i = c.i
  left join numbered e on e.i = c.i left join raised b on b.id = c.room
order by c.i, e.ord`;
