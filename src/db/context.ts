/** Who acts, and the one way to write: `transact` locks the rooms, runs the work, appends its events and commits. */

import type { ExtractTablesWithRelations } from "drizzle-orm";
import { sql } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import type { PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import type { Scope } from "../protocol/endpoint.ts";
import { AppError } from "../protocol/errors.ts";
import type { RoomKind, RoomName } from "../protocol/rooms.ts";
import { type Database, sqlState } from "./open.ts";
import { queryIn } from "./query.ts";
import { isoText } from "./row-json.ts";
import type * as schema from "./schema.ts";

/** What an API key may do of all that its person may. */
export interface KeyLimits {
  readonly id: string;
  /** Stands as the actor's name in what the key does. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Null: every project of its person. */
  readonly projectIds: ReadonlySet<string> | null;
}

/** The caller of a verb. A key acts as its person: id, name and rights are the person's, `key` is what it is held to. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly kind: "user" | "key" | "system";
  readonly role: "admin" | "user";
  readonly email: string | null;
  readonly avatarUrl: string | null;
  readonly timeZone: string;
  readonly locale: string;
  /** The sign-in or key this caller stands on; null for tokens of a host application and the server itself. */
  readonly sessionId: string | null;
  readonly key?: KeyLimits | undefined;
}

/** Who did it, as events tell (S3): of a key its person's id and the key's own name. JSON text; null for the server. */
export const actorText = ({ id, name, kind, key }: Actor): string | null =>
  kind === "system" ? null : JSON.stringify({ id, name: key?.name ?? name, kind });

/** A key under which this write is applied once, with a hash of the whole request (H4). */
export interface Mutation {
  readonly id: string;
  readonly hash: bigint;
}

/** What the verbs need of the house; made once by the application. */
export interface Store {
  readonly database: Database;
  /** Told of every commit, in the tick in which this process learned of it. Must not throw. */
  readonly committed: (events: readonly CommittedEvent[]) => void;
}

export interface Ctx {
  readonly store: Store;
  readonly actor: Actor;
  readonly requestId: string;
  readonly mutation?: Mutation | undefined;
}

/** An event as it stands in the log. `actor` and `data` are JSON text, spliced into frames unparsed. */
export interface CommittedEvent {
  readonly room: RoomName;
  readonly roomId: string;
  readonly seq: number;
  readonly event: string;
  /** RFC 3339, milliseconds, UTC. */
  readonly at: string;
  readonly actor: string | null;
  readonly mutationId: string | null;
  readonly data: string;
  /** Of the room's log; of events that were not just committed or read from it for the relay it need not be known. */
  readonly epoch?: string | undefined;
}

export interface PendingEvent {
  readonly roomId: string;
  readonly event: string;
  readonly data: string;
  /** Does it change what writers decide on (members, columns, labels, the project)? Raises the room's revision. */
  readonly structural: boolean;
}

export type Transaction = PgTransaction<
  PostgresJsQueryResultHKT,
  typeof schema,
  ExtractTablesWithRelations<typeof schema>
>;

export interface Tx {
  readonly orm: Transaction;
  /** Collected by `emit`, written by `transact` as the last thing before the commit. */
  readonly pending: PendingEvent[];
}

export interface Outcome<Answer> {
  readonly answer: Answer;
  /** The events this write made, or had made when it was first sent. */
  readonly events: readonly CommittedEvent[];
  readonly replayed: boolean;
}

export interface Write<Answer> {
  /** Ids of the rooms the work will emit to; locked first, in one order, by every writer. */
  readonly rooms: readonly string[];
  readonly work: (tx: Tx) => Promise<Answer>;
  /** The answer of a retried write, from the events it made the first time. */
  readonly replay: (events: readonly CommittedEvent[]) => Answer | Promise<Answer>;
}

const attempts = 4;
// serialization failure, deadlock, and a twin of the same mutation that committed first
const retriable = new Set(["40001", "40P01"]);
/** Of advisory locks; see migrate.ts and servers.ts for the others. */
const mutationSpace = 82_759_476;

/**
 * Runs `write.work` in one transaction with the events it emits, and tells the relay after the commit.
 * Throws what the work throws; `idempotency_mismatch` where the mutation id was used for another request.
 */
export async function transact<Answer>(ctx: Ctx, write: Write<Answer>): Promise<Outcome<Answer>> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { database } = ctx.store;
      const outcome = await database.guard(() => database.orm.transaction((orm) => attemptOnce(ctx, write, orm)));
      if (!outcome.replayed && outcome.events.length > 0) ctx.store.committed(outcome.events);
      return outcome;
    } catch (error) {
      const state = sqlState(error);
      const again = state !== undefined && (retriable.has(state) || isTwin(error, ctx));
      if (!again || attempt >= attempts) throw error;
    }
  }
}

async function attemptOnce<Answer>(ctx: Ctx, write: Write<Answer>, orm: Transaction): Promise<Outcome<Answer>> {
  // In one round trip: each runs when the one before it is done, so what was applied is looked up behind the lock.
  const [, made, stored] = await Promise.all([
    write.rooms.length > 0
      ? lockRooms(orm, write.rooms)
      : ctx.mutation && lockMutation(orm, ctx.actor.id, ctx.mutation),
    ctx.mutation && findMutation(orm, ctx.actor.id, ctx.mutation),
    ctx.mutation && findAnswer(orm, ctx.actor.id, ctx.mutation),
  ]);
  if (made) return { answer: await write.replay(made), events: made, replayed: true };
  // The answer was serialized from an Answer by this same verb: the hash covers the verb's name and its body.
  if (stored) return { answer: stored.answer as Answer, events: [], replayed: true };
  const tx: Tx = { orm, pending: [] };
  const answer = await write.work(tx);
  const events = tx.pending.length > 0 ? await append(orm, ctx, tx.pending) : [];
  if (ctx.mutation && events.length === 0) await keepAnswer(orm, ctx.actor.id, ctx.mutation, answer);
  return { answer, events, replayed: false };
}

async function lockRooms(orm: Transaction, roomIds: readonly string[]): Promise<void> {
  await queryIn(orm, "select id from rooms where id = any($1::uuid[]) order by id for update", [`{${roomIds.join()}}`]);
}

/** Where no room keeps the twins of a write apart, the later one must not decide on what the first has changed. */
async function lockMutation(orm: Transaction, actorId: string, { id }: Mutation): Promise<void> {
  const text = `select pg_advisory_xact_lock(${mutationSpace}, hashtext($1::text || ' ' || $2::text))`;
  await queryIn(orm, text, [actorId, id]);
}

const isTwin = (error: unknown, ctx: Ctx): boolean => {
  if (!ctx.mutation || sqlState(error) !== "23505") return false;
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const constraint =
    typeof cause === "object" && cause !== null && "constraint_name" in cause ? cause.constraint_name : "";
  return constraint === "events_mutation" || constraint === "mutations_actor_id_mutation_id_pk";
};

interface LogRow extends Record<string, unknown> {
  room_id: string;
  kind: RoomKind;
  seq: string | number;
  event: string;
  at: string;
  actor: string | null;
  mutation_id: string | null;
  data: string;
  epoch?: string;
}

/** A row of the log, as `logColumns` selects it, to a CommittedEvent. */
export const fromRow = (row: LogRow): CommittedEvent => ({
  room: `${row.kind}:${row.room_id}`,
  roomId: row.room_id,
  seq: Number(row.seq),
  event: row.event,
  at: row.at,
  actor: row.actor,
  mutationId: row.mutation_id,
  data: row.data,
  epoch: row.epoch,
});

const findMutationSql = `
  select e.room_id, r.kind, e.seq, e.event, ${isoText("e.at")} as at, e.actor, e.mutation_id, e.data,
    e.mutation_hash::text as hash
  from events e join rooms r on r.id = e.room_id
  where e.actor_id = $1::uuid and e.mutation_id = $2 order by e.mutation_part`;

/** The events of a mutation already applied by this actor, or undefined. Throws `idempotency_mismatch`. */
export async function findMutation(
  orm: Pick<Transaction, "_">,
  actorId: string,
  mutation: Mutation,
): Promise<CommittedEvent[] | undefined> {
  const rows = await queryIn<LogRow & { hash: string }>(orm, findMutationSql, [actorId, mutation.id]);
  const first = rows[0];
  if (!first) return undefined;
  requireSameRequest(first.hash, mutation);
  return rows.map(fromRow);
}

async function findAnswer(orm: Transaction, actorId: string, mutation: Mutation) {
  const rows = await queryIn<{ answer: string | null; hash: string }>(
    orm,
    `select answer::text as answer, mutation_hash::text as hash from mutations
    where actor_id = $1::uuid and mutation_id = $2`,
    [actorId, mutation.id],
  );
  const row = rows[0];
  if (!row) return undefined;
  requireSameRequest(row.hash, mutation);
  const answer: unknown = row.answer === null ? undefined : JSON.parse(row.answer);
  return { answer };
}

function requireSameRequest(hash: string, mutation: Mutation): void {
  if (BigInt(hash) !== mutation.hash)
    throw new AppError("idempotency_mismatch", `the key ${mutation.id} was used for another request; take a new one`);
}

const keepAnswer = (orm: Transaction, actorId: string, mutation: Mutation, answer: unknown) =>
  orm.execute(sql`insert into mutations (actor_id, mutation_id, mutation_hash, answer)
    values (${actorId}, ${mutation.id}, ${mutation.hash.toString()}::bigint, ${JSON.stringify(answer) ?? null}::text::json)`);

const appendSql = `
  with input as materialized (
    select * from json_to_recordset($1::text::json)
      as x(i int, room uuid, event text, data text, structural boolean)),
  raised as (
    update rooms r set seq = r.seq + c.n, revision = r.revision + c.structural
    from (select room, count(*) as n, count(*) filter (where structural) as structural from input group by room) c
    where r.id = c.room returning r.id, r.kind, r.epoch, r.seq - c.n as base),
  numbered as (
    select x.*, r.kind, r.epoch, r.base + row_number() over (partition by x.room order by x.i) as seq
    from input x join raised r on r.id = x.room),
  kept as (
    insert into events (room_id, seq, event, at, actor, actor_id, mutation_id, mutation_part, mutation_hash, data)
    select room, seq, event, now(), $2::text, $3::uuid, $4::text, i, $5::bigint, data from numbered)
  select i, room as room_id, kind, seq, event, ${isoText("now()::timestamptz(3)")} as at, $2::text as actor,
    $4::text as mutation_id, data, epoch
  from numbered order by i`;

/** Raises each room's counter by its number of events and writes them behind each other. */
async function append(orm: Transaction, ctx: Ctx, pending: readonly PendingEvent[]): Promise<CommittedEvent[]> {
  const input = JSON.stringify(
    pending.map((e, i) => ({ i, room: e.roomId, event: e.event, data: e.data, structural: e.structural })),
  );
  const actor = actorText(ctx.actor);
  const rows = await queryIn<LogRow & { i: number }>(orm, appendSql, [
    input,
    actor,
    actor === null ? null : ctx.actor.id,
    ctx.mutation?.id,
    ctx.mutation?.hash.toString(),
  ]);
  if (rows.length !== pending.length) throw new Error("an event was emitted to a room that does not exist");
  return rows.map(fromRow);
}
