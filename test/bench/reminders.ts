/**
 * `bun test/bench/reminders.ts [count] [people] [embedded|postgres]`: how long it takes to tell reminders that are all
 * due at once, by the loop of one node alone. PostgreSQL has fsync on.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateUp } from "../../src/db/migrate.ts";
import { type Database, openDatabase } from "../../src/db/open.ts";
import { fireDue } from "../../src/features/reminders/fire.ts";
import { systemCtx } from "../../src/realtime/log.ts";
import { percentile } from "../support/load.ts";
import { storeOf } from "../support/reminders.ts";
import { startPostgres } from "../support/services.ts";

const [count = 100_000, people = 1_000] = process.argv.slice(2, 4).map(Number);
const kinds = process.argv[4] === undefined ? ["postgres", "embedded"] : [process.argv[4]];

/** A task has one person and one reminder, which is due now. */
async function fill({ sql }: Database): Promise<void> {
  await sql`create table person as select n, gen_random_uuid() as id from generate_series(0, ${people - 1}::int) n`;
  await sql`insert into users (id, name, email) select id, 'P' || n, id || '@example.org' from person`;
  await sql`insert into rooms (id, kind, epoch) select id, 'user', 'e' from person`;
  await sql`create table project as select n, gen_random_uuid() as id from generate_series(0, 99) n`;
  await sql`insert into projects (id, key, name, created_by) select id, 'K' || n, 'Project', id from project`;
  await sql`insert into rooms (id, kind, epoch) select id, 'project', 'e' from project`;
  await sql`insert into members (project_id, user_id, role) select p.id, u.id, 'member'
    from person u join project p on p.n = u.n % 100`;
  // In parts: no statement of the embedded database may take long.
  for (let from = 1; from <= count; from += 2_000)
    await sql`insert into tasks (id, project_id, number, key, title, status, position, created_by, due_at, assignee_ids)
      select gen_random_uuid(), p.id, i, 'K-' || i, 'Order the new chairs', 'todo', 'a1', p.id,
        date_trunc('milliseconds', now()), array[u.id]
      from generate_series(${from}::int, ${Math.min(from + 1_999, count)}::int) i
        join person u on u.n = i % ${people}::int join project p on p.n = u.n % 100`;
  for (let from = 1; from <= count; from += 2_000)
    await sql`insert into reminders (id, task_id, user_id, kind, offset_minutes, due_at, remind_at)
      select gen_random_uuid(), id, assignee_ids[1], 'due', 0, due_at, due_at from tasks
      where number between ${from}::int and ${from + 1_999}::int order by id`;
  await sql`analyze`;
}

async function run(name: string, database: Database): Promise<void> {
  await migrateUp(database);
  await fill(database);
  const before = process.cpuUsage();
  const from = performance.now();
  const ctx = systemCtx({ store: storeOf(database) }, "bench");
  const delaysMs: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    delaysMs.push(performance.now() - last - 1);
    last = performance.now();
  }, 1);
  const { told } = await fireDue(ctx, { mail: true, push: false }, () => true);
  const seconds = (performance.now() - from) / 1000;
  clearInterval(timer);
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${name}: ${told} of ${people} people in ${seconds.toFixed(1)} s, ${Math.round(told / seconds)}/s, ` +
      `${((user + system) / 1e6).toFixed(1)} s CPU of this process, ` +
      `its event loop waits ${percentile(delaysMs, 0.5)} ms (p50), ${percentile(delaysMs, 0.99)} ms (p99)`,
  );
}

for (const kind of kinds) {
  const dataDir = mkdtempSync(join(tmpdir(), "taskwire-bench-"));
  const postgres = kind === "postgres" ? await startPostgres({ fsync: true }) : undefined;
  const database = await openDatabase({ databaseUrl: await postgres?.createDatabase(), dataDir, poolSize: 4 });
  await run(kind, database);
  await database.close();
  await postgres?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
