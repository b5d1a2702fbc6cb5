/** What waits in the database, for the metrics of every server. */
import type { Workload } from "../../core/metric.ts";
import type { Database } from "../../db/open.ts";

const states = ["waiting", "running", "dead"] as const;

/** One row a kind. Jobs that are done have no row, so that these are few while all is well. */
const jobsSql = `
  select kind, (count(*) filter (where dead_at is null and not running))::int as waiting,
    (count(*) filter (where running))::int as running, (count(*) filter (where dead_at is not null))::int as dead,
    coalesce(extract(epoch from now() - min(due_at) filter (where dead_at is null and due_at <= now())), 0)::float8 as lag
  from (select *, dead_at is null and claimed_by is not null and due_at > now() as running from jobs) j
  group by kind order by kind`;
const remindersSql = `
  select greatest(coalesce(extract(epoch from now() - min(remind_at)), 0), 0)::float8 as lag
  from reminders where fired_at is null`;

type JobsRow = Record<(typeof states)[number] | "lag", number> & { readonly kind: string };

/** A scrape does not wait for a database that is busy or away: it takes its question back and tells all the rest. */
const patienceMs = 500;

/** A statement under way. */
interface Question {
  cancel(): void;
}

/** `kinds`: those that are told of though they have no job. Undefined where the database does not answer in time. */
export function createReadWorkload(database: Database, kinds: readonly string[]): () => Promise<Workload | undefined> {
  let questions: readonly Question[] = [];
  const read = async (): Promise<Workload> => {
    const ofJobs = database.sql.unsafe<JobsRow[]>(jobsSql, [], { prepare: true });
    const ofReminders = database.sql.unsafe<{ lag: number }[]>(remindersSql, [], { prepare: true });
    questions = [ofJobs, ofReminders];
    const [jobs, [reminders]] = await Promise.all([ofJobs, ofReminders]);
    const missing = kinds.filter((kind) => jobs.every((row) => row.kind !== kind));
    const all = [...jobs, ...missing.map((kind) => ({ kind, waiting: 0, running: 0, dead: 0, lag: 0 }))];
    return {
      jobs: all.flatMap((row) => states.map((state) => ({ kind: row.kind, state, count: row[state] }))),
      jobLags: all.map(({ kind, lag }) => ({ kind, seconds: lag })),
      reminderLag: reminders?.lag ?? 0,
    };
  };
  let under: Promise<Workload | undefined> | undefined;
  return async () => {
    // Those that come together, or while one still waits, are answered together.
    under ??= database
      .guard(read)
      .catch(() => undefined)
      .finally(() => {
        under = undefined;
      });
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      // What nobody waits for any more must not wait for a connection: others would see it in the pool.
      for (const question of questions) question.cancel();
      late.resolve(undefined);
    }, patienceMs);
    const workload = await Promise.race([under, late.promise]);
    clearTimeout(timer);
    return workload;
  };
}
