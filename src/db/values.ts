/**
 * How values pass between PostgreSQL and JavaScript, the same on both databases and without asking the catalogue
 * (`fetch_types: false` saves each new connection a query).
 *
 * What raw `sql` returns: int8 as a number (as text where a number would lose digits), arrays of uuid, text, int4 and
 * int8 as arrays, json parsed, timestamps as PostgreSQL's text (drizzle turns that parser off for its client; drizzle's
 * own queries give Date). What it takes: a JavaScript array where the statement says the type (`$1::uuid[]`);
 * `sql.array` is not for use, for it needs the catalogue.
 */
import type { PostgresType } from "postgres";

const oid = {
  int8: 20,
  int4Array: 1007,
  textArray: 1009,
  varcharArray: 1015,
  int8Array: 1016,
  uuidArray: 2951,
} as const;

type Integer = number | string;

const parseInteger = (raw: string): Integer => {
  const value = Number(raw);
  return Number.isSafeInteger(value) ? value : raw;
};

const arrayOf = <Item extends string | number>(to: number, from: number[], parseItem: (raw: string) => Item) => ({
  to,
  from,
  // Drizzle hands over the text of an array it has written itself.
  serialize: (value: readonly (Item | null)[] | string): string =>
    typeof value === "string" ? value : writeArray(value),
  parse: (raw: string): readonly (Item | null)[] | string =>
    readArray(raw).map((item) => (item === null ? null : parseItem(item))),
});

export const valueTypes = {
  int8: { to: oid.int8, from: [oid.int8], serialize: (value: Integer) => `${value}`, parse: parseInteger },
  uuids: arrayOf(oid.uuidArray, [oid.uuidArray], (raw) => raw),
  texts: arrayOf(oid.textArray, [oid.textArray, oid.varcharArray], (raw) => raw),
  int4s: arrayOf(oid.int4Array, [oid.int4Array], Number),
  int8s: arrayOf(oid.int8Array, [oid.int8Array], parseInteger),
} as const satisfies Record<string, PostgresType>;

const writeArray = (items: readonly (string | number | null)[]): string =>
  `{${items.map((item) => (item === null ? "NULL" : `"${`${item}`.replace(/[\\"]/g, "\\$&")}"`)).join(",")}}`;

// One item of a one-dimensional array: quoted with backslash escapes, or bare. https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO
const item = /"((?:[^"\\]|\\.)*)"|([^,{}]+)/gs;

function readArray(raw: string): (string | null)[] {
  return Array.from(raw.matchAll(item), ([, quoted, bare]) => {
    if (quoted !== undefined) return quoted.replace(/\\(.)/gs, "$1");
    return bare === undefined || bare === "NULL" ? null : bare;
  });
}
