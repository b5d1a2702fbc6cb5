/** Joining a room: one statement reads membership, position and a page of events; one tick subscribes behind it. */
import { createTogether } from "../core/together.ts";
import { type CommittedEvent, fromRow } from "../db/context.ts";
import type { Database } from "../db/open.ts";
import { isoText } from "../db/row-json.ts";
import { AppError } from "../protocol/errors.ts";
import type { Since } from "../protocol/ids.ts";
import { projectRoom, type RoomKind, type RoomName, roomId, userRoom } from "../protocol/rooms.ts";
import type { Hub } from "./hub.ts";
import { encodeFrame, isStructural } from "./log.ts";
import type { Relay } from "./relay.ts";
import type { Connection } from "./transport/transport.ts";

export interface JoinDeps {
  readonly database: Database;
  readonly relay: Relay;
  readonly hub: Hub;
}

/** A page of S5, frames as JSON text. With `more` the connection hears nothing of the room yet. */
export interface JoinedRoom {
  readonly room: RoomName;
  readonly epoch: string;
  /** Where the page ends; the next live event is `seq` + 1 (unless `more`). */
  readonly seq: number;
  /** Where the room is: beyond `seq` where there is more. */
  readonly head: number;
  readonly recovered: boolean;
  readonly frames: readonly string[];
  readonly more: boolean;
}

/** At most so many events and bytes of data in one page: more on one socket would be dropped by backpressure. */
const pageEvents = 500;
const pageBytes = 256 * 1024 - 4096;
/** What stands around the data in a frame: names, room, time, actor, mutation id. More than it usually is. */
const envelopeBytes = 512;
const attempts = 20;

interface JoinRow {
  kind: RoomKind;
  epoch: string;
  head: string | number;
  trimmed: string | number;
  member: boolean;
  seq: string | number | null;
  event: string;
  at: string;
  actor: string | null;
  mutation_id: string | null;
  data: string;
}

/**
 * $1 room, $2 after, $3 up to, $4 whose: the person, or of a person's own room the sign-in. The window keeps a page
 * under both limits, but never empty.
 */
const pageSql = (member: string): string => `
  select r.kind, r.epoch, r.seq as head, r.trimmed_seq as trimmed, ${member} as member,
    e.seq, e.event, ${isoText("e.at")} as at, e.actor, e.mutation_id, e.data
  from rooms r left join lateral (
    select * from (
      select e.*, row_number() over (order by e.seq) as rank, sum(octet_length(e.data) + ${envelopeBytes}) over (order by e.seq) as bytes
      from (select * from events e where e.room_id = r.id and e.seq > $2::bigint and e.seq <= least(r.seq, $3::bigint)
        order by e.seq limit ${pageEvents}) e) e
    where e.rank = 1 or e.bytes <= ${pageBytes}) e on true
  where r.id = $1::uuid order by e.seq`;

const memberOf = (whose: string): string => `exists (select from members m join projects p on p.id = m.project_id
  where m.project_id = r.id and m.user_id = ${whose} and p.deleted_at is null)`;
/**
 * A sign-in (or key) that ended after it was looked at and before this room was joined would never be heard of: it is looked at
 * again here, in the statement behind whose position `session_ended` will be heard.
 */
const signedIn = (whose: string): string => `exists (select from users u where u.id = r.id and u.disabled_at is null)
  and (${whose} is null or exists (select from sessions s where s.id = ${whose} and s.user_id = r.id)
    or exists (select from api_keys k where k.id = ${whose} and k.user_id = r.id))`;

/** The same of many rooms and people, without a page: $1 rooms, $2 whose. A row a question, where the room is there. */
const headsSql = (member: string): string => `
  select asked.i::int - 1 as i, r.epoch, r.seq as head, r.trimmed_seq as trimmed, ${member} as member
  from unnest($1::uuid[], $2::uuid[]) with ordinality as asked(room, whose, i) join rooms r on r.id = asked.room`;

/** The statements of a kind of room. */
interface Statements {
  readonly page: string;
  readonly heads: string;
}
const statementsOf = (member: (whose: string) => string): Statements => ({
  page: pageSql(member("$4::uuid")),
  heads: headsSql(member("asked.whose")),
});
export const joinStatements = {
  project: statementsOf(memberOf),
  user: statementsOf(signedIn),
} as const satisfies Record<RoomKind, Statements>;

interface Read {
  readonly epoch: string;
  readonly head: number;
  readonly trimmed: number;
  readonly member: boolean;
  readonly events: readonly CommittedEvent[];
}

async function read(
  database: Database,
  kind: RoomKind,
  id: string,
  after: number,
  upTo: number,
  whose: string | null,
): Promise<Read | undefined> {
  const rows = await database.sql.unsafe<JoinRow[]>(joinStatements[kind].page, [id, after, upTo, whose], {
    prepare: true,
  });
  const first = rows[0];
  if (!first) return undefined;
  const events: CommittedEvent[] = [];
  for (const row of rows) if (row.seq !== null) events.push(fromRow({ ...row, room_id: id, seq: row.seq }));
  return {
    epoch: first.epoch,
    head: Number(first.head),
    trimmed: Number(first.trimmed),
    member: first.member,
    events,
  };
}

interface Question {
  readonly room: string;
  readonly whose: string | null;
}

/** Where a room stands and whether it may be joined, for those who want no page of it. Asked together in a rush. */
type Heads = { readonly [Kind in RoomKind]: (question: Question) => Promise<Read | undefined> };

interface HeadRow extends Pick<JoinRow, "epoch" | "head" | "trimmed" | "member"> {
  i: number;
}

const headsAtOnce = 256;
const heads = new WeakMap<Database, Heads>();

function headsOf(database: Database): Heads {
  const known = heads.get(database);
  if (known) return known;
  const asking = (kind: RoomKind) =>
    createTogether(
      (questions: readonly Question[]) => readHeads(database, joinStatements[kind].heads, questions),
      headsAtOnce,
    );
  const made: Heads = { project: asking("project"), user: asking("user") };
  heads.set(database, made);
  return made;
}

async function readHeads(
  database: Database,
  sql: string,
  questions: readonly Question[],
): Promise<readonly (Read | undefined)[]> {
  const list = (ids: readonly (string | null)[]): string => `{${ids.map((id) => id ?? "null").join()}}`;
  const rows = await database.sql.unsafe<HeadRow[]>(
    sql,
    [list(questions.map(({ room }) => room)), list(questions.map(({ whose }) => whose))],
    { prepare: true },
  );
  const answers: (Read | undefined)[] = new Array(questions.length).fill(undefined);
  for (const { i, epoch, head, trimmed, member } of rows)
    answers[i] = { epoch, head: Number(head), trimmed: Number(trimmed), member, events: [] };
  return answers;
}

const notFound = () => new AppError("not_found", "there is no such project, or you are not a member of it");

/** Does the log still hold everything after `since`? */
const reaches = (page: Read, since: Since): boolean =>
  since.epoch === page.epoch && since.seq <= page.head && since.seq >= page.trimmed;

/**
 * Joins a project's room for a connection (S5). Throws `not_found` for strangers and deleted projects,
 * `unavailable` where the room is too busy to find a quiet tick (never seen; a bound on the loop).
 */
export async function joinProject(
  deps: JoinDeps,
  connection: Connection,
  projectId: string,
  since: Since | undefined,
): Promise<JoinedRoom> {
  const room = projectRoom(projectId);
  deps.relay.follow(room);
  try {
    const joined = await subscribeBehind(deps, connection, room, "project", connection.actor.id, since);
    return joined;
  } finally {
    deps.relay.release(room);
  }
}

async function subscribeBehind(
  deps: JoinDeps,
  connection: Connection,
  room: RoomName,
  kind: RoomKind,
  whose: string | null,
  since: Since | undefined,
): Promise<JoinedRoom> {
  const id = roomId(room);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const page = since
      ? await read(deps.database, kind, id, since.seq, Number.MAX_SAFE_INTEGER, whose)
      : await headsOf(deps.database)[kind]({ room: id, whose });
    if (!page?.member) throw notFound();
    const recovered = since !== undefined && reaches(page, since);
    const events = recovered ? page.events : [];
    const reached = recovered ? (events.at(-1)?.seq ?? since.seq) : page.head;
    const answer = (seq: number, all: readonly CommittedEvent[], more: boolean): JoinedRoom => ({
      room,
      epoch: page.epoch,
      seq,
      head: Math.max(seq, page.head),
      recovered,
      frames: all.map(encodeFrame),
      more,
    });
    if (reached < page.head) {
      // Joined before, and back with an older position: it hears nothing until the last page (S5).
      deps.hub.leave(connection, room);
      return answer(reached, events, true);
    }

    deps.relay.start(room, page.head, page.epoch);
    if ((deps.relay.delivered(room) ?? 0) < page.head) await deps.relay.reach(room, page.head);
    // From here to `join` nothing awaits. What the relay published since the read was not in the page: add it, unless
    // it is too much, forgotten, or may concern this very membership; then the log is read once more.
    const missed = deps.relay.recent(room, page.head);
    if (!missed || missed.some((event) => isStructural(event.event))) continue;
    if (recovered && events.length + missed.length > pageEvents) return answer(reached, events, true);
    if (connection.isOpen()) deps.hub.join(connection, room);
    return answer(page.head + missed.length, recovered ? [...events, ...missed] : [], false);
  }
  throw new AppError("unavailable", "the room is too busy to join; try again", { retryAfter: 1 });
}

/** Joins a person's own room, live after the answered position (S4). Throws `not_found` where the sign-in has ended. */
export async function openUserRoom(deps: JoinDeps, connection: Connection): Promise<{ epoch: string; seq: number }> {
  const room = userRoom(connection.actor.id);
  deps.relay.follow(room);
  try {
    const { epoch, seq } = await subscribeBehind(deps, connection, room, "user", connection.actor.sessionId, undefined);
    return { epoch, seq };
  } finally {
    deps.relay.release(room);
  }
}

/** `resume_user`: the person's events after `since`, up to the position `connected` told (`upTo`); paged as in S5. */
export async function resumeUser(
  deps: JoinDeps,
  connection: Connection,
  since: Since,
  upTo: number,
): Promise<JoinedRoom> {
  const room = userRoom(connection.actor.id);
  const page = await read(deps.database, "user", connection.actor.id, since.seq, upTo, connection.actor.sessionId);
  if (!page) throw new AppError("not_found", "this person has no room");
  const recovered = reaches(page, since);
  const events = recovered ? page.events : [];
  const seq = recovered ? (events.at(-1)?.seq ?? since.seq) : upTo;
  const more = recovered && seq < upTo;
  return { room, epoch: page.epoch, seq, head: Math.max(seq, upTo), recovered, frames: events.map(encodeFrame), more };
}

/** The JSON text of a page as S5 has it; `extra` goes in front (`"presence":[…],`) or is empty. */
export const pageText = (page: JoinedRoom, extra = ""): string =>
  `{${extra}"room":"${page.room}","epoch":${JSON.stringify(page.epoch)},"seq":${page.seq},"head":${page.head},"recovered":${page.recovered},` +
  `"more":${page.more},"events":[${page.frames.join(",")}]}`;
