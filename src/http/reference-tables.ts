/** Schemas as tables: a row a field, with what it may hold. */
import { html, line, type Markup } from "./markup.ts";
import { type JsonSchema, refName } from "./reference-schemas.ts";

interface Row {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

const isSchema = (part: unknown): part is JsonSchema =>
  typeof part === "object" && part !== null && !Array.isArray(part);
const schemas = (parts: readonly unknown[] | undefined): JsonSchema[] => (parts ?? []).filter(isSchema);

/** The fields of an object, those of nested objects under it by their path. */
function rowsOf(schema: JsonSchema, prefix = ""): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const path = `${prefix}${name}`;
    const field = isSchema(part) ? part : {};
    const inner = field.type === "array" && isSchema(field.items) ? field.items : field;
    const below = rowsOf(inner, `${path}${inner === field ? "" : "[]"}.`);
    return [{ path, schema: field, required: schema.required?.includes(name) ?? false }, ...below];
  });
}

const linked = (name: string): Markup => html`<a href="#schema-${name}">${name}</a>`;
const separated = (parts: readonly Markup[], by: string): Markup =>
  html`${parts.map((part, i) => html`${i > 0 && by}${part}`)}`;

/** `list of Task`, `text or null`: the type as one reads it. */
function typeOf(schema: JsonSchema): Markup {
  const name = refName(schema);
  if (name !== undefined) return linked(name);
  const choices = schemas(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return separated(choices.map(typeOf), " or ");
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum)
    return separated(
      schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`),
      " or ",
    );
  if (schema.type === "array") return html`list of ${isSchema(schema.items) ? typeOf(schema.items) : "anything"}`;
  if (schema.type === "object" && isSchema(schema.additionalProperties))
    return html`object of ${typeOf(schema.additionalProperties)}`;
  const words = [schema.type ?? []].flat().map((type) => typeWords[type] ?? type);
  return html`${schema.format ? (formatWords[schema.format] ?? schema.format) : words.join(" or ") || "anything"}`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
};
const formatWords: Readonly<Record<string, string>> = { uuid: "id", "date-time": "time", email: "e-mail address" };

/** Bounds and defaults. */
function notesOf(schema: JsonSchema): Markup[] {
  const { minLength, maxLength, minimum, maximum, maxItems, minItems, pattern, description } = schema;
  const between = (low: number | undefined, high: number | undefined, unit: string): string | undefined => {
    if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
    if (high !== undefined) return `at most ${high}${unit}`;
    return low === undefined ? undefined : `at least ${low}${unit}`;
  };
  const notes = [
    between(minLength, maxLength, " characters"),
    between(minimum, maximum, ""),
    between(minItems, maxItems, " items"),
    pattern !== undefined && `matches \`${pattern}\``,
    schema.default !== undefined && `default \`${JSON.stringify(schema.default)}\``,
    description,
  ];
  const inner = schemas(schema.anyOf ?? schema.oneOf).flatMap(notesOf);
  return [...notes.filter((note) => typeof note === "string").map(line), ...inner];
}

const fieldRow = ({ path, schema, required }: Row): Markup =>
  html`<tr><th scope="row"><code>${path}</code>${!required && html` <span class="optional">optional</span>`}</th><td>${typeOf(schema)}</td><td>${separated(notesOf(schema), ", ")}</td></tr>`;

/** A schema in a line, and its fields in a table where it has any. */
export function schemaView(schema: JsonSchema): Markup {
  const rows = rowsOf(schema.type === "array" && isSchema(schema.items) ? schema.items : schema);
  const named = rows.length === 0 || schema.type !== "object";
  const words = [
    ...(named ? [typeOf(schema)] : []),
    ...(isStrict(schema) ? [html`nothing else`] : []),
    ...notesOf(schema),
  ];
  return html`${rows.length > 0 && fieldTable(schema)}${words.length > 0 && html`<p class="type">${separated(words, ", ")}</p>`}`;
}

const isStrict = ({ properties, additionalProperties }: JsonSchema): boolean =>
  additionalProperties === false && Object.keys(properties ?? {}).length > 0;

/** Only the fields: of a query, or of the items of a list. */
export const fieldTable = (schema: JsonSchema): Markup =>
  html`<div class="scroll"><table><tbody>${rowsOf(schema.type === "array" && isSchema(schema.items) ? schema.items : schema).map(fieldRow)}</tbody></table></div>`;
