/** A project's tasks, page by page. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query } from "../../db/query.ts";
import { taskJson } from "../../db/row-json.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { getRole } from "../projects/permission.ts";

export interface TaskFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly status?: string | undefined;
  /** A person's id, or `me`. */
  readonly assignee?: string | undefined;
  readonly label?: string | undefined;
  /** RFC 3339; tasks due earlier. */
  readonly due_before?: string | undefined;
  /** Part of the title, the description or the key, in any case. */
  readonly q?: string | undefined;
  /** A task's id: its subtasks; `none`: tasks that are no subtask. */
  readonly parent?: string | undefined;
  readonly archived: "true" | "false" | "all";
  readonly order: "oldest" | "newest";
}

const Cursor = z.tuple([z.int()]);
/** More than any task's: the column is an integer. */
const numberMax = 2 ** 31 - 1;

/** Order: by number, as they were made, or the other way round; a page's cursor stays good whatever changes. Throws `not_found`, `invalid`. */
export async function listTasks(ctx: LiveCtx, projectId: string, filter: TaskFilter): Promise<RawJson> {
  const newest = filter.order === "newest";
  const [after] = decodeCursor(Cursor, filter.cursor) ?? [newest ? numberMax : 0];
  const rows = await query<{ number: number; body: string }>(ctx, newest ? newestSql : oldestSql, [
    projectId,
    after,
    filter.limit + 1,
    filter.status,
    filter.assignee === "me" ? ctx.actor.id : filter.assignee,
    filter.label,
    filter.due_before,
    filter.q && `%${filter.q.replace(/[\\%_]/g, "\\$&")}%`,
    filter.archived,
    filter.parent === "none" ? undefined : filter.parent,
    filter.parent === "none",
  ]);
  await getRole(ctx, projectId); // after the read: whoever belongs here now may see what was there a moment ago
  const items = rows.slice(0, filter.limit);
  const next = rows.length > items.length ? encodeCursor([items.at(-1)?.number]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}

const sqlOf = (newest: boolean): string => `
  select t.number, ${taskJson("t")} as body from tasks t
  where t.project_id = $1::uuid and t.number ${newest ? "<" : ">"} $2::int
    and ($4::text is null or t.status = $4) and ($5::uuid is null or $5 = any(t.assignee_ids))
    and ($6::uuid is null or $6 = any(t.label_ids)) and ($7::timestamptz is null or t.due_at < $7)
    and ($8::text is null or t.title ilike $8 or t.description ilike $8 or t.key ilike $8)
    and ($9::text = 'all' or (t.archived_at is not null) = ($9 = 'true'))
    and ($10::uuid is null or t.parent_id = $10) and (not $11::boolean or t.parent_id is null)
  order by t.number ${newest ? "desc" : ""} limit $3::int`;
const oldestSql = sqlOf(false);
const newestSql = sqlOf(true);
