/** Examples of the reference: made from the schemas, so that they cannot fall behind them. */
import type { z } from "zod";
import { someId, someMoment, valuesFor } from "./reference-fields.ts";
import { type JsonSchema, refName, type SchemaBook } from "./reference-schemas.ts";

export interface Examples {
  /** A value that `schema` takes; `field` is what it is for, and `noun` what that is a field of. */
  of(schema: JsonSchema, field?: string, noun?: string): unknown;
  /** The same for a whole body or answer. Fields that its checks beyond JSON Schema refuse together are left out. */
  fitting(schema: z.ZodType): unknown;
}

const general: readonly unknown[] = ["text", someMoment, someId, "blue", "https://example.org", 1, true];

export function createExamples(book: SchemaBook): Examples {
  const of: Examples["of"] = (given, field = "", noun = "") => {
    const schema = book.resolve(given);
    const value = [...valuesFor(field, noun), ...listed(schema)].find((value) => fits(book, schema, value));
    if (value !== undefined) return value;
    const [choice] = schema.anyOf ?? schema.oneOf ?? [];
    if (choice) return of(choice, field, noun);
    if (schema.type === "array") return schema.items ? [of(only(schema.items), field.replace(/s$/, ""), noun)] : [];
    if (schema.type !== "object") return general.find((value) => fits(book, schema, value)) ?? null;
    const inner = nounOf(refName(given) ?? field) || noun;
    const entries = Object.entries(schema.properties ?? {});
    return Object.fromEntries(entries.map(([key, part]) => [key, of(only(part), key, inner)]));
  };
  return {
    of,
    fitting(schema) {
      const json = book.of(schema);
      const value = of(json);
      const required = book.resolve(json).required ?? [];
      return isObject(value) ? without(schema, value, new Set(required)) : value;
    },
  };
}

/** `value` less as few of its optional fields as `schema` asks for: one, two, or all that come last. */
function without(schema: z.ZodType, value: Readonly<Record<string, unknown>>, required: ReadonlySet<string>): unknown {
  const optional = Object.keys(value).filter((key) => !required.has(key));
  const pairs = optional.flatMap((one, i) => optional.slice(i + 1).map((other) => [one, other]));
  const tails = optional.map((_, i) => optional.slice(-1 - i));
  for (const left of [[], ...optional.map((key) => [key]), ...pairs, ...tails]) {
    const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !left.includes(key)));
    if (schema.safeParse(rest).success) return rest;
  }
  return value;
}

/** `CreateTask`, `task` → `task`: what the fields of that schema belong to. */
const nounOf = (name: string): string =>
  name
    .replace(/^(?:Create|Update|Add)/, "")
    .replace(/^Me$/, "user")
    .toLowerCase();

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** zod writes no lists of schemas under `items`, and true and false only where anything or nothing fits. */
const only = (part: unknown): JsonSchema => (isObject(part) ? part : {});

const listed = ({ const: constant, enum: values, default: fallback }: JsonSchema): unknown[] =>
  [constant, fallback, ...(values ?? [])].filter((value) => value !== undefined);

/** Does `value` fit, as far as the keywords go that zod writes? */
function fits(book: SchemaBook, given: JsonSchema, value: unknown): boolean {
  const schema = book.resolve(given);
  if (schema.const !== undefined && schema.const !== value) return false;
  if (schema.enum && !schema.enum.some((one) => one === value)) return false;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices && !choices.some((choice) => fits(book, choice, value))) return false;
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(type, value))) return false;
  if (typeof value === "string") return textFits(schema, value);
  if (typeof value === "number") return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value);
  return !isObject(value) || objectFits(book, schema, value);
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

const formats: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "date-time": /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  email: /^\S+@\S+$/,
};

function textFits(schema: JsonSchema, value: string): boolean {
  const format = formats[schema.format ?? ""];
  if (format && !format.test(value)) return false;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) return false;
  return value.length >= (schema.minLength ?? 0) && value.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY);
}

function objectFits(book: SchemaBook, schema: JsonSchema, value: Readonly<Record<string, unknown>>): boolean {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (required.some((key) => !(key in value))) return false;
  return Object.entries(value).every(([key, part]) => {
    const wanted = properties[key] ?? additionalProperties;
    // More fields may come one day; an example shows those that are known.
    if (wanted === undefined && schema.properties) return false;
    return wanted !== false && fits(book, only(wanted), part);
  });
}
