/** People: oneself, and those one may see. */
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { type Ctx, transact } from "../../db/context.ts";
import { createMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query } from "../../db/query.ts";
import { users } from "../../db/schema.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Me, UpdateMe, User } from "../../protocol/users.ts";
import { projectsOfKey } from "../../realtime/rights.ts";
import { type ActorRow, actorColumns, publicEmail } from "../auth/people.ts";
import { followClock } from "../notifications/preferences.ts";
import { planPerson } from "../reminders/plan.ts";

/** The caller as the database has them now. */
export async function getMe(ctx: Ctx): Promise<Me> {
  const [row] = await query<ActorRow>(ctx, `select ${actorColumns} from users u where u.id = $1::uuid`, [ctx.actor.id]);
  if (!row) throw new AppError("unauthenticated", "there is no such user any more");
  return { ...toUser(row, true), time_zone: row.time_zone, locale: row.locale };
}

/** `changed` is told before the answer, so that nothing remembered of the person outlives it. */
export async function updateMe(
  ctx: Ctx,
  { mutation_id, ...changes }: UpdateMe,
  changed: (userId: string) => void,
): Promise<Me> {
  const { name, time_zone: timeZone, locale } = changes;
  const mutation = createMutation("update_me", mutation_id, changes);
  const set = {
    ...(name !== undefined && { name }),
    ...(timeZone !== undefined && { timeZone }),
    ...(locale !== undefined && { locale }),
  };
  await ctx.store.database.guard(() =>
    transact<null>(
      { ...ctx, mutation },
      {
        rooms: [],
        replay: () => null,
        async work(tx) {
          if (Object.keys(set).length > 0)
            await tx.orm
              .update(users)
              .set({ ...set, updatedAt: new Date() })
              .where(eq(users.id, ctx.actor.id));
          if (timeZone === undefined) return null;
          await planPerson(tx, ctx.actor.id);
          await followClock(tx, ctx.actor.id);
          return null;
        },
      },
    ),
  );
  changed(ctx.actor.id);
  return getMe(ctx);
}

export interface UserFilter {
  /** Part of a name; for administrators also of an address. */
  readonly q?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const Position = z.tuple([z.string(), z.uuid()]);

/** Those who share a project with the caller (a key's: one of its projects), and the caller; for administrators everybody. By name, then id. */
const listSql = `
  select ${actorColumns}, lower(u.name) as sort_name
  from users u
  where (
      $1::boolean
      or u.id = $2::uuid
      or (u.disabled_at is null and exists (
        select 1 from members mine
        join projects p on p.id = mine.project_id and p.deleted_at is null
        join members theirs on theirs.project_id = mine.project_id
        where mine.user_id = $2::uuid and theirs.user_id = u.id
          and ($7::uuid[] is null or mine.project_id = any($7::uuid[]))))
    )
    and ($3::text is null or u.name ilike $3::text or ($1::boolean and u.email ilike $3::text))
    and ($4::text is null or (lower(u.name), u.id) > ($4::text, $5::uuid))
  order by lower(u.name), u.id
  limit $6::int`;

export async function listUsers(ctx: Ctx, { q, limit, cursor }: UserFilter): Promise<RawJson> {
  const isAdmin = ctx.actor.role === "admin";
  const after = decodeCursor(Position, cursor);
  const pattern = q === undefined ? undefined : `%${q.replace(/[\\%_]/g, "\\$&")}%`;
  const rows = await query<ActorRow & { readonly sort_name: string }>(ctx, listSql, [
    isAdmin,
    ctx.actor.id,
    pattern,
    after?.[0],
    after?.[1],
    limit + 1,
    projectsOfKey(ctx.actor),
  ]);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return page(
    shown.map((row) => JSON.stringify(toUser(row, isAdmin || row.id === ctx.actor.id))),
    last ? encodeCursor([last.sort_name, last.id]) : null,
  );
}

/** Addresses are for their owner and for administrators; made-up ones are for nobody. */
function toUser(row: ActorRow, withEmail: boolean): User {
  const email = withEmail ? publicEmail(row.email) : null;
  return { id: row.id, name: row.name, ...(email !== null && { email }), avatar_url: row.image, role: row.role };
}
