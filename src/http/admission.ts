/** What every route asks of its caller before it runs: administrator, scope of the key, projects of the key. */

import { query } from "../db/query.ts";
import { type Endpoint, scopeOf } from "../protocol/endpoint.ts";
import { AppError } from "../protocol/errors.ts";
import { Id } from "../protocol/ids.ts";
import type { LiveCtx } from "../realtime/live.ts";
import { isHeld, refuseHeldKey, requireAdministrator, requireKeyProject, requireScope } from "../realtime/rights.ts";

type Params = Readonly<Record<string, string | undefined>>;

/** Throws `forbidden`; `not_found` for a key that is for other projects than the one of the path. */
export async function requireAdmission(endpoint: Endpoint, ctx: LiveCtx, params: Params): Promise<void> {
  if (endpoint.who === "administrator") requireAdministrator(ctx.actor);
  requireScope(ctx.actor, scopeOf(endpoint));
  if (isHeld(ctx.actor)) await requireProjectOfPath(endpoint, ctx, params);
}

/** The project of what a path's `:id` names; undefined where there is no such thing. */
type FindProject = (ctx: LiveCtx, id: string) => Promise<string | undefined>;

const findBy =
  (sql: string): FindProject =>
  async (ctx, id) => {
    const [row] = await query<{ project_id: string }>(ctx, sql, [id]);
    return row?.project_id;
  };

/** By the word after `/api/`. A path of another word is refused to such keys, unless its endpoint says `cut`. */
const projectsOf: ReadonlyMap<string, FindProject> = new Map<string, FindProject>([
  ["projects", async (_ctx, id) => id],
  ["tasks", ({ live, store }, id) => store.database.guard(() => live.access.projectOf(id))],
  ["comments", findBy("select t.project_id from comments k join tasks t on t.id = k.task_id where k.id = $1::uuid")],
  [
    "reminders",
    findBy("select t.project_id from task_reminders k join tasks t on t.id = k.task_id where k.id = $1::uuid"),
  ],
  [
    "checklist",
    findBy("select t.project_id from checklist_items k join tasks t on t.id = k.task_id where k.id = $1::uuid"),
  ],
]);

async function requireProjectOfPath(endpoint: Endpoint, ctx: LiveCtx, params: Params): Promise<void> {
  if (endpoint.projects === "cut") return;
  const word = /^\/api\/(\w+)\/:id(?:\/|$)/.exec(endpoint.path)?.[1] ?? "";
  const find = projectsOf.get(word);
  if (!find) return refuseHeldKey();
  const id = Id.safeParse(params.id);
  if (!id.success) throw new AppError("not_found", "there is nothing here");
  requireKeyProject(ctx.actor, await find(ctx, id.data));
}
