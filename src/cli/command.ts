/** What a command of the command line is. */
import { flag, type Given, type Option } from "./option.ts";
import type { Terminal } from "./terminal.ts";

export const commandGroups = ["Server", "Database", "People", "Programs"] as const;

export interface Command {
  /** One word or two: `serve`, `user add`. */
  readonly name: string;
  readonly group: (typeof commandGroups)[number];
  /** One line for the list of commands. */
  readonly summary: string;
  /** What else one must know: whole sentences. */
  readonly about?: string;
  /** Without --json and --help, which every command has. */
  readonly options: readonly Option[];
  /** A command line and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Answers the exit code: 0 done, 1 failed. Throws what `explain` can tell a person. */
  readonly run: (given: Given, terminal: Terminal) => Promise<number>;
}

const jsonOption = flag("json", "Answer with one JSON document instead of text, errors too");
const helpOption = flag("help", "Print this");
export const optionsOf = (command: Pick<Command, "options">): readonly Option[] => [
  ...command.options,
  jsonOption,
  helpOption,
];
