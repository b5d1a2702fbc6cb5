/** Valid input, bent in one to three places into what a careless or hostile client may send. */
import fc from "fast-check";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** JSON has no text for these in JavaScript; they are put in as text. */
const asText = { "@huge": "1e999", "@tiny": "-1e-999", "@minusZero": "-0", "@long": "9".repeat(400) } as const;

/** A value as JSON text, the marks of `asText` included. */
export const encodeHostile = (value: Json): string =>
  JSON.stringify(value).replace(
    /"(@\w+)"/g,
    (whole, mark: string) => (mark in asText ? asText[mark as keyof typeof asText] : whole), // just looked up
  );

const deep = (levels: number): Json => JSON.parse(`${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`);
/** Own properties with the names of inherited ones. */
const inherited: Json = JSON.parse('{"__proto__":{"role":"owner"},"constructor":{"prototype":{"a":1}},"toString":1}');

export const hostile: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), "", " ", [], {}, [[]], [null]),
  fc.constantFrom<Json>(...Object.keys(asText)),
  fc.constantFrom<Json>("\0", "a\0b", "\ud800", "a\udc00b", "\u202e\u200b\ufeff", "e\u0301", "💥".repeat(300)),
  fc.constantFrom<Json>(
    "x".repeat(201),
    "x".repeat(501),
    "x".repeat(20_001),
    "x".repeat(50_001),
    "'; drop table tasks; --",
  ),
  fc.constantFrom<Json>("1", "null", "true", "NaN", "undefined", "[object Object]", "%00", "$1", "\\u0000", "\\x00"),
  fc.constantFrom<Json>(
    "0000-00-00T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:60Z",
    "+275761-01-01T00:00:00Z",
  ),
  fc.constantFrom<Json>(
    "0001-01-01T00:00:00.000Z",
    "2026-11-21T00:00:00+99:99",
    "2026-11-21",
    "infinity",
    "now()",
    "BC",
  ),
  fc.constantFrom<Json>(
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{}",
    "../..",
    "//",
  ),
  fc.constantFrom<Json>(inherited, deep(50), deep(2_000)),
  fc.uuid(),
  fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value))),
);

const extraName = fc.constantFrom(
  "__proto__",
  "constructor",
  "role",
  "owner_id",
  "seq",
  "id",
  "task_id",
  "version",
  "",
  "a\0b",
);

type Bend = {
  readonly at: number;
  readonly how: "replace" | "remove" | "add" | "double" | "text";
  readonly value: Json;
  readonly name: string;
};

const bend = fc.record({
  at: fc.nat(50),
  how: fc.constantFrom("replace", "replace", "replace", "remove", "add", "double", "text"),
  value: hostile,
  name: extraName,
}) satisfies fc.Arbitrary<Bend>;

/** Larger frames are no matter of their content (S8). */
const sizeMaxBytes = 60_000;

/** Bent versions of `valid`; now and then something else entirely. */
export const bent = (valid: Json): fc.Arbitrary<Json> =>
  anyBent(valid).filter((value) => Buffer.byteLength(encodeHostile(value)) < sizeMaxBytes);

const anyBent = (valid: Json): fc.Arbitrary<Json> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.array(bend, { minLength: 1, maxLength: 3 }).map((bends) => bends.reduce(apply, valid)),
    },
    { weight: 1, arbitrary: hostile },
  );

/** The same of values that are not known beforehand, and of any size. */
export const bentValues = (valid: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .tuple(valid, fc.array(bend, { minLength: 1, maxLength: 3 }))
        .map(([value, bends]) => bends.reduce(apply, value)),
    },
    { weight: 1, arbitrary: hostile },
  );

/** Places further down are like those above, and a value may be thousands of levels deep. */
const levelsMax = 8;

/** Every place in a value, itself first, as the keys that lead there. */
function placesOf(value: Json, way: readonly string[] = []): (readonly string[])[] {
  if (way.length === levelsMax) return [way];
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [way, ...inner.flatMap(([key, item]) => placesOf(item, [...way, key]).slice(0, 20))];
}

function apply(value: Json, { at, how, value: replacement, name }: Bend): Json {
  const places = placesOf(value);
  const way = places[at % places.length] ?? [];
  return change(value, way, (old) => {
    if (how === "replace") return replacement;
    if (how === "remove") return undefined;
    if (how === "double") return [old, old];
    if (how === "text") return typeof old === "string" ? Number(old) || 0 : JSON.stringify(old);
    return typeof old === "object" && old !== null && !Array.isArray(old)
      ? withOwn(old, name, replacement)
      : replacement;
  });
}

/** Also `__proto__` becomes a property of its own. */
const withOwn = (object: object, name: string, value: Json): Json =>
  Object.fromEntries([...Object.entries(object), [name, value]]);

function change(value: Json, [key, ...rest]: readonly string[], make: (old: Json) => Json | undefined): Json {
  if (key === undefined) return make(value) ?? null;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, item]): [string, Json][] => {
    if (name !== key) return [[name, item]];
    const made = rest.length === 0 ? make(item) : change(item, rest, make);
    return made === undefined ? [] : [[name, made]];
  });
  if (Array.isArray(value)) return entries.map(([, item]) => item);
  return Object.fromEntries(entries);
}
