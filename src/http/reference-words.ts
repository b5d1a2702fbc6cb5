/** Schemas in words, in Markdown: what a field holds, and within which bounds. */
import { type JsonSchema, refName } from "./reference-schemas.ts";

export interface Field {
  /** Dotted, where it stands in a nested object; `[]` behind the name of a list. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

const isSchema = (part: unknown): part is JsonSchema =>
  typeof part === "object" && part !== null && !Array.isArray(part);
const schemas = (parts: readonly unknown[] | undefined): JsonSchema[] => (parts ?? []).filter(isSchema);

/** The fields of an object, or of a list's items; those of nested objects follow theirs. */
export function fieldsOf(schema: JsonSchema, prefix = ""): Field[] {
  if (schema.type === "array" && isSchema(schema.items)) return fieldsOf(schema.items, prefix);
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const path = `${prefix}${name}`;
    const field = isSchema(part) ? part : {};
    const below = fieldsOf(field, `${path}${field.type === "array" ? "[]" : ""}.`);
    return [{ path, schema: field, required: schema.required?.includes(name) ?? false }, ...below];
  });
}

const typeWords: Readonly<Record<string, string>> = {
  integer: "whole number",
  boolean: "true or false",
};
const formatWords: Readonly<Record<string, string>> = { uuid: "id", "date-time": "time", email: "e-mail address" };
const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

/** `list of [Task](#…)`, `text or null`; `anchor` is where a named schema stands. */
export function typeText(schema: JsonSchema, anchor: (name: string) => string): string {
  const of = (part: JsonSchema): string => typeText(part, anchor);
  const name = refName(schema);
  if (name !== undefined) return `[${name}](#${anchor(name)})`;
  const choices = schemas(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return choices.map(of).join(" or ");
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(" or ");
  if (schema.type === "array") return `list of ${isSchema(schema.items) ? of(schema.items) : "anything"}`;
  if (schema.type === "object" && isSchema(schema.additionalProperties) && !schema.properties)
    return `object of ${of(schema.additionalProperties)}`;
  const text = formatWords[schema.format ?? ""] ?? "text";
  const words = [schema.type ?? []].flat().map((type) => (type === "string" ? text : (typeWords[type] ?? type)));
  return words.join(" or ") || "anything";
}

function bounds(low: number | undefined, high: number | undefined, unit: string): string | undefined {
  if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
  if (high !== undefined) return `at most ${high}${unit}`;
  return low === undefined ? undefined : `at least ${low}${unit}`;
}

/** Bounds, defaults, and that an object takes no other fields. */
export function notesOf(schema: JsonSchema): string[] {
  const { properties = {}, additionalProperties, pattern } = schema;
  const notes = [
    bounds(schema.minLength, schema.maxLength, " characters"),
    bounds(schema.minimum, schema.maximum, ""),
    bounds(schema.minItems, schema.maxItems, " items"),
    pattern === undefined ? undefined : `matches \`${pattern}\``,
    schema.default === undefined ? undefined : `default ${code(schema.default)}`,
    additionalProperties === false && Object.keys(properties).length > 0 ? "no other fields" : undefined,
    schema.description,
  ];
  const inner = schemas(schema.anyOf ?? schema.oneOf).flatMap(notesOf);
  return [...notes.filter((note) => note !== undefined), ...inner];
}
