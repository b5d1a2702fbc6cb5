/** A project's log over HTTP. */
import { RawJson } from "../../core/raw-json.ts";
import { fromRow } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { AppError } from "../../protocol/errors.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { encodeFrame } from "../../realtime/log.ts";
import { noProject } from "./permission.ts";

interface Row {
  readonly epoch: string;
  readonly head: string | number;
  readonly trimmed: string | number;
  readonly seq: string | number | null;
  readonly event: string;
  readonly at: string;
  readonly actor: string | null;
  readonly mutation_id: string | null;
  readonly data: string;
}

const pageBytes = 1024 * 1024;

/** $1 project, $2 after, $3 limit, $4 person. The window keeps a page under `pageBytes`, but never empty. */
const pageSql = `
  select r.epoch, r.seq as head, r.trimmed_seq as trimmed,
    e.seq, e.event, ${isoText("e.at")} as at, e.actor, e.mutation_id, e.data
  from members m join projects p on p.id = m.project_id and p.deleted_at is null join rooms r on r.id = p.id
  left join lateral (
    select * from (
      select e.*, row_number() over (order by e.seq) as rank, sum(octet_length(e.data)) over (order by e.seq) as bytes
      from (select * from events e where e.room_id = r.id and e.seq > $2::bigint and e.seq <= r.seq
        order by e.seq limit $3::int) e) e
    where e.rank = 1 or e.bytes <= ${pageBytes}) e on true
  where m.project_id = $1::uuid and m.user_id = $4::uuid order by e.seq`;

/**
 * The events after `since`, oldest first: `{epoch, seq, items}`, `seq` being the position they reach; ask for those
 * after it until none come. Throws `not_found`; `gone` where history does not reach back to `since`.
 */
export async function readEvents(ctx: LiveCtx, projectId: string, since: number, limit: number): Promise<RawJson> {
  const rows = await query<Row>(ctx, pageSql, [projectId, since, limit, ctx.actor.id]);
  const first = rows[0];
  if (!first) throw noProject();
  if (since < Number(first.trimmed))
    throw new AppError("gone", `the log begins after ${first.trimmed}; take a snapshot`);
  const events = rows.flatMap((row) =>
    row.seq === null ? [] : [fromRow({ ...row, seq: row.seq, kind: "project", room_id: projectId })],
  );
  const seq = events.at(-1)?.seq ?? Number(first.head);
  return new RawJson(
    `{"epoch":${JSON.stringify(first.epoch)},"seq":${seq},"items":[${events.map(encodeFrame).join(",")}]}`,
  );
}
