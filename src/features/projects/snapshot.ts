/** The state of a project at one position of its log, read in one statement and written out as text. */
import { z } from "zod";
import { RawJson } from "../../core/raw-json.ts";
import { createSharedReads, type SharedReads } from "../../core/shared-reads.ts";
import type { Store } from "../../db/context.ts";
import { decodeCursor, encodeCursor } from "../../db/page.ts";
import { query } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Member, Role } from "../../protocol/projects.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { getRole, noProject } from "./permission.ts";
import { columnsJson, labelsJson, membersJson, projectJson } from "./project-json.ts";

const pageSize = 10_000;

interface State {
  readonly epoch: string;
  readonly seq: number | string;
  readonly trimmed: number | string;
  readonly project: string;
  readonly columns: string;
  readonly labels: string;
  readonly members: string;
  readonly tasks: string;
  /** JSON; of a first page. */
  readonly counts: string;
  readonly count: number | string;
  /** The last task of a full page. */
  readonly position: string | null;
  readonly id: string | null;
}

/** Probes two indexes: what a task has beside itself is small. Null where it has nothing. */
const countsOf = (task: string): string => `
  (select format('"%s":{"comments":%s,"checklist_done":%s,"checklist_total":%s}', ${task}.id, k.total, l.done, l.total)
    from (select count(*) as total from comments c where c.task_id = ${task}.id and c.deleted_at is null) k
    cross join (select count(*) as total, count(*) filter (where i.done) as done
      from checklist_items i where i.task_id = ${task}.id) l
    where k.total + l.total > 0)`;

/** Counts of the tasks behind a full first page; those of the page are read with them. */
const restSql = `
  case when $2::text is null and s.count > ${pageSize} then (
    select string_agg(${countsOf("t")}, ',') from tasks t where t.project_id = p.id and t.archived_at is null
      and (t.position, t.id) > (s.position, s.id::uuid)) end`;

export const stateSql = `
  select r.epoch, r.seq, r.trimmed_seq as trimmed, ${projectJson("p")} as project, ${columnsJson("p.id")} as columns,
    ${labelsJson("p.id")} as labels, ${membersJson("p.id")} as members, s.tasks, s.count, s.position, s.id,
    concat_ws(',', s.counts, ${restSql}) as counts
  from projects p join rooms r on r.id = p.id cross join lateral (
    select coalesce(string_agg(x.body, ',' order by x.rank) filter (where x.rank <= ${pageSize}), '') as tasks,
      string_agg(x.counts, ',') filter (where x.rank <= ${pageSize}) as counts,
      count(*) as count, max(x.position) filter (where x.rank = ${pageSize}) as position,
      max(x.id::text) filter (where x.rank = ${pageSize}) as id
    from (
      select t.id, t.position, row_number() over (order by t.position, t.id) as rank, ${taskJson("t")} as body,
        case when $2::text is null then ${countsOf("t")} end as counts
      from tasks t where t.project_id = p.id and t.archived_at is null
        and ($2::text is null or (t.position, t.id) > ($2, $3::uuid))
      order by t.position, t.id limit ${pageSize + 1}) x) s
  where p.id = $1::uuid and p.deleted_at is null`;

const Cursor = z.object({
  epoch: z.string(),
  seq: z.int().min(0),
  position: z.string().regex(/^[\w]+$/),
  id: z.uuid(),
});
type Cursor = z.infer<typeof Cursor>;

/** Clients that come back all at once cost a project two reads, not one each. */
const reads = new WeakMap<Store, SharedReads<State>>();
function readsOf(store: Store): SharedReads<State> {
  let own = reads.get(store);
  if (!own) {
    own = createSharedReads();
    reads.set(store, own);
  }
  return own;
}

/**
 * The snapshot's JSON: tasks that are not archived by position and id, 10,000 a page.
 *
 * Later pages name the `seq` of the first, and stand for it together with the events after it: a task of such a page may
 * be newer than `seq`, and one that moved to a part already read is in none; but every change after `seq` is an event
 * that carries the whole task, so that whoever applies these ends with what is there. A page is never refused because
 * the project is busy; `gone` means that the log does not reach back to `seq` any more: start over.
 * Throws `not_found`, `invalid` for a cursor, `gone`.
 */
export async function readSnapshot(ctx: LiveCtx, projectId: string, cursorText?: string): Promise<RawJson> {
  const cursor = decodeCursor(Cursor, cursorText);
  await getRole(ctx, projectId); // spares strangers the large read; the role that counts is the one read with the state
  const read = () => readState(ctx, projectId, cursor);
  const state = await (cursor ? read() : readsOf(ctx.store)(projectId, read));
  const role = roleIn(state, ctx.actor.id);
  if (cursor && (cursor.epoch !== state.epoch || cursor.seq < Number(state.trimmed)))
    throw new AppError("gone", "the log does not reach back to this snapshot; take a new one");
  const seq = cursor?.seq ?? Number(state.seq);
  const { epoch, position, id } = state;
  const more = Number(state.count) > pageSize && position !== null && id !== null;
  const next = more ? encodeCursor({ epoch, seq, position, id } satisfies Cursor) : null;
  return new RawJson(
    `{"epoch":${JSON.stringify(epoch)},"seq":${seq},"project":${state.project.slice(0, -1)},"role":"${role}"},` +
      `"columns":${state.columns},"labels":${state.labels},"members":${state.members},` +
      `"tasks":[${state.tasks}],"counts":{${state.counts}},"next_cursor":${JSON.stringify(next)}}`,
  );
}

async function readState(ctx: LiveCtx, projectId: string, cursor: Cursor | undefined): Promise<State> {
  const rows = await query<State>(ctx, stateSql, [projectId, cursor?.position, cursor?.id]);
  const state = rows[0];
  if (!state) throw noProject();
  return state;
}

function roleIn(state: State, userId: string): Role {
  const members: Member[] = JSON.parse(state.members);
  const member = members.find((each) => each.user_id === userId);
  if (!member) throw noProject();
  return member.role;
}
