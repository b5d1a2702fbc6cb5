/** What may stand behind a command: options with a name, and arguments without one. */
import { UsageError } from "./usage-error.ts";

/** The words behind a command as they were given, by option; a switch has an empty text. */
export type Given = ReadonlyMap<string, string>;

export interface Option<Value = unknown> {
  readonly name: string;
  readonly about: string;
  /** What stands for its value in the help; undefined for a switch. */
  readonly takes: string | undefined;
  /** An argument may be given without its name: `user disable ana@example.org`. */
  readonly kind: "option" | "argument";
  readonly required: boolean;
  /** As the help shows it. */
  readonly fallback?: string | undefined;
  /** Throws UsageError for a value that does not fit. */
  read(given: Given): Value;
}

/** `--name`, there or not. */
export const flag = (name: string, about: string): Option<boolean> => ({
  name,
  about,
  takes: undefined,
  kind: "option",
  required: false,
  read: (given) => given.has(name),
});

/** `--name <takes>`; undefined where it is absent. */
export const text = (name: string, takes: string, about: string, fallback?: string): Option<string | undefined> => ({
  name,
  about,
  takes,
  kind: "option",
  required: false,
  fallback,
  read: (given) => given.get(name),
});

/** `--name <takes>`, which must be there. */
export const requiredText = (name: string, takes: string, about: string): Option<string> => ({
  ...text(name, takes, about),
  required: true,
  read: (given) => required(given, `--${name} <${takes}>`, name),
});

/** `<name>`, or `--name <name>`. */
export const argument = (name: string, about: string): Option<string> => ({
  name,
  about,
  takes: name,
  kind: "argument",
  required: true,
  read: (given) => required(given, `<${name}>`, name),
});

/** `[name]`, or `--name <name>`. */
export const optionalArgument = (name: string, about: string): Option<string | undefined> => ({
  ...argument(name, about),
  required: false,
  read: (given) => given.get(name),
});

interface Range<Fallback> {
  readonly min: number;
  readonly max: number;
  readonly fallback: Fallback;
}

/** A whole number. */
export const whole = <Fallback extends number | undefined>(
  name: string,
  about: string,
  { min, max, fallback }: Range<Fallback>,
): Option<number | Fallback> => ({
  name,
  about,
  takes: "number",
  kind: "option",
  required: false,
  fallback: fallback === undefined ? undefined : String(fallback),
  read(given) {
    const words = given.get(name);
    if (words === undefined) return fallback;
    const value = /^\d+$/.test(words) ? Number(words) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${words}"`);
  },
});

/** A list with commas; undefined where it is absent. */
export const list = (name: string, takes: string, about: string, fallback?: string): Option<string[] | undefined> => ({
  ...text(name, takes, about, fallback),
  read: (given) => splitList(given.get(name)),
});

const splitList = (words: string | undefined): string[] | undefined =>
  words
    ?.split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

function required(given: Given, how: string, name: string): string {
  const value = given.get(name);
  if (value === undefined) throw new UsageError(`${how} is missing`);
  return value;
}
