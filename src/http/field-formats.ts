/** What the names of fields promise in answers and events: ids are UUIDs, times RFC 3339 in UTC with milliseconds. */

export type FieldFormat = "uuid" | "date-time";

/** Chosen by who calls. */
const free: ReadonlySet<string> = new Set(["mutation_id", "request_id"]);

/** Of a field of that name, and of the items of a list of that name; undefined where the name promises nothing. */
export function formatOf(name: string): FieldFormat | undefined {
  if (free.has(name)) return undefined;
  if (/(?:^|_)ids?$/.test(name) || name.endsWith("_by")) return "uuid";
  return name.endsWith("_at") ? "date-time" : undefined;
}

const shapes: Readonly<Record<FieldFormat, RegExp>> = {
  uuid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

/** Events of applications, and what they tell people (of which this server knows no link): their data is their own. */
const isForeign = (value: object): boolean =>
  ("event" in value && String(value.event).startsWith("x_")) ||
  ("message" in value && (!("link" in value) || value.link === null));

/** The paths below `value` whose text is not what the field's name promises. Data of applications is theirs. */
export function brokenPromises(value: unknown, path = "", name = ""): string[] {
  if (typeof value === "string") {
    const format = formatOf(name);
    return format && !shapes[format].test(value) ? [path] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, i) => brokenPromises(item, `${path}[${i}]`, name));
  if (typeof value !== "object" || value === null) return [];
  const foreign = isForeign(value);
  return Object.entries(value)
    .filter(([key]) => !(foreign && key === "data"))
    .flatMap(([key, part]) => brokenPromises(part, `${path}.${key}`, key));
}
