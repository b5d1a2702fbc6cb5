/** The texts of `--help`. */
import { version } from "../core/version.ts";
import type { Command } from "./command.ts";

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `Taskwire ${version}, a real-time task server.`,
    "",
    "Usage: taskwire [command]",
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    `  ${"help".padEnd(width)}  Print this, or "help <command>" with examples`,
    "",
    "Examples:",
    ...examplesOf(commands.flatMap(({ examples }) => examples.slice(0, 2))),
    "",
    "Everything is configured by environment variables or a file .env in the current folder.",
  ].join("\n");
}

export const helpOf = ({ name, summary, examples }: Command): string =>
  [`${summary}.`, "", `Usage: taskwire ${name}`, "", "Examples:", ...examplesOf(examples)].join("\n");

const examplesOf = (examples: Command["examples"]): string[] =>
  examples.flatMap(([line, does]) => [`  ${line}`, `      ${does}`]);
