/**
 * Jobs as rows. A job is due at `due_at`; whoever claims it moves that time ahead by the lease, so that the job of a
 * process that died is due again by itself, and there is nothing to rescue. Every time is the database's own.
 */
import type { Transaction } from "../db/context.ts";
import type { Database } from "../db/open.ts";
import { queryIn } from "../db/query.ts";

/** 0 goes first. */
export type Priority = 0 | 1 | 2;

export interface NewJob {
  readonly kind: string;
  readonly payload: object;
  /** At most one job of a kind and key waits or runs; a second one changes nothing. */
  readonly key?: string | undefined;
  readonly priority?: Priority | undefined;
  /** RFC 3339; absent: now. */
  readonly runAt?: string | undefined;
}

/** A job as its handler gets it; `attempt` counts from 1. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly key: string | null;
  readonly payload: unknown;
  readonly attempt: number;
}

/** How many jobs of a kind may be claimed now. */
export interface Room {
  readonly kind: string;
  readonly free: number;
}

export interface Failure {
  readonly job: Job;
  readonly error: string;
  /** Until it is tried again; undefined: it is dead. */
  readonly retryInMs: number | undefined;
}

// A column of milliseconds rounds, so that now() may be stored as a moment to come, and a wake would find nothing due.
const rightNow = "date_trunc('milliseconds', now())";

const enqueueSql = `
  insert into jobs (id, kind, key, priority, payload, due_at)
  select x.id, x.kind, x.key, x.priority, x.payload, coalesce(x.run_at, ${rightNow})
  from json_to_recordset($1::text::json)
    as x(id uuid, kind text, key text, priority smallint, payload text, run_at timestamptz)
  on conflict (kind, key) where dead_at is null do nothing`;

/** Adds jobs in the caller's transaction; wake the runner after its commit. */
export async function enqueue(orm: Pick<Transaction, "_">, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return;
  const rows = jobs.map(({ kind, payload, key, priority, runAt }) => ({
    id: Bun.randomUUIDv7(),
    kind,
    key,
    priority: priority ?? 1,
    payload: JSON.stringify(payload),
    run_at: runAt,
  }));
  await queryIn(orm, enqueueSql, [JSON.stringify(rows)]);
}

/** Takes away a job that waits or runs; who runs it hears of it at its next renewal. Answers whether there was one. */
export async function cancel(orm: Pick<Transaction, "_">, kind: string, key: string): Promise<boolean> {
  const rows = await queryIn(orm, "delete from jobs where kind = $1 and key = $2 and dead_at is null returning id", [
    kind,
    key,
  ]);
  return rows.length > 0;
}

/** Gives jobs that wait for their first attempt another time (RFC 3339; absent: now); wake the runner after the commit. */
export async function reschedule(
  orm: Pick<Transaction, "_">,
  kind: string,
  keys: readonly string[],
  runAt?: string,
): Promise<void> {
  await queryIn(
    orm,
    `update jobs set due_at = coalesce($3::timestamptz, ${rightNow})
    where kind = $1 and key = any($2::text[]) and dead_at is null and attempts = 0 and claimed_by is null`,
    [kind, list(keys), runAt],
  );
}

/** Each priority is looked through on its own, so that jobs of tomorrow are never scanned. */
const claimSql = `
  with room as (select * from unnest($1::text[], $2::int[]) as r(kind, free)),
  picked as materialized (
    select j.id from room r cross join lateral (
      select due.id from (values (0), (1), (2)) p(priority) cross join lateral (
        select id from jobs
        where kind = r.kind and priority = p.priority and dead_at is null and due_at <= now() and id <> all($5::uuid[])
        order by due_at limit r.free for update skip locked) due
      limit r.free) j)
  update jobs j set due_at = now() + $3::int * interval '1 ms', attempts = attempts + 1, claimed_by = $4::uuid
  from picked where j.id = picked.id
  returning j.id, j.kind, j.key, j.payload, j.attempts as attempt`;

interface ClaimedRow extends Omit<Job, "payload"> {
  readonly payload: string;
}

/**
 * Takes what is due, for the lease: `owner` must renew, finish or fail it before that is over. `running`: what it has in
 * hand, of which it may have been late to renew the lease.
 */
export async function claim(
  database: Database,
  owner: string,
  rooms: readonly Room[],
  leaseMs: number,
  running: Iterable<string> = [],
): Promise<readonly Job[]> {
  const rows = await database.sql.unsafe<ClaimedRow[]>(
    claimSql,
    [list(rooms.map(({ kind }) => kind)), list(rooms.map(({ free }) => free)), leaseMs, owner, list([...running])],
    { prepare: true },
  );
  return rows.map(({ id, kind, key, payload, attempt }) => ({ id, kind, key, payload: JSON.parse(payload), attempt }));
}

const mine = `from unnest($1::uuid[], $2::int[]) as m(id, attempt)
  where j.id = m.id and j.attempts = m.attempt and j.claimed_by = $3::uuid and j.dead_at is null`;

/** Gives the jobs another lease; answers those that are still this owner's. */
export async function renew(
  database: Database,
  owner: string,
  jobs: readonly Job[],
  leaseMs: number,
): Promise<ReadonlySet<string>> {
  const rows = await database.sql.unsafe<{ id: string }[]>(
    `update jobs j set due_at = now() + $4::int * interval '1 ms' ${mine} returning j.id`,
    [...claimed(owner, jobs), leaseMs],
    { prepare: true },
  );
  return new Set(rows.map(({ id }) => id));
}

/** The jobs are done and go; those that another owner took over meanwhile stay. */
export async function finish(database: Database, owner: string, jobs: readonly Job[]): Promise<void> {
  await database.sql.unsafe(
    `delete from jobs j using unnest($1::uuid[], $2::int[]) as m(id, attempt)
  where j.id = m.id and j.attempts = m.attempt and j.claimed_by = $3::uuid and j.dead_at is null`,
    claimed(owner, jobs),
    {
      prepare: true,
    },
  );
}

/** Another owner took the job over: what this one did must not be committed. */
class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** Ends a job in the transaction of its effects, which are then there once. Throws Overtaken. */
export async function endIn(orm: Pick<Transaction, "_">, owner: string, job: Job): Promise<void> {
  const rows = await queryIn(
    orm,
    "delete from jobs where id = $1::uuid and attempts = $2::int and claimed_by = $3::uuid and dead_at is null returning id",
    [job.id, job.attempt, owner],
  );
  if (rows.length === 0) throw new Overtaken("another node runs this job by now");
}

/** The jobs are given back unharmed: the attempt does not count. */
export async function release(database: Database, owner: string, jobs: readonly Job[]): Promise<void> {
  await database.sql.unsafe(
    `update jobs j set due_at = ${rightNow}, attempts = j.attempts - 1, claimed_by = null ${mine}`,
    claimed(owner, jobs),
    { prepare: true },
  );
}

/** One job failed: it waits for its next attempt, or is dead and kept to be looked at. */
export async function fail(database: Database, owner: string, { job, error, retryInMs }: Failure): Promise<void> {
  await database.sql.unsafe(
    `update jobs set claimed_by = null, last_error = $4,
      due_at = case when $5::int is null then due_at else now() + $5::int * interval '1 ms' end,
      dead_at = case when $5::int is null then now() end
    where id = $1::uuid and attempts = $2::int and claimed_by = $3::uuid and dead_at is null`,
    [job.id, job.attempt, owner, error, retryInMs === undefined ? null : Math.round(retryInMs)],
    { prepare: true },
  );
}

const list = (values: readonly (string | number)[]): string =>
  `{${values.map((value) => JSON.stringify(`${value}`)).join()}}`;
const claimed = (owner: string, jobs: readonly Job[]): [string, string, string] => [
  list(jobs.map(({ id }) => id)),
  list(jobs.map(({ attempt }) => attempt)),
  owner,
];
