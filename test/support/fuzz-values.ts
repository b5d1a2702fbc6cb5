/** Values that a zod schema takes, mostly: made from its JSON Schema, so that a new field is fuzzed without being named. */
import fc from "fast-check";
import { z } from "zod";
import { bentValues, type Json } from "./hostile.ts";

/** What is read of a JSON Schema (2020-12). */
interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/**
 * A thing of the world, to be put in when the input is sent (`resolve` of fuzz-world.ts): `‹tasks.3›`, `‹!tasks.3›` of
 * strangers. So inputs are plain text that means the same when it is sent again to another server.
 */
const thing = (kind: string, index: number, foreign = false): string => `‹${foreign ? "!" : ""}${kind}.${index}›`;
export const thingPattern = /‹(!?)([a-z_-]+)\.(\d+)›/g;

/** What a name points to where it does not say so itself. */
const kindsByName: Readonly<Record<string, string>> = {
  assignee: "users",
  user: "users",
  project: "projects",
  task: "tasks",
  blocker: "tasks",
};
/** Names that point to a thing of the kind the input is about. */
const ofItsOwnKind: ReadonlySet<string> = new Set(["id", "parent", "before", "after"]);

/** `label_ids` → `labels`; `before` → `own`. */
export function kindOf(name: string, own: string): string {
  const noun = name.replace(/_?ids?$/, "") || "id";
  if (ofItsOwnKind.has(noun)) return own;
  return kindsByName[noun] ?? `${noun}s`;
}

/** The small numbers are what a world begins with and what is newest: they live, and callers may reach them. */
const ownThing = (kind: string): fc.Arbitrary<string> =>
  fc
    .oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(40) })
    .map((index) => thing(kind, index));

/** Mostly one of the caller's world; else a stranger's, one of another kind, or nobody's. */
export const anyThing = (kind: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 24, arbitrary: ownThing(kind) },
    { weight: 2, arbitrary: fc.nat(3).map((index) => thing(kind, index, true)) },
    { weight: 1, arbitrary: fc.constantFrom("tasks", "projects", "users").map((other) => thing(other, 0)) },
    { weight: 1, arbitrary: fc.uuid() },
  );

/** Values without which an input would hardly ever get past its schema or find anything. */
const wordsByName: Readonly<Record<string, readonly string[]>> = {
  status: ["todo", "in_progress", "review", "completed"],
  move_to: ["todo", "completed"],
  event: ["x_deploy", "x_a1"],
  email: Array.from({ length: 60 }, (_, i) => (i < 30 ? `‹mails.${i % 4}›` : `somebody${i}@example.org`)),
  password: ["correct horse battery"],
  currentPassword: ["correct horse battery"],
  token: ["‹tokens.0›", "‹tokens.1›"],
  cursor: ["‹cursors.0›", "‹cursors.1›", "‹cursors.2›"],
  mutation_id: ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"],
  epoch: ["‹epochs.0›"],
  time_zone: ["Europe/Vienna", "UTC", "America/Argentina/Buenos_Aires"],
  locale: ["en-GB", "de"],
  image: ["https://example.org/a.png"],
  limit: ["1", "2", "50", "200"],
  since: ["0", "1", "5", "999999999999999"],
  emoji: ["👍", "🎉", "👩‍👩‍👧"],
};

/** Any UTF-16 unit or character, half of a pair included. (fast-check's own unit for it takes seconds to set up.) */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

const plainText = fc.oneof(
  fc.constantFrom("a", "Fix login", "Überprüfen ✓", "x".repeat(40), " padded "),
  fc.nat(1_000).map((n) => `Thing ${n}`),
);
/** Text as people and programs write it, control characters and half of the planes included. */
const anyText = fc.oneof(
  { weight: 4, arbitrary: plainText },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: anyCharacter, maxLength: 30 }) },
);

const times = fc.oneof(
  fc.constantFrom("2026-11-21T00:00:00.000Z", "2026-12-01T10:30:00+05:30", "2099-01-01T00:00:00Z"),
  fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true }).map((date) => date.toISOString()),
);

interface Place {
  /** Its key, and the kind of thing the input is about. */
  readonly name: string;
  readonly own: string;
  /** Only values that should be taken; else also those at the edges and beyond them. */
  readonly calm: boolean;
}

/** Values of an input about things of the kind `own`. */
export function valuesOf(schema: z.ZodType, own: string, calm: boolean): fc.Arbitrary<Json> {
  // Zod types its JSON Schema more loosely than what it makes.
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return fromJsonSchema(json, { name: "", own, calm });
}

function fromJsonSchema(schema: JsonSchema, place: Place): fc.Arbitrary<Json> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((choice) => fromJsonSchema(choice, place)));
  switch (schema.type) {
    case "object":
      return objects(schema, place);
    case "array":
      return arrays(schema, place);
    case "string":
      return strings(schema, place);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "integer":
    case "number":
      return numbers(schema, place);
    default:
      return anyJson;
  }
}

const anyJson: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 3 })
  .map((value): Json => JSON.parse(JSON.stringify(value)));

/** How often a field that need not be there is: an object of all its fields would seldom fit. */
const presence = { there: 1, absent: 3 } as const;

function objects(schema: JsonSchema, place: Place): fc.Arbitrary<Json> {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (Object.keys(properties).length === 0) {
    if (additionalProperties === false) return fc.constant({});
    return fc.dictionary(fc.string({ maxLength: 8 }), place.calm ? fc.constantFrom<Json>(1, "a", null) : anyJson, {
      maxKeys: 4,
    });
  }
  const fields = Object.entries(properties).map(([name, field]) => {
    const values = fromJsonSchema(field, { ...place, name }).map((value): [string, Json][] => [[name, value]]);
    if (required.includes(name)) return values;
    return fc.oneof(
      { weight: presence.absent, arbitrary: fc.constant<[string, Json][]>([]) },
      { weight: presence.there, arbitrary: values },
    );
  });
  return fc.tuple(...fields).map((entries): Json => Object.fromEntries(entries.flat()));
}

function arrays({ items = {}, minItems = 0, maxItems = 5 }: JsonSchema, place: Place): fc.Arbitrary<Json> {
  const item = fromJsonSchema(items, place);
  return fc.array(item, { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 4)) });
}

function numbers({ type, minimum = -10, maximum = 1_000_000 }: JsonSchema, { calm }: Place): fc.Arbitrary<Json> {
  const [min, max] = [Math.max(minimum, Number.MIN_SAFE_INTEGER), Math.min(maximum, Number.MAX_SAFE_INTEGER)];
  const usual = fc.integer({ min: Math.ceil(min), max: Math.min(Math.ceil(min) + 8, max) });
  if (calm) return usual;
  const edges = fc.constantFrom(min, max, min - 1, max + 1);
  return type === "integer" ? fc.oneof(usual, edges) : fc.oneof(usual, edges, fc.double({ min, max, noNaN: true }));
}

function strings(schema: JsonSchema, place: Place): fc.Arbitrary<Json> {
  const words = wordsByName[place.name];
  const general = generalStrings(schema, place);
  if (!words) return general;
  const known = fc.constantFrom(...words);
  return place.calm ? known : fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: general });
}

function generalStrings(schema: JsonSchema, { name, own, calm }: Place): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 100 } = schema;
  // An id that a client makes up is a new one.
  if (format === "uuid" && name === "id" && calm) return fc.uuid();
  if (format === "uuid") return (calm ? ownThing : anyThing)(kindOf(name, own));
  if (format === "date-time") return times;
  if (pattern !== undefined && format === undefined) return matching(pattern);
  const fitting = (calm ? plainText : anyText).map((text) => text.padEnd(minLength, "x").slice(0, maxLength));
  if (calm) return fitting;
  const edges = [maxLength, maxLength + 1].map((length) => "x".repeat(length));
  return fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: fc.constantFrom(...edges) });
}

/** Texts of a pattern; fast-check knows most of the syntax. */
const matching = (pattern: string): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(pattern)).map((text) => text.slice(0, 60));

/** Values as they should be, bent ones of those, ones at and beyond the edges, and anything. */
export function valuesFor(schema: z.ZodType, own: string): fc.Arbitrary<Json> {
  const calm = valuesOf(schema, own, true);
  return fc.oneof(
    { weight: 5, arbitrary: calm },
    { weight: 3, arbitrary: bentValues(calm) },
    { weight: 2, arbitrary: valuesOf(schema, own, false) },
  );
}
