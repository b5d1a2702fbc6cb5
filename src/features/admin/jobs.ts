/** Jobs as administrators see them. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import type { MutationBody } from "../../protocol/endpoint.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Job, JobState } from "../../protocol/jobs.ts";

const stateSql = `case when j.dead_at is not null then 'dead'
  when j.claimed_by is not null and j.due_at > now() then 'running' else 'waiting' end`;
const time = (name: string): string => `${isoText(`j.${name}`)} as ${name}`;
const jobJson = `(select row_to_json(x)::text from (select j.id, j.kind, j.key, ${stateSql} as state,
  j.payload::json as payload, j.attempts, ${time("due_at")}, j.last_error, ${time("created_at")}, ${time("dead_at")}) x)`;

export interface JobFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state: JobState;
  readonly kind?: string | undefined;
}

const DeadCursor = z.tuple([z.iso.datetime(), z.uuid()]);
const LiveCursor = z.tuple([z.uuid()]);

const deadSql = `select j.id, ${isoText("j.dead_at")} as at, ${jobJson} as body from jobs j
  where j.dead_at is not null and (j.dead_at, j.id) <
      (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    and ($4::text is null or j.kind = $4)
  order by j.dead_at desc, j.id desc limit $1::int`;
const liveSql = `select j.id, ${jobJson} as body from jobs j
  where j.dead_at is null and j.id > $2::uuid and ($3::text is null or j.kind = $3) and ${stateSql} = $4
  order by j.id limit $1::int`;

interface Row {
  readonly id: string;
  readonly at?: string;
  readonly body: string;
}

/** Throws `invalid` for a foreign cursor. */
export async function listJobs(ctx: Ctx, { limit, cursor, state, kind }: JobFilter): Promise<RawJson> {
  const rows =
    state === "dead" ? await dead(ctx, limit, cursor, kind) : await live(ctx, { limit, cursor, state, kind });
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  const position = last && (last.at === undefined ? [last.id] : [last.at, last.id]);
  return page(
    items.map(({ body }) => body),
    position ? encodeCursor(position) : null,
  );
}

function dead(ctx: Ctx, limit: number, cursor: string | undefined, kind: string | undefined): Promise<Row[]> {
  const [at, id] = decodeCursor(DeadCursor, cursor) ?? [];
  return query<Row>(ctx, deadSql, [limit + 1, at, id, kind]);
}

function live(ctx: Ctx, { limit, cursor, state, kind }: JobFilter): Promise<Row[]> {
  const [after] = decodeCursor(LiveCursor, cursor) ?? ["00000000-0000-0000-0000-000000000000"];
  return query<Row>(ctx, liveSql, [limit + 1, after, kind, state]);
}

const lockSql = `select ${stateSql} as state, exists (
    select from jobs o where o.kind = j.kind and o.key = j.key and o.dead_at is null and o.id <> j.id) as twin
  from jobs j where j.id = $1::uuid for update of j`;
const retrySql = `update jobs j set dead_at = null, claimed_by = null, due_at = date_trunc('milliseconds', now()),
    attempts = case when j.dead_at is null then j.attempts else 0 end
  where j.id = $1::uuid returning ${jobJson} as body`;

const missing = () => new AppError("not_found", "there is no such job; it may be done by now");

/** Makes a job due now; one that is dead begins anew. Throws `not_found`, `conflict`. */
export async function retryJob(caller: Ctx, id: string, input: MutationBody): Promise<Job> {
  const ctx = withMutation(caller, "job_retry", { ...input, id });
  const { answer } = await transact<Job>(ctx, {
    rooms: [],
    async work(tx: Tx) {
      const [job] = await queryIn<{ state: JobState; twin: boolean }>(tx.orm, lockSql, [id]);
      if (!job) throw missing();
      if (job.state === "running") throw new AppError("conflict", "it runs just now");
      if (job.state === "dead" && job.twin)
        throw new AppError("conflict", "another job for the same waits already; cancel one of them");
      const [row] = await queryIn<{ body: string }>(tx.orm, retrySql, [id]);
      if (!row) throw missing();
      return JSON.parse(row.body);
    },
    replay: () => {
      throw new Error("trying a job again makes no event");
    },
  });
  return answer;
}

/** Takes a job away, whatever its state. Throws `not_found`. */
export async function cancelJob(caller: Ctx, id: string, input: MutationBody): Promise<void> {
  const ctx = withMutation(caller, "job_cancel", { ...input, id });
  await transact<null>(ctx, {
    rooms: [],
    async work(tx) {
      const gone = await queryIn(tx.orm, "delete from jobs where id = $1::uuid returning id", [id]);
      if (gone.length === 0) throw missing();
      return null;
    },
    replay: () => null,
  });
}
