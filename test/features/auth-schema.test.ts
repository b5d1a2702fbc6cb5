import { expect, test } from "bun:test";
import { type DBFieldAttribute, getAuthTables } from "@better-auth/core/db";
import { getTableColumns } from "drizzle-orm";
import { getTableConfig, type PgColumn } from "drizzle-orm/pg-core";
import { loadConfig } from "../../src/core/config.ts";
import { createLog } from "../../src/core/log.ts";
import { authTables } from "../../src/features/auth/adapter.ts";
import { settings } from "../../src/features/auth/engine.ts";

const dataTypes: Readonly<Record<string, string>> = { string: "string", date: "date", boolean: "boolean" };

/** What better-auth wants of a column and ours does not give. */
function differences(name: string, field: DBFieldAttribute, column: PgColumn | undefined): string[] {
  if (!column) return [`${name} is missing`];
  const found: string[] = [];
  const wanted = typeof field.type === "string" ? dataTypes[field.type] : "string";
  if (column.dataType !== wanted) found.push(`${name} is ${column.dataType}, wanted ${wanted}`);
  if (field.required === false && column.notNull) found.push(`${name} must allow null`);
  const unique = getTableConfig(column.table).indexes.some(
    ({ config }) =>
      config.unique &&
      config.columns.length === 1 &&
      "name" in (config.columns[0] ?? {}) &&
      namesOf(config.columns).includes(column.name),
  );
  if (field.unique && !unique) found.push(`${name} must be unique`);
  return found;
}

const namesOf = (columns: readonly object[]): string[] =>
  columns.flatMap((column) => ("name" in column && typeof column.name === "string" ? [column.name] : []));

test("better-auth's tables, as this version wants them, are in our schema", () => {
  const config = loadConfig({ MODE: "test" });
  const options = settings({
    config,
    log: createLog(config, () => {}),
    origin: () => "http://localhost:3000",
    cookieKey: "k".repeat(44),
    passwords: { hash: async () => "", verify: async () => false },
  });
  const wanted = getAuthTables(options);
  expect(Object.keys(wanted).sort()).toEqual(Object.keys(authTables).sort());
  const found: string[] = [];
  for (const [model, table] of Object.entries(authTables)) {
    const columns: Record<string, PgColumn> = getTableColumns(table);
    expect(Object.keys(columns)).toContain("id");
    for (const [field, attributes] of Object.entries(wanted[model]?.fields ?? {})) {
      found.push(...differences(`${model}.${field}`, attributes, columns[attributes.fieldName ?? field]));
    }
    // What better-auth does not know of, it does not fill.
    const known = new Set(["id", ...Object.entries(wanted[model]?.fields ?? {}).map(([f, a]) => a.fieldName ?? f)]);
    for (const [name, column] of Object.entries(columns)) {
      if (!known.has(name) && column.notNull && !column.hasDefault) found.push(`${model}.${name} would stay empty`);
    }
  }
  expect(found).toEqual([]);
});
