/** What happened to a task and in a project, for people to read. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { createSharedReads, type SharedReads } from "../../core/shared-reads.ts";
import { catchUpActivity } from "../../db/activity.ts";
import type { Store } from "../../db/context.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { activityProcessor } from "../../db/processors.ts";
import { query } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { excerptMax } from "../../protocol/activity.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { noProject } from "../projects/permission.ts";
import { noTask } from "../tasks/submit.ts";

interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Newest first. Throws `not_found`. */
export async function listProjectActivity(ctx: LiveCtx, projectId: string, input: Page): Promise<RawJson> {
  const known = await query<Known>(ctx, knownProjectSql, [projectId, ctx.actor.id]);
  await catchUp(ctx.store, projectId, known[0] ?? refuse(noProject()));
  return (await readPage(ctx, projectPageSql, projectId, input)) ?? refuse(noProject());
}

/** The same of one task; of a deleted one there is only its project's. Throws `not_found`. */
export async function listTaskActivity(ctx: LiveCtx, taskId: string, input: Page): Promise<RawJson> {
  const known = await query<Known & { project_id: string }>(ctx, knownTaskSql, [taskId, ctx.actor.id]);
  const task = known[0] ?? refuse(noTask());
  await catchUp(ctx.store, task.project_id, task);
  return (await readPage(ctx, taskPageSql, taskId, input)) ?? refuse(noTask());
}

function refuse(error: Error): never {
  throw error;
}

interface Known {
  readonly head: string | number;
  /** Null: never made before. */
  readonly position: string | number | null;
}

const known = `
  r.seq as head, s.seq as position
  from members m join projects p on p.id = m.project_id and p.deleted_at is null join rooms r on r.id = p.id
    left join positions s on s.processor = '${activityProcessor}' and s.room_id = r.id`;
const knownProjectSql = `select ${known} where m.project_id = $1::uuid and m.user_id = $2::uuid`;
const knownTaskSql = `select m.project_id, ${known} join tasks t on t.project_id = m.project_id
  where t.id = $1::uuid and m.user_id = $2::uuid`;

/** Many readers of one project make its activity once. */
const runs = new WeakMap<Store, SharedReads<unknown>>();

async function catchUp(store: Store, projectId: string, { head, position }: Known): Promise<void> {
  if (position !== null && Number(position) >= Number(head)) return;
  let shared = runs.get(store);
  if (!shared) {
    shared = createSharedReads();
    runs.set(store, shared);
  }
  await shared(projectId, () => catchUpActivity(store.database, projectId, Number(head)));
}

/**
 * $2 person, $3 before, $4 limit. What is told of a comment is told as it is now: what was deleted is not shown any more.
 * A row without an entry is of a member where there are none.
 */
const pageSql = (member: string, entries: string): string => `
  select a.seq, ${isoText("a.at")} as at, a.event, a.actor, a.task_id,
    (a.data::jsonb || case when k.content <> '' then jsonb_build_object('excerpt', left(k.content, ${excerptMax}))
        else '{}' end
      || case when a.comment_id is not null and t.id is not null
        then jsonb_build_object('task', jsonb_build_object('key', t.key, 'title', t.title)) else '{}' end)::text as data
  from ${member}
  left join lateral (
    select a.*, case when a.event like 'comment%' then (a.data::json ->> 'comment_id')::uuid end as comment_id
    from activity a where ${entries} and a.seq < $3::bigint order by a.seq desc limit $4::int) a on true
  left join comments k on k.id = a.comment_id
  left join tasks t on t.id = a.task_id
  where m.user_id = $2::uuid and p.deleted_at is null order by a.seq desc`;

const projectPageSql = pageSql(
  "members m join projects p on p.id = m.project_id and p.id = $1::uuid",
  "a.project_id = $1::uuid",
);
const taskPageSql = pageSql(
  "tasks x join members m on m.project_id = x.project_id and x.id = $1::uuid join projects p on p.id = x.project_id",
  "a.task_id = $1::uuid",
);

interface Row {
  readonly seq: string | number | null;
  readonly at: string;
  readonly event: string;
  readonly actor: string | null;
  readonly task_id: string | null;
  readonly data: string;
}

const Cursor = z.tuple([z.int().min(1)]);

/** Undefined where the caller is no member (any more). A cursor stays good whatever is added. */
async function readPage(ctx: LiveCtx, sql: string, id: string, { limit, cursor }: Page): Promise<RawJson | undefined> {
  const [before] = decodeCursor(Cursor, cursor) ?? [Number.MAX_SAFE_INTEGER];
  const rows = await query<Row>(ctx, sql, [id, ctx.actor.id, before, limit + 1]);
  if (rows.length === 0) return undefined;
  const entries = rows.filter((row) => row.seq !== null);
  const items = entries.slice(0, limit);
  return page(items.map(entryJson), entries.length > limit ? encodeCursor([Number(items.at(-1)?.seq)]) : null);
}

function entryJson({ seq, event, at, actor, task_id, data }: Row): string {
  const task = task_id === null ? "null" : `"${task_id}"`;
  return `{"seq":${seq},"event":"${event}","at":"${at}","actor":${actor ?? "null"},"task_id":${task},"data":${data}}`;
}
