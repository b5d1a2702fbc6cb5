/**
 * JSON Schemas of the wire, made by zod of the schemas that read it. All of them say what stands on the wire: what a
 * request's schema takes, and what an answer's schema takes when tests hold real answers against it.
 */
import { z } from "zod";
import { shownAs } from "../protocol/endpoint.ts";
import { namedSchemas } from "../protocol/schemas.ts";
import { formatOf } from "./field-formats.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

export interface SchemaBook {
  /** Named schemas that something refers to, by name, sorted. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** The schema, or a reference to it where it has a name. Throws for one that was not among the parts. */
  of(schema: z.ZodType): JsonSchema;
  /** What a reference means; a schema that is none stays as it is. */
  resolve(schema: JsonSchema): JsonSchema;
}

const base = "#/components/schemas/";
const names: ReadonlyMap<z.ZodType, string> = new Map([...namedSchemas].map(([name, schema]) => [schema, name]));

/** The component that a reference names; undefined where the schema is none. */
export const refName = ({ $ref }: JsonSchema): string | undefined => $ref?.slice(base.length);

/**
 * Converts all parts at once, so that what several share is one component. `taken` are parts of which only what they hold
 * is shown (a query is a list of parameters): their own name makes no component.
 */
export function createSchemaBook(whole: Iterable<z.ZodType>, taken: Iterable<z.ZodType> = []): SchemaBook {
  const registry = z.registry<{ id: string }>();
  for (const [schema, name] of names) registry.add(schema, { id: name });
  const ids = new Map<z.ZodType, string>();
  const bare = new Set(taken);
  for (const part of [...whole, ...bare]) {
    const id = ids.get(part) ?? (bare.has(part) ? undefined : names.get(part)) ?? `:${ids.size}`;
    registry.add(part, { id });
    ids.set(part, id);
  }
  const { schemas } = z.toJSONSchema(registry, {
    io: "input",
    uri: (id) => `${base}${id}`,
    override: ({ zodSchema, jsonSchema }) => mend(zodSchema, jsonSchema),
  });
  const take = (id: string): JsonSchema => {
    const { $schema, $id, ...schema } = schemas[id] ?? {};
    addFormats(schema);
    return inlined(schema, take);
  };
  return {
    components: reachable([...ids.values()], take),
    of(schema) {
      const id = ids.get(schema);
      if (id === undefined) throw new Error("the schema is not one of the reference's parts");
      return id.startsWith(":") ? take(id) : { $ref: `${base}${id}` };
    },
    resolve(schema) {
      const name = refName(schema);
      return name === undefined ? schema : take(name);
    },
  };
}

const formats: ReadonlySet<unknown> = new Set(["uuid", "date-time", "email"]);

/** What zod writes for the machine that checks, as a reader wants it. */
function mend(schema: z.core.$ZodTypes, json: JsonSchema): void {
  const shown = schema instanceof z.ZodType ? shownAs.get(schema) : undefined;
  if (shown) Object.assign(json, shown);
  if (json.type === "integer") delete json.pattern;
  if (schema._zod.def.type === "default") json.default = schema._zod.def.defaultValue;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  // The format says the same in a word.
  if (formats.has(json.format)) delete json.pattern;
}

/** A part without a name that another part holds stands in it. */
function inlined(schema: JsonSchema, take: (id: string) => JsonSchema): JsonSchema {
  const text = JSON.stringify(schema);
  if (!text.includes(`"${base}:`)) return schema;
  return JSON.parse(
    text.replace(/\{"\$ref":"#\/components\/schemas\/(:\d+)"\}/g, (_, id: string) => JSON.stringify(take(id))),
  );
}

/** Texts whose field is an id or a time by its name; tests hold answers against that. */
function addFormats(schema: unknown, name = ""): void {
  if (!isSchema(schema)) return;
  const format = formatOf(name);
  const free =
    schema.format === undefined && schema.pattern === undefined && !schema.enum && schema.const === undefined;
  if (format && free && [schema.type].flat().includes("string")) schema.format = format;
  addFormats(schema.items, name);
  for (const choice of schema.anyOf ?? []) addFormats(choice, name);
  for (const [key, field] of Object.entries(schema.properties ?? {})) addFormats(field, key);
}

const isSchema = (part: unknown): part is JsonSchema =>
  typeof part === "object" && part !== null && !Array.isArray(part);

/** The named schemas that these refer to, themselves or through others. */
function reachable(ids: readonly string[], take: (id: string) => JsonSchema): Record<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    const schema = take(id);
    found.set(id, schema);
    for (const [, name = ""] of JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      waiting.push(name);
  }
  const named = [...found].filter(([id]) => !id.startsWith(":"));
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}
