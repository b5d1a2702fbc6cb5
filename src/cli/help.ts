/** The texts of `--help`. */
import { version } from "../core/version.ts";
import { type Command, commandGroups, optionsOf } from "./command.ts";
import type { Option } from "./option.ts";
import type { Paint } from "./terminal.ts";

const lineWidth = 100;
const exitCodes = "Exit codes: 0 done, 1 failed, 2 wrong usage.";

/** Of the whole program. */
export function overview(commands: readonly Command[], { bold, dim }: Paint): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const line = ({ name, summary }: Pick<Command, "name" | "summary">) => `  ${name.padEnd(width)}  ${summary}`;
  const help = { name: "help", summary: "Print this, or the help of a command: help user add" };
  return [
    `Taskwire ${version}, a real-time task server.`,
    "",
    `${bold("Usage:")} taskwire <command> [options]`,
    ...commandGroups.flatMap((group) => [
      "",
      bold(group),
      ...commands.filter((command) => command.group === group).map(line),
      ...(group === "Server" ? [line(help)] : []),
    ]),
    "",
    bold("Examples:"),
    ...examplesOf(commands.flatMap(({ examples }) => examples.slice(0, 1)).slice(0, 3), dim),
    "",
    "Every command takes --help (its options, with examples) and --json (one JSON document instead of text).",
    exitCodes,
    "Settings are environment variables, or lines of a file .env in the current folder.",
  ].join("\n");
}

/** Of the commands that share their first word. */
export function helpOfGroup(first: string, group: readonly Command[], { bold }: Paint): string {
  const width = Math.max(...group.map(({ name }) => name.length));
  return [
    `${bold("Usage:")} taskwire ${first} <command> [options]`,
    "",
    bold("Commands:"),
    ...group.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    `"taskwire ${group[0]?.name} --help" tells more of the first one, and so on.`,
  ].join("\n");
}

export function helpOf(command: Command, { bold, dim }: Paint): string {
  const options = optionsOf(command);
  const width = Math.max(...options.map((option) => signature(option).length));
  const about = command.about === undefined ? [] : ["", ...wrap(command.about, 0)];
  return [
    `${command.summary}.`,
    ...about,
    "",
    `${bold("Usage:")} ${usageOf(command)}`,
    "",
    bold("Options:"),
    ...options.flatMap((option) => {
      const [first = "", ...rest] = wrap(aboutOf(option), width + 4);
      return [`  ${signature(option).padEnd(width)}  ${first.trimStart()}`, ...rest];
    }),
    "",
    bold("Examples:"),
    ...examplesOf(command.examples, dim),
  ].join("\n");
}

/** `taskwire user add <email> [--name <text>] [--admin]`. */
export const usageOf = ({ name, options }: Pick<Command, "name" | "options">): string =>
  ["taskwire", name, ...options.map(usageOfOption)].join(" ");

function usageOfOption({ name, takes, kind, required }: Option): string {
  const shape = kind === "argument" ? `<${name}>` : `--${name}${takes === undefined ? "" : ` <${takes}>`}`;
  return required ? shape : `[${kind === "argument" ? name : shape}]`;
}

export const signature = ({ name, takes, kind }: Option): string => {
  if (kind === "argument") return `<${name}>`;
  return takes === undefined ? `--${name}` : `--${name} <${takes}>`;
};

export const aboutOf = ({ about, fallback }: Option): string =>
  fallback === undefined ? about : `${about} (default: ${fallback})`;

const examplesOf = (examples: Command["examples"], dim: Paint["dim"]): string[] =>
  examples.flatMap(([line, does]) => [`  ${line}`, dim(`      ${does}`)]);

/** Lines of at most `lineWidth`, each behind `indent` spaces. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each);
}
