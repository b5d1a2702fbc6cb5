/** What a schema is, as the database itself describes it; and whether another one only adds to it. */
import type { Database } from "../../src/db/open.ts";

interface Column {
  readonly table_name: string;
  readonly column_name: string;
  readonly data_type: string;
  readonly udt_name: string;
  readonly is_nullable: string;
  readonly column_default: string | null;
  readonly is_generated: string;
}

export type Shape = Awaited<ReturnType<typeof shape>>;

/** Every column, constraint and index of the schema in use, as the database itself describes them. */
export async function shape({ sql }: { readonly sql: Pick<Database["sql"], "unsafe"> }) {
  const columns = await sql.unsafe<Column[]>(`
    select table_name, column_name, ordinal_position, data_type, udt_name, datetime_precision, collation_name,
      is_nullable, column_default, is_generated
    from information_schema.columns where table_schema = current_schema() order by table_name, ordinal_position`);
  const constraints = await sql.unsafe<{ on: string; name: string; is: string; columns: readonly string[] }[]>(`
    select conrelid::regclass::text as on, conname as name, pg_get_constraintdef(oid) as is,
      array(select attname::text from pg_attribute where attrelid = conrelid and attnum = any(conkey)) as columns
    from pg_constraint where connamespace = current_schema()::regnamespace order by 1, 2`);
  const indexes = await sql.unsafe<{ tablename: string; indexname: string; indexdef: string }[]>(`
    select tablename, indexname, indexdef from pg_indexes where schemaname = current_schema() order by indexname`);
  return { columns: [...columns], constraints: [...constraints], indexes: [...indexes] };
}

/**
 * What statements written for `before` could trip over in `after`, a sentence each; none where it only adds. A column that
 * they do not know must fill itself, and nothing new may refuse what they write to the columns they know.
 */
export function incompatibilities(before: Shape, after: Shape): string[] {
  const nameOf = ({ table_name, column_name }: Column): string => `${table_name}.${column_name}`;
  const tables = new Set(before.columns.map(({ table_name }) => table_name));
  const known = new Set(before.columns.map(nameOf));
  const columns = new Map(after.columns.map((column) => [nameOf(column), column]));
  const constraints = new Map(before.constraints.map(({ on, name, is }) => [`${on} ${name}`, is]));
  const indexes = new Set(before.indexes.map(({ indexname }) => indexname));
  const found: string[] = [];
  for (const column of before.columns) {
    const now = columns.get(nameOf(column));
    if (!now) found.push(`${nameOf(column)} is gone`);
    else if (now.udt_name !== column.udt_name || now.data_type !== column.data_type)
      found.push(`${nameOf(column)} has another type`);
    else if (now.is_nullable === "NO" && column.is_nullable === "YES")
      found.push(`${nameOf(column)} must be given now`);
    else if (column.column_default !== null && now.column_default !== column.column_default)
      found.push(`${nameOf(column)} has another default`);
  }
  for (const column of after.columns) {
    const { table_name, is_nullable, column_default, is_generated } = column;
    if (!tables.has(table_name) || known.has(nameOf(column))) continue;
    if (is_nullable === "NO" && column_default === null && is_generated === "NEVER")
      found.push(`${nameOf(column)} must be given, and nobody did before`);
  }
  for (const { on, name, is, columns: of } of after.constraints) {
    if (!tables.has(on) || constraints.get(`${on} ${name}`) === is) continue;
    if (of.some((column) => known.has(`${on}.${column}`))) found.push(`${on} has a new rule for what it had: ${is}`);
  }
  for (const { tablename, indexname, indexdef } of after.indexes) {
    if (!tables.has(tablename) || indexes.has(indexname) || !indexdef.startsWith("CREATE UNIQUE")) continue;
    const names = /\((.*)\)/.exec(indexdef)?.[1] ?? "";
    if ([...names.matchAll(/\w+/g)].some(([word]) => known.has(`${tablename}.${word}`)))
      found.push(`${tablename} has a new unique index: ${indexdef}`);
  }
  return found;
}
