/** From the words of a command line to a command and what it was given. */
import { type Command, optionsOf } from "./command.ts";
import { nearest } from "./nearest.ts";
import type { Given, Option } from "./option.ts";
import { UsageError } from "./usage-error.ts";

export interface Called {
  readonly command: Command;
  readonly given: Given;
}

/** Throws UsageError where there is no such command, or it takes no such words. */
export function parseCommandLine(commands: readonly Command[], words: readonly string[]): Called {
  const command = findCommand(commands, words);
  try {
    const given = readWords(command, words.slice(command.name.split(" ").length));
    if (!given.has("help")) for (const option of command.options) option.read(given);
    return { command, given };
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message, command.name);
    throw error;
  }
}

/** The command that the first one or two words name. */
export function findCommand(commands: readonly Command[], [first = "", second]: readonly string[]): Command {
  const own = commands.find(({ name }) => name === first || name === `${first} ${second}`);
  if (own) return own;
  const group = groupOf(commands, first);
  if (group.length === 0) throw unknown(`there is no command "${first}"`, first, firstWords(commands));
  const names = group.map(({ name }) => name.slice(first.length + 1));
  if (second === undefined || second.startsWith("-"))
    throw new UsageError(`"${first}" takes one of these behind it: ${names.join(", ")}`, first);
  throw unknown(`there is no command "${first} ${second}"`, second, names, first);
}

/** The commands of two words that begin with `first`. */
export const groupOf = (commands: readonly Command[], first: string): readonly Command[] =>
  commands.filter(({ name }) => name.startsWith(`${first} `));

const firstWords = (commands: readonly Command[]): string[] => [
  ...new Set(["help", ...commands.map(({ name }) => name.split(" ")[0] ?? "")]),
];

function unknown(message: string, word: string, candidates: readonly string[], group = ""): UsageError {
  const meant = nearest(word, candidates);
  const whole = group === "" ? meant : `${group} ${meant}`;
  return new UsageError(meant === undefined ? message : `${message}; did you mean "${whole}"?`, group);
}

function readWords(command: Command, words: readonly string[]): Given {
  const options = optionsOf(command);
  const given = new Map<string, string>();
  const loose: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === "--") loose.push(...left.splice(0));
    else if (word === "-h") given.set("help", "");
    else if (word.startsWith("-") && word.length > 1) readOption(command, options, word, left, given);
    else loose.push(word);
  }
  const places = options.filter(({ kind, name }) => kind === "argument" && !given.has(name));
  for (const word of loose) {
    const place = places.shift();
    if (!place) throw new UsageError(`"${command.name}" takes no "${word}"`);
    given.set(place.name, word);
  }
  return given;
}

/** `--name`, `--name value` or `--name=value`; a value that is a word of its own is taken from `left`. */
function readOption(
  command: Command,
  options: readonly Option[],
  word: string,
  left: string[],
  given: Map<string, string>,
): void {
  const [, dashed = word, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
  const option = options.find(({ name }) => `--${name}` === dashed);
  if (!option) throw noOption(command, options, dashed);
  if (given.has(option.name)) throw new UsageError(`${dashed} stands there twice`);
  if (option.takes === undefined) {
    if (value !== undefined) throw new UsageError(`${dashed} takes no value`);
    given.set(option.name, "");
    return;
  }
  const next = left[0]?.startsWith("--") ? undefined : left[0];
  if (value === undefined && next !== undefined) left.shift();
  const taken = value ?? next ?? "";
  if (taken === "") throw new UsageError(`${dashed} takes a value: ${dashed} <${option.takes}>`);
  given.set(option.name, taken);
}

function noOption({ name }: Command, options: readonly Option[], dashed: string): UsageError {
  const own = options.map((option) => `--${option.name}`);
  if (dashed === "--password" && own.includes("--password-stdin")) {
    return new UsageError(
      "a password on the command line can be seen by others on this machine; give it on standard input with --password-stdin, or leave it away to have one made",
    );
  }
  const meant = nearest(dashed, own);
  return new UsageError(`"${name}" takes no "${dashed}"${meant === undefined ? "" : `; did you mean ${meant}?`}`);
}
