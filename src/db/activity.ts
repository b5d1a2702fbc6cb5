/**
 * Activity is made of the log when it is wanted: before it is read, and before the log is trimmed. Writers pay nothing
 * for it. How far it has come in a room stands in `positions`.
 */
import { excerptMax } from "../protocol/activity.ts";
import type { DurableEventName } from "../protocol/catalogue.ts";
import type { Database } from "./open.ts";
import { activityProcessor } from "./processors.ts";
import { isoText } from "./row-json.ts";

const task = `'task', jsonb_build_object('key', d #> '{task,key}', 'title', d #> '{task,title}')`;
const member = `jsonb_build_object('user_id', d #> '{member,user_id}', 'name', d #> '{member,user,name}',
  'role', d #> '{member,role}')`;

const taskAlone = `jsonb_build_object(${task})`;
const comment = `jsonb_build_object('comment_id', d #> '{comment,id}')`;
const memberAlone = `jsonb_build_object('member', ${member})`;

/** New values, but for those that can be long: see the protocol's ActivityData. */
const changes = `
  (coalesce(d -> 'changes', '{}') - '{description,checklist}'::text[])
  || case when d #> '{changes,description}' is null then '{}'
    else jsonb_build_object('description', left(d #>> '{changes,description}', ${excerptMax})) end
  || case when d #> '{changes,checklist}' is null then '{}'
    else jsonb_build_object('checklist', jsonb_build_object(
      'total', jsonb_array_length(d #> '{changes,checklist}'),
      'done', jsonb_array_length(jsonb_path_query_array(d, '$.changes.checklist[*] ? (@.done == true)')))) end`;

/**
 * What people read of, with the SQL of what is kept of it; `d` is the event's data as jsonb. Not among them: `task_moved`
 * (a card was dragged up or down), `project_deleted` (no readers are left), and the events of applications.
 */
const kept = {
  task_created: taskAlone,
  task_updated: `jsonb_build_object(${task}, 'changes', ${changes})`,
  task_status_changed: `jsonb_build_object(${task}, 'old_status', d -> 'old_status', 'new_status', d -> 'new_status')`,
  task_assigned: `jsonb_build_object(${task}, 'added', d -> 'added', 'removed', d -> 'removed')`,
  task_deleted: taskAlone,
  comment_added: comment,
  comment_updated: comment,
  comment_deleted: comment,
  member_added: memberAlone,
  member_updated: memberAlone,
  member_removed: memberAlone,
  project_updated: `jsonb_build_object('project', jsonb_build_object(
    'key', d #> '{project,key}', 'name', d #> '{project,name}'))`,
} as const satisfies Partial<Record<DurableEventName, string>>;

const names = Object.keys(kept).map((name) => `'${name}'`);
const data = `case event ${Object.entries(kept)
  .map(([name, sql]) => `when '${name}' then ${sql}`)
  .join(" ")} end`;

/**
 * A reaction, too, is told by `comment_updated`; it is no edit, and only an edit gives the comment its own time: `now()`
 * is one time in a transaction.
 */
const isReaction = `event = 'comment_updated' and d #>> '{comment,edited_at}' is distinct from ${isoText("at")}`;

/** Events taken by one statement: it holds the lock of the position alone, and the embedded database for so long. */
const batchEvents = 500;

/**
 * $1 room. The lock on the position keeps two from taking the same events, the primary key from keeping one twice.
 * `materialized`, so that each event is parsed once, and only if it is kept. Answers nothing where there is no position.
 */
export const activityBatchSql = `
with position as materialized (
  select p.seq from positions p
  where p.processor = '${activityProcessor}' and p.room_id = $1::uuid for update),
batch as materialized (
  select e.* from position p cross join lateral (
    select e.seq, e.event, e.at, e.actor, e.data from events e
    where e.room_id = $1::uuid and e.seq > p.seq order by e.seq limit ${batchEvents}) e),
parsed as materialized (
  select b.seq, b.event, b.at, b.actor, b.data::jsonb as d from batch b where b.event in (${names.join()})),
kept as (
  insert into activity (project_id, seq, task_id, event, at, actor, data)
  select $1::uuid, seq, (d ->> 'task_id')::uuid, event, at, actor, (${data})::text from parsed
  where not (${isReaction}) on conflict do nothing),
moved as (
  update positions p set seq = b.last from (select max(seq) as last from batch) b
  where p.processor = '${activityProcessor}' and p.room_id = $1::uuid and p.seq < b.last returning p.seq)
select coalesce((select m.seq from moved m), p.seq) as seq, (select count(*) from batch) as count from position p`;

const beginSql = `
insert into positions (processor, room_id, seq)
select '${activityProcessor}', r.id, 0 from rooms r join projects p on p.id = r.id
where r.id = $1::uuid and r.kind = 'project' on conflict do nothing`;

/**
 * Makes the activity of a project's events that have none yet, at least up to `head`; batch by batch, each a transaction
 * of its own. Answers the position reached, or undefined for what is no project. Throws `unavailable`.
 */
export async function catchUpActivity(
  database: Database,
  projectId: string,
  head = Number.POSITIVE_INFINITY,
  stopped = () => false,
): Promise<number | undefined> {
  const run = (text: string) =>
    database.guard(() =>
      database.sql.unsafe<{ seq: string | number; count: string | number }[]>(text, [projectId], { prepare: true }),
    );
  for (let begun = false; ; ) {
    const [row] = await run(activityBatchSql);
    if (row) {
      const seq = Number(row.seq);
      if (seq >= head || Number(row.count) < batchEvents || stopped()) return seq;
    } else {
      if (begun) return undefined;
      await run(beginSql);
      begun = true;
    }
  }
}
