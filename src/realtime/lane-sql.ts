/**
 * The one statement of the lane: a batch of commands (JSON in `$1`) on tasks of any rooms, in one transaction.
 *
 * Order of locks: the rooms by id, then the tasks. `for no key update` gives the task as it is after the wait, so `o_*`
 * are the true old values, and lets rows be written that refer to it: inbox entries, which lock several tasks of a room
 * in an order of their own. A room's revision is read from the locked row, so a command that decided on an older one
 * (roles, columns, labels) is turned away as `stale`. Counters rise only by events of rows that did change.
 * `limit 1` in `applied` keeps the planner from hashing the whole log (it does so for `exists`).
 * A row comes back per event, or one per command that made none; columns as in `LaneRow`.
 *
 * Its text is made for a *shape*: the fields a batch may set, whether it may comment, whether it may make tasks. Setting a plan in motion costs
 * more than a command does, so the commonest batches (status alone, comments alone) have small plans of their own.
 */
import { endPositionSql } from "../db/position.ts";
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

const types: Record<LaneField, string> = {
  title: "text",
  description: "text",
  status: "text",
  priority: "text",
  assignee_ids: "uuid[]",
  label_ids: "uuid[]",
  start_at: "timestamptz(3)",
  due_at: "timestamptz(3)",
  all_day: "boolean",
  estimate: "float8",
  archived_at: "timestamptz(3)",
  position: "text",
};

const jsonTime = (expression: string): string => `coalesce('"' || ${isoText(expression)} || '"', 'null')`;

/** Fields whose change is told by `task_updated`, with the SQL of their new value as JSON. */
const plainFields: Partial<Record<LaneField, string>> = {
  title: "to_json(u.title)::text",
  description: "to_json(u.description)::text",
  priority: `'"' || u.priority || '"'`,
  label_ids: "to_json(u.label_ids)::text",
  start_at: jsonTime("u.start_at"),
  due_at: jsonTime("u.due_at"),
  all_day: "u.all_day::text",
  estimate: "coalesce(u.estimate::text, 'null')",
  archived_at: jsonTime("u.archived_at"),
};

export interface Shape {
  readonly fields: readonly LaneField[];
  readonly comments: boolean;
  readonly creates: boolean;
}

export const laneFields = Object.keys(fieldBits).filter((field): field is LaneField => Object.hasOwn(fieldBits, field));

const set = (field: LaneField): string =>
  `case when c.mask & ${fieldBits[field]} <> 0 then c.${field} else t.${field} end`;

// `date_trunc`: an all-day due date is midnight UTC of its date (H5), whichever of the two fields was sent.
const dueAt = `case when ${set("all_day")} then date_trunc('day', ${set("due_at")}, 'UTC') else ${set("due_at")} end`;

const difference = (left: string, right: string): string =>
  `array_to_json(array(select unnest(${left}) except select unnest(${right}) order by 1))::text`;

/** An event a change may make: the column that says whether it did, and what stands behind the task in its data. */
interface Aspect {
  readonly event: string;
  readonly when: string;
  readonly rest: string;
}

/** In the order of S12. */
function aspectsOf({ fields }: Shape): Aspect[] {
  const plain = fields.filter((field) => plainFields[field] !== undefined);
  const changes = plain
    .map(
      (field) =>
        `case when u.${field} is distinct from u.o_${field} then ',"${field}":' || ${plainFields[field]} else '' end`,
    )
    .join(" || ");
  const moved = fields.includes("status")
    ? "n.status = n.o_status and n.position <> n.o_position"
    : "n.position <> n.o_position";
  const all: (Aspect | false)[] = [
    fields.includes("status") && {
      event: "task_status_changed",
      when: "n.status <> n.o_status",
      rest: `'","old_status":"' || u.o_status || '","new_status":"' || u.status || '","updated_by":"'`,
    },
    fields.includes("assignee_ids") && {
      event: "task_assigned",
      when: "n.assignee_ids <> n.o_assignee_ids",
      rest: `'","assignee_ids":' || to_json(u.assignee_ids)::text
        || ',"added":' || ${difference("u.assignee_ids", "u.o_assignee_ids")}
        || ',"removed":' || ${difference("u.o_assignee_ids", "u.assignee_ids")} || ',"assigned_by":"'`,
    },
    plain.length > 0 && {
      event: "task_updated",
      when: plain.map((field) => `n.${field} is distinct from n.o_${field}`).join(" or "),
      rest: `'","changes":{' || substr(${changes}, 2) || '},"updated_by":"'`,
    },
    fields.includes("position") && { event: "task_moved", when: moved, rest: `'","moved_by":"'` },
  ];
  return all.filter((aspect) => aspect !== false);
}

/** What a caller may give a new task. */
const given: readonly LaneField[] = laneFields.filter((field) => field !== "archived_at" && field !== "position");

/** Commands of a batch, beside what all of them have. */
function inputColumns({ fields, comments, creates }: Shape): string[] {
  const set = laneFields.filter((field) => fields.includes(field) || (creates && given.includes(field)));
  return [
    ...(fields.length > 0 || comments ? ["v int", "mask int"] : []),
    ...set.map((field) => `${field} ${types[field]}`),
    ...(set.includes("status") ? ["done boolean"] : []),
    ...(comments ? ["comment uuid", "content text", "author text"] : []),
    ...(creates ? ["tail text"] : []),
  ];
}

/** The commands on tasks that are there, with the old values of what they set. */
function selectNext({ fields, comments, creates }: Shape): string {
  const columns = [
    ...["c.i", "c.room", "c.actor_id", "c.actor", "c.m", "c.h", "t.id as task"],
    ...(fields.includes("status") ? ["c.done"] : []),
    ...(comments ? ["c.comment", "c.content", "c.author"] : []),
    ...fields.map((field) => `t.${field} as o_${field}`),
    ...fields.map((field) => `${field === "due_at" ? dueAt : set(field)} as ${field}`),
  ];
  return `
next as materialized (
  select ${columns.join(", ")} from input c join room r on r.id = c.room and r.revision = c.rev
    join tasks t on t.id = c.task and t.project_id = c.room
  where (c.v is null or c.v = t.version) and c.i not in (select a.i from applied a)${creates ? " and c.tail is null" : ""}
  for no key update of t),`;
}

/** The statement for a shape. One with `due_at` or `all_day` must have both. */
export function laneSql(shape: Shape): string {
  const { comments, creates } = shape;
  const aspects = aspectsOf(shape);
  const changes = aspects.length > 0 || comments;
  const made = [aspects.length > 0 && madeByUpdates(aspects), comments && madeByComments, creates && madeByCreates];
  return `
with input as materialized (
  select * from json_to_recordset($1::text::json) as c(
    i int, room uuid, rev bigint, task uuid, actor_id uuid, actor text, m text, h bigint, ${inputColumns(shape).join(", ")})),
room as materialized (
  select id, seq, revision, epoch from rooms
  where id = any(array(select distinct room from input)) order by id for update),
applied as materialized (
  select c.i from input c cross join lateral (
    select from events e where e.actor_id = c.actor_id and e.mutation_id = c.m limit 1) e where c.m is not null
  union all select c.i from input c cross join lateral (
    select from mutations m where m.actor_id = c.actor_id and m.mutation_id = c.m limit 1) m where c.m is not null),
${changes ? selectNext(shape) : ""}
${aspects.length > 0 ? updated(shape, aspects) : ""}
${comments ? commented : ""}
${creates ? created : ""}
made as materialized (${made.filter((each) => each !== false).join(" union all ")}),
numbered as materialized (
  select e.*, row_number() over (partition by e.room order by e.i, e.ord) as rank from made e),
raised as (
  update rooms r set seq = r.seq + c.n from (select room, count(*) as n from made group by room) c
  where r.id = c.room returning r.id, r.seq as head, r.seq - c.n as base),
placed as materialized (select e.*, b.base + e.rank as seq from numbered e join raised b on b.id = e.room),
kept as (
  insert into events (room_id, seq, event, at, actor, actor_id, mutation_id, mutation_part, mutation_hash, data)
  select e.room, e.seq, e.event, now(), e.actor, e.actor_id, e.m, e.ord - 1, e.h, e.head || e.body || e.rest from placed e)
select c.i, e.event, e.seq, r.epoch, e.body, e.rest, ${isoText("now()::timestamptz(3)")} as at,
  case when e.i is null then coalesce((select b.head from raised b where b.id = c.room), r.seq) end as head,
  case when e.i is not null then 'done' when r.id is null then 'not_found'
    when c.i in (select a.i from applied a) then 'applied' when r.revision <> c.rev then 'stale'
    ${changes ? "when c.i in (select n.i from next n) then 'unchanged'" : ""} else 'refused' end as outcome
from input c left join placed e on e.i = c.i left join room r on r.id = c.room
order by c.i, e.ord`;
}

const updated = ({ fields }: Shape, aspects: readonly Aspect[]): string => `
diff as materialized (
  select n.*, ${aspects.map(({ event, when }) => `(${when}) as ${event}`).join(", ")} from next n),
updated as (
  update tasks t set ${fields.map((field) => `${field} = n.${field}`).join(", ")},
    version = t.version + 1, updated_at = now()${
      fields.includes("status")
        ? `, completed_at = case when not n.task_status_changed then t.completed_at
      when n.done then coalesce(t.completed_at, now()) end`
        : ""
    }
  from diff n where t.id = n.task and (${aspects.map(({ event }) => `n.${event}`).join(" or ")})
  returning n.*, ${taskJson("t")} as body),`;

const commented = `
commented as (
  insert into comments as k (id, task_id, author_id, content, created_at)
  select n.comment, n.task, n.actor_id, n.content, now() from next n where n.comment is not null
  returning k.id, ${commentJson("k")} as body),`;

/** A project's numbers go on behind its counter, in the order of the commands. */
const created = `
fresh as materialized (
  select c.* from input c join room r on r.id = c.room and r.revision = c.rev
  where c.tail is not null and c.i not in (select a.i from applied a)),
counted as (
  update projects p set task_count = p.task_count + c.n from (select room, count(*)::int as n from fresh group by room) c
  where p.id = c.room returning p.id, p.key, p.task_count - c.n as base),
ranked as materialized (
  select n.*, p.key, p.base + row_number() over (partition by n.room order by n.i)::int as number
  from fresh n join counted p on p.id = n.room),
created as (
  insert into tasks as t (id, project_id, number, key, position, created_by, completed_at, ${given.join(", ")})
  select n.task, n.room, n.number, n.key || '-' || n.number, ${endPositionSql("n.number", "n.tail")}, n.actor_id,
    case when n.done then now() end, ${given.map((field) => `n.${field}`).join(", ")} from ranked n
  returning t.id, ${taskJson("t")} as body),`;

function common(alias: string): string {
  return ["i", "room", "actor", "actor_id", "m", "h"].map((name) => `${alias}.${name}`).join(", ");
}

function madeByUpdates(aspects: readonly Aspect[]): string {
  const start = `select ${common("u")}`;
  const data = (rest: string): string =>
    `'{"task":' as head, u.body, ',"task_id":"' || u.task || ${rest} || u.actor_id || '"}' as rest`;
  const [only] = aspects;
  if (only && aspects.length === 1)
    return `${start}, 1 as ord, '${only.event}' as event, ${data(only.rest)} from updated u`;
  const rest = `case a.event ${aspects.map(({ event, rest }) => `when '${event}' then ${rest}`).join(" ")} end`;
  const events = aspects.map(({ event }) => `case when u.${event} then array['${event}'] else '{}' end`).join(" || ");
  return `${start}, a.ord, a.event, ${data(rest)} from updated u cross join lateral unnest(${events}) with ordinality a(event, ord)`;
}

const madeByCreates = `
  select ${common("n")}, 1 as ord, 'task_created' as event, '{"task":' as head, k.body,
    ',"task_id":"' || n.task || '","created_by":"' || n.actor_id || '"}' as rest
  from created k join fresh n on n.task = k.id`;

const madeByComments = `
  select ${common("n")}, 1 as ord, 'comment_added' as event, '{"comment":' as head, k.body,
    ',"task_id":"' || n.task || '","author":' || n.author || '}' as rest
  from commented k join next n on n.comment = k.id`;
