/** The command line: picks the command, prints help and errors, answers the exit code. */
import { commands } from "./commands.ts";
import { explain, explanationDocument, explanationLines } from "./explain.ts";
import { helpOf, helpOfGroup, overview } from "./help.ts";
import { findCommand, groupOf, parseCommandLine } from "./parse.ts";
import { createTerminal, errorPaint, print, printError, type Terminal } from "./terminal.ts";

/** Runs `words` (without the program's own name); answers the exit code: 0 done, 1 failed, 2 a wrong command line. */
export async function run(words: readonly string[]): Promise<number> {
  const terminal = createTerminal(words.includes("--json"));
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    terminal.endProgress();
    const explanation = explain(error);
    if (terminal.json) print(JSON.stringify(explanationDocument(explanation)));
    else for (const line of explanationLines(explanation, errorPaint().red)) printError(line);
    return explanation.exitCode;
  }
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined || first === "--help" || first === "-h") return printHelp([], terminal);
  if (first === "--version" || first === "-v") return dispatch(["version", ...rest], terminal);
  if (first === "help") return printHelp(rest, terminal);
  const asked = rest.includes("--help") || rest.includes("-h");
  if (asked && groupOf(commands, first).length > 0 && rest[0]?.startsWith("-")) return printHelp([first], terminal);
  const { command, given } = parseCommandLine(commands, words);
  return given.has("help") ? printHelp([command.name], terminal) : command.run(given, terminal);
}

function printHelp(words: readonly string[], { paint }: Terminal): number {
  const [first, second] = words.flatMap((word) => word.split(" ")).filter((word) => !word.startsWith("-"));
  if (first === undefined) print(overview(commands, paint));
  else if (second === undefined && groupOf(commands, first).length > 0)
    print(helpOfGroup(first, groupOf(commands, first), paint));
  else print(helpOf(findCommand(commands, second === undefined ? [first] : [first, second]), paint));
  return 0;
}
