/** A strict reader of the Prometheus text format 0.0.4, with the checks of `promtool check metrics`. */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly series: readonly Series[];
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/** Reads a whole scrape. Throws at the first thing that a server would not take or promtool complain about. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the text does not end with a line feed");
  const families = new Map<string, { name: string; help: string; type: string; series: Series[] }>();
  let present: { name: string; help: string; type: string; series: Series[] } | undefined;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, about, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (about === "HELP") {
      if (!namePattern.test(name) || families.has(name)) throw new Error(`told of twice, or no name: ${line}`);
      present = { name, help: rest, type: "", series: [] };
      families.set(name, present);
    } else if (about === "TYPE") {
      if (present?.name !== name || present.type !== "" || present.series.length > 0)
        throw new Error(`out of place: ${line}`);
      present.type = rest;
    } else present?.series.push(readSample(line, present.name, present.type));
    if (!present) throw new Error(`before any HELP: ${line}`);
  }
  for (const family of families.values()) check(family);
  return families;
}

function readSample(line: string, family: string, type: string): Series {
  const [, name = "", labels = "", value = ""] = samplePattern.exec(line) ?? [];
  const suffix = name.slice(family.length);
  const suffixes = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!name.startsWith(family) || !suffixes.includes(suffix)) throw new Error(`no sample of ${family}: ${line}`);
  return { name, labels: readLabels(labels), value: Number(value.replace("Inf", "Infinity")) };
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelPattern.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    const [whole, name = "", value = ""] = labelPattern.exec(text) ?? [];
    if (whole === undefined || name in labels) throw new Error(`not labels: ${text}`);
    labels[name] = value;
    at += whole.length;
  }
  return labels;
}

function check({ name, help, type, series }: Family): void {
  const wrong = (what: string): Error => new Error(`${name}: ${what}`);
  if (!["counter", "gauge", "histogram"].includes(type)) throw wrong(`no type: ${type}`);
  if (help.length < 10) throw wrong("no help");
  if (name !== name.toLowerCase() || !/^(taskwire|process)_/.test(name)) throw wrong("not a name of ours");
  if ((type === "counter") !== name.endsWith("_total")) throw wrong("counters, and only they, end in _total");
  if (/milli|micro|_ms|minutes|hours|kilobytes/.test(name)) throw wrong("not in base units");
  const keys = series.map(({ name, labels }) => `${name} ${JSON.stringify(Object.entries(labels).sort())}`);
  if (new Set(keys).size !== keys.length) throw wrong("the same series twice");
  if (type === "counter" && series.some(({ value }) => !(value >= 0))) throw wrong("a negative counter");
  if (type === "histogram") checkBuckets(series, wrong);
}

function checkBuckets(series: readonly Series[], wrong: (what: string) => Error): void {
  const groups = Map.groupBy(series, ({ labels: { le: _, ...others } }) =>
    JSON.stringify(Object.entries(others).sort()),
  );
  for (const group of groups.values()) {
    const buckets = group.filter(({ name }) => name.endsWith("_bucket"));
    const bounds = buckets.map(({ labels }) => Number((labels.le ?? "none").replace("Inf", "Infinity")));
    const rising = (values: readonly number[], strictly: boolean): boolean =>
      values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0) || (!strictly && value === values[i - 1]));
    if (!rising(bounds, true) || bounds.at(-1) !== Number.POSITIVE_INFINITY) throw wrong("bounds do not rise to +Inf");
    const counts = buckets.map(({ value }) => value);
    if (!rising(counts, false)) throw wrong("buckets do not add up");
    const ends = group.filter(({ name }) => !name.endsWith("_bucket"));
    if (ends.length !== 2) throw wrong("no sum or no count");
    if (ends.find(({ name }) => name.endsWith("_count"))?.value !== counts.at(-1)) throw wrong("count is not +Inf's");
  }
}
