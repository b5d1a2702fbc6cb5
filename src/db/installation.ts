/** What tells one installation's database from every other: servers that share it find each other by this alone. */
import { createHash } from "node:crypto";
import type { Database } from "./open.ts";

const findSql = `select value #>> '{}' as id from meta where key = 'installation'`;
/** Another node may have made one meanwhile: the first one counts. */
const makeSql = `insert into meta (key, value) values ('installation', to_json($1::text)) on conflict do nothing`;
const placeSql = `select oid::text as place from pg_database where datname = current_database()`;
const clusterSql = "select system_identifier::text as place from pg_control_system()";

/**
 * 16 hexadecimal digits, the same for every server on this database however it reaches it. A copy of the database, such
 * as one for trials, is another installation, though its rows are the same: where it lies goes in, too.
 */
export async function installationId(database: Database): Promise<string> {
  const id = await keptId(database);
  const { sql } = database;
  const [place] = await sql.unsafe<{ place: string }[]>(placeSql);
  // Some hosts of PostgreSQL keep it to themselves; the rest is enough but for a copy.
  const [cluster] = await sql.unsafe<{ place: string }[]>(clusterSql).catch(() => []);
  const text = [id, place?.place, cluster?.place].join(" ");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function keptId({ sql }: Database): Promise<string> {
  const find = () => sql.unsafe<{ id: string }[]>(findSql);
  let [row] = await find();
  if (!row) {
    await sql.unsafe(makeSql, [Bun.randomUUIDv7()]);
    [row] = await find();
  }
  if (!row) throw new Error("the installation's id that was kept is there");
  return row.id;
}
