/**
 * In single-user mode PostgreSQL has no autovacuum: dead rows would pile up, the planner would know nothing of the
 * tables, and after two thousand million transactions writing would stop. This does its work, by its rules (PostgreSQL
 * documentation, "The Autovacuum Daemon"), a table at a time, for nobody else is answered meanwhile.
 */
import type { Engine } from "./engine.ts";
import { query, readRows } from "./frames.ts";

/** Tables that have changed by about a tenth since they were last visited, or whose oldest row is old; the worst first. */
const dueTables = `
  select c.oid::regclass::text
  from pg_class c join pg_stat_all_tables s on s.relid = c.oid
  where c.relkind in ('r', 'm') and c.relpersistence = 'p'
    and (s.n_dead_tup > 500 + 0.1 * greatest(c.reltuples, 0)
      or s.n_ins_since_vacuum > 1000 + 0.2 * greatest(c.reltuples, 0)
      or s.n_mod_since_analyze > 500 + 0.1 * greatest(c.reltuples, 0)
      or age(c.relfrozenxid) > 100000000)
  order by age(c.relfrozenxid) > 100000000 desc, s.n_dead_tup desc`;

/**
 * Visits every table that is due. `pause` is awaited before each; where it answers false the rest is left for another
 * time. Only between transactions. Answers the names of the tables it visited.
 */
export async function vacuumDue(engine: Pick<Engine, "exec">, pause: () => Promise<boolean>): Promise<string[]> {
  // Counts are kept back for up to a second.
  await engine.exec(query("select pg_stat_force_next_flush()"));
  const due = readRows(await engine.exec(query(dueTables))).flatMap(([name]) => name ?? []);
  const visited: string[] = [];
  for (const name of due) {
    if (!(await pause())) break;
    await engine.exec(query(`vacuum (analyze) ${name}`));
    visited.push(name);
  }
  return visited;
}
