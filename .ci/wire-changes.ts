/** What became of the wire between two versions of it, and whether old clients can live with that. */
import { existsSync, readFileSync } from "node:fs";
import type { JsonSchema } from "../src/http/reference-schemas.ts";
import { history } from "../src/protocol/version.ts";
import { isObject, type Part, type Wire } from "./wire.ts";

export interface WireChange {
  readonly where: string;
  readonly what: string;
  /** A client that knew the wire as it was may fail now. */
  readonly breaking: boolean;
}

/** What became of the wire. Where it is not sure that old clients go on working, it counts as breaking. */
export function compareWires(
  before: Pick<Wire, "parts" | "schemas">,
  after: Pick<Wire, "parts" | "schemas">,
): WireChange[] {
  const changes: WireChange[] = [];
  const note = (where: string, what: string, breaking: boolean): void => void changes.push({ where, what, breaking });
  for (const [name, was] of Object.entries(before.parts)) {
    const is = after.parts[name];
    if (!is) note(name, "is gone", true);
    else comparePart({ name, was, is, before, after, note });
  }
  for (const name of Object.keys(after.parts)) if (!before.parts[name]) note(name, "is new", false);
  return changes;
}

/** The wire of the last `bun run docs:generate`; undefined where there was none. */
export function committedWire(): Wire | undefined {
  const file = new URL("../docs/wire.json", import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

const listed = (changes: readonly WireChange[]): string =>
  changes.map(({ where, what }) => `\n  ${where}: ${what}`).join("");

/**
 * Throws where the wire of a released version was changed so that its clients may fail, and the version is still the same.
 * Says what to do.
 */
export function requireCompatible(before: Wire | undefined, now: Wire, versions = history): void {
  if (!before || before.protocol !== now.protocol || !versions[now.protocol]?.released) return;
  const breaking = compareWires(before, now).filter((change) => change.breaking);
  if (breaking.length === 0) return;
  throw new Error(
    `protocol ${now.protocol} is released, and clients of it may fail at these changes:${listed(breaking)}\n` +
      "Take them back, or raise protocolVersion in src/protocol/version.ts, say in its history what changed, and run `bun run docs:generate`.",
  );
}

/** What a test says where the wire is another one than docs/wire.json; undefined where it is the same. */
export function wireNotice(before: Wire | undefined, now: Wire): string | undefined {
  if (!before) return "docs/wire.json is missing: run `bun run docs:generate`";
  if (before.hash === now.hash && before.protocol === now.protocol) return undefined;
  const changes = compareWires(before, now);
  const [breaking, additions] = [
    changes.filter((change) => change.breaking),
    changes.filter((change) => !change.breaking),
  ];
  return [
    "the wire is not the one of docs/wire.json.",
    additions.length > 0 && `Additions:${listed(additions)}`,
    breaking.length > 0 && `Changes that clients may fail at:${listed(breaking)}`,
    "If all of this is wanted: run `bun run docs:generate` and commit what it writes.",
    breaking.length > 0 && "Where the version is released, raise protocolVersion in src/protocol/version.ts before.",
  ]
    .filter((line) => line !== false)
    .join("\n");
}

type Note = (where: string, what: string, breaking: boolean) => void;
type Schemas = Wire["schemas"];

interface PartComparison {
  readonly name: string;
  readonly was: Part;
  readonly is: Part;
  readonly before: { readonly schemas: Schemas };
  readonly after: { readonly schemas: Schemas };
  readonly note: Note;
}

function comparePart({ name, was, is, before, after, note }: PartComparison): void {
  for (const key of new Set([...Object.keys(was.words), ...Object.keys(is.words)])) {
    const [old, now] = [was.words[key], is.words[key]];
    if (key === "errors" && Array.isArray(old) && Array.isArray(now)) {
      for (const code of now) if (!old.includes(code)) note(name, `may be refused with ${code}`, false);
      for (const code of old) if (!now.includes(code)) note(name, `is no longer refused with ${code}`, false);
    } else if (!Bun.deepEquals(old, now))
      note(name, `${key} was ${JSON.stringify(old)}, is ${JSON.stringify(now)}`, old !== undefined);
  }
  for (const direction of ["sent", "answered"] as const) {
    for (const key of new Set([...Object.keys(was[direction]), ...Object.keys(is[direction])])) {
      const [old, now] = [was[direction][key], is[direction][key]];
      const where = `${name} ${key}`;
      if (old && now)
        compareSchemas({
          old,
          now,
          where,
          direction,
          before: before.schemas,
          after: after.schemas,
          note,
          seen: new Set(),
        });
      else note(where, old ? "is gone" : "is new", old !== undefined || direction === "sent");
    }
  }
}

interface SchemaComparison {
  readonly old: JsonSchema;
  readonly now: JsonSchema;
  readonly where: string;
  readonly direction: "sent" | "answered";
  readonly before: Schemas;
  readonly after: Schemas;
  readonly note: Note;
  /** Pairs of named schemas on the way here: schemas may hold themselves. */
  readonly seen: ReadonlySet<string>;
}

const resolve = (schema: JsonSchema, schemas: Schemas): JsonSchema =>
  schema.$ref === undefined ? schema : (schemas[schema.$ref.replace(/^.*\//, "")] ?? {});

function compareSchemas(comparison: SchemaComparison): void {
  const { where, direction, note, seen } = comparison;
  const pair = `${comparison.old.$ref} ${comparison.now.$ref}`;
  if (comparison.old.$ref !== undefined && seen.has(pair)) return;
  const within = { ...comparison, seen: new Set([...seen, pair]) };
  const old = resolve(comparison.old, comparison.before);
  const now = resolve(comparison.now, comparison.after);
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const [a, b] = [old[key], now[key]];
    if (key === "properties" && isObject(a) && isObject(b)) compareFields(within, a, b);
    else if (key === "required") compareRequired(comparison, a, b);
    else if (key === "enum" && Array.isArray(a) && Array.isArray(b)) compareChoices(comparison, a, b);
    else if (isObject(a) && isObject(b)) compareSchemas({ ...within, old: a, now: b, where: `${where}[]` });
    else if (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every(isObject))
      for (const [i, old] of a.entries()) compareSchemas({ ...within, old, now: isObject(b[i]) ? b[i] : {} });
    else if (!Bun.deepEquals(a, b)) {
      const looser = direction === "sent" && isLooser(key, a, b);
      note(where, `${key} was ${JSON.stringify(a)}, is ${JSON.stringify(b)}`, !looser);
    }
  }
}

/** Takes what is sent more than before? */
function isLooser(key: string, a: unknown, b: unknown): boolean {
  if (["maxLength", "maximum", "maxItems"].includes(key))
    return b === undefined || (Number(b) > Number(a) && a !== undefined);
  if (["minLength", "minimum", "minItems"].includes(key))
    return b === undefined || (Number(b) < Number(a) && a !== undefined);
  return false;
}

function compareFields(
  within: SchemaComparison,
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): void {
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const where = `${within.where}.${name}`;
    const [old, now] = [a[name], b[name]];
    if (isObject(old) && isObject(now)) compareSchemas({ ...within, old, now, where });
    else within.note(where, old === undefined ? "is new" : "is gone", old !== undefined);
  }
}

/** A field that must be sent now breaks who does not send it; one that may be missing now breaks who reads it. */
function compareRequired({ where, direction, note }: SchemaComparison, a: unknown, b: unknown): void {
  const [old, now] = [Array.isArray(a) ? a : [], Array.isArray(b) ? b : []];
  for (const name of now)
    if (!old.includes(name)) note(`${where}.${name}`, "is always there now", direction === "sent");
  for (const name of old)
    if (!now.includes(name)) note(`${where}.${name}`, "may be absent now", direction === "answered");
}

/** Fewer values break who sends them; more break who reads them. */
function compareChoices(
  { where, direction, note }: SchemaComparison,
  a: readonly unknown[],
  b: readonly unknown[],
): void {
  for (const value of b)
    if (!a.includes(value)) note(where, `may be ${JSON.stringify(value)} now`, direction === "answered");
  for (const value of a)
    if (!b.includes(value)) note(where, `is never ${JSON.stringify(value)} now`, direction === "sent");
}
