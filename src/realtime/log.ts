/** The event log: what a room went through, in order. */
import { type CommittedEvent, type Ctx, fromRow, type Tx } from "../db/context.ts";
import type { Database } from "../db/open.ts";
import { isoText } from "../db/row-json.ts";
import type { DurableEventName, EventData } from "../protocol/catalogue.ts";
import type { CustomEventName } from "../protocol/custom-events.ts";
import type { RoomKind } from "../protocol/rooms.ts";

/** Events after which what writers decide on (roles, columns, labels, the project) may be another. */
const structural = new Set<string>([
  "project_updated",
  "project_deleted",
  "member_added",
  "member_updated",
  "member_removed",
] satisfies DurableEventName[]);

export const isStructural = (event: string): boolean => structural.has(event);

/** Collects an event for the end of the transaction; the room must be one of those `transact` locked, or be made in it. */
export function emit<Name extends DurableEventName>(tx: Tx, event: Name, roomId: string, data: EventData<Name>): void {
  tx.pending.push({ roomId, event, data: JSON.stringify(data), structural: structural.has(event) });
}

/** The same for an application's own event, whose data is its own. */
export function emitCustom(tx: Tx, event: CustomEventName, roomId: string, data: object): void {
  tx.pending.push({ roomId, event, data: JSON.stringify(data), structural: false });
}

/** The native frame of a durable event (S3). Built by hand: `actor` and `data` are JSON text already. */
export function encodeFrame(e: CommittedEvent): string {
  const actor = e.actor === null ? "" : `,"actor":${e.actor}`;
  const mutation = e.mutationId === null ? "" : `,"mutation_id":${JSON.stringify(e.mutationId)}`;
  return `{"event":"${e.event}","room":"${e.room}","seq":${e.seq},"at":"${e.at}"${actor}${mutation},"data":${e.data}}`;
}

/** The native frame of something that is not kept. `data` and `actor` are JSON text. */
export function encodeEphemeral(event: string, at: string, data: string, room?: string, actor?: string | null): string {
  const where = room === undefined ? "" : `,"room":"${room}"`;
  const who = actor ? `,"actor":${actor}` : "";
  return `{"event":"${event}"${where},"at":"${at}"${who},"data":${data}}`;
}

/**
 * Does the data of a `task_updated` name this field among its changes? Whoever reads the log of a burst need not parse what is
 * of no concern to them. Within a text every quote has a backslash before it, so what is looked for can only be keys.
 */
export const tellsOfChange = (data: string, field: string): boolean =>
  data.indexOf(`"${field}":`, data.lastIndexOf('"changes":{')) >= 0;

export interface LogPage {
  readonly epoch: string;
  /** Number of the room's last event when this was read. */
  readonly head: number;
  /** History reaches back to `trimmedSeq` + 1. */
  readonly trimmedSeq: number;
  /** Oldest first, at most `limit` and about `maxBytes`, always without a hole. */
  readonly events: readonly CommittedEvent[];
}

interface PageRow {
  kind: RoomKind;
  epoch: string;
  head: string | number;
  trimmed: string | number;
  seq: string | number | null;
  event: string;
  at: string;
  actor: string | null;
  mutation_id: string | null;
  data: string;
}

export const readSql = `
  select r.kind, r.epoch, r.seq as head, r.trimmed_seq as trimmed,
    e.seq, e.event, ${isoText("e.at")} as at, e.actor, e.mutation_id, e.data
  from rooms r left join lateral (
    select * from events e where e.room_id = r.id and e.seq > $2::bigint and e.seq <= r.seq order by e.seq limit $3::int
  ) e on true
  where r.id = $1::uuid order by e.seq`;

/** Reads a page of a room's log; undefined where there is no such room. */
export async function readSince(
  database: Database,
  roomId: string,
  after: number,
  limit: number,
): Promise<LogPage | undefined> {
  const rows = await database.sql.unsafe<PageRow[]>(readSql, [roomId, after, limit], { prepare: true });
  return toPage(roomId, rows);
}

function toPage(roomId: string, rows: readonly PageRow[]): LogPage | undefined {
  const first = rows[0];
  if (!first) return undefined;
  const events: CommittedEvent[] = [];
  for (const row of rows) {
    if (row.seq !== null) events.push(fromRow({ ...row, room_id: roomId, seq: row.seq }));
  }
  return { epoch: first.epoch, head: Number(first.head), trimmedSeq: Number(first.trimmed), events };
}

/** The ctx of what the server does by itself. */
export const systemCtx = (ctx: Pick<Ctx, "store">, requestId: string): Ctx => ({
  store: ctx.store,
  requestId,
  actor: {
    id: "00000000-0000-0000-0000-000000000000",
    name: "Taskwire",
    kind: "system",
    role: "admin",
    email: null,
    avatarUrl: null,
    timeZone: "UTC",
    locale: "en",
    sessionId: null,
  },
});
