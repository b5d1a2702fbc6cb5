/** Who watches a task. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { InputTimestamp } from "../../protocol/ids.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { userJson } from "../projects/project-json.ts";
import { getTask, noTask } from "./submit.ts";

interface Watching {
  readonly task_id: string;
  readonly watching: boolean;
  readonly mutation_id?: string | undefined;
}

/**
 * The caller watches the task, or does not. A row stays of those who do not want to, so that what makes people watch by
 * itself leaves them alone. Takes a member of any role; makes no event. Throws `not_found`.
 */
export async function setWatching(caller: LiveCtx, input: Watching): Promise<void> {
  const ctx = withMutation(caller, "task_watch", input);
  await transact(ctx, {
    rooms: [],
    async work(tx) {
      const rows = await queryIn(tx.orm, setSql, [input.task_id, ctx.actor.id, input.watching]);
      if (rows.length === 0) throw noTask();
      return null;
    },
    replay: () => null,
  });
}

/** The lock waits for a deletion of the task, and finds no task then. */
const setSql = `
  insert into watchers as w (task_id, user_id, watching)
  select t.id, m.user_id, $3::boolean from tasks t
    join projects p on p.id = t.project_id and p.deleted_at is null
    join members m on m.project_id = t.project_id and m.user_id = $2::uuid
  where t.id = $1::uuid for key share of t
  on conflict (task_id, user_id) do update set watching = excluded.watching,
    created_at = case when w.watching then w.created_at else now() end
  returning w.task_id`;

const Cursor = z.tuple([InputTimestamp, z.uuid()]);
const beforeAll = ["-infinity", "00000000-0000-0000-0000-000000000000"] as const;

/** Members who watch the task, in the order in which they began to. Throws `not_found`. */
export async function listWatchers(
  ctx: LiveCtx,
  taskId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [since, id] = decodeCursor(Cursor, cursor) ?? beforeAll;
  const rows = await query<{ since: string; id: string; body: string }>(
    ctx,
    `select ${isoText("w.created_at")} as since, u.id, ${userJson("u")} as body from watchers w
      join tasks t on t.id = w.task_id
      join members m on m.project_id = t.project_id and m.user_id = w.user_id
      join users u on u.id = w.user_id
    where w.task_id = $1::uuid and w.watching and (w.created_at, w.user_id) > ($2::timestamptz, $3::uuid)
    order by w.created_at, w.user_id limit $4::int`,
    [taskId, since, id, limit + 1],
  );
  await getTask(ctx, taskId); // after the read, as for comments
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > items.length && last ? encodeCursor([last.since, last.id]) : null;
  return page(
    items.map((row) => row.body),
    next,
  );
}
