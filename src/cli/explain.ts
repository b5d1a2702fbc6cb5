/** What a failed command says to a person: what is wrong and what to do, never a stack. */
import { ConfigError } from "../core/config.ts";
import { StartError } from "../core/start-error.ts";
import { UsageError } from "./command.ts";

interface Explanation {
  readonly lines: readonly string[];
  readonly exitCode: 1 | 2;
}

export function explain(error: unknown): Explanation {
  if (error instanceof UsageError) {
    return { exitCode: 2, lines: [`taskwire: ${error.message}.`, 'Run "taskwire --help" for what there is.'] };
  }
  if (error instanceof ConfigError) {
    const advice = "Correct it in the environment or in the file .env, and start again.";
    return { exitCode: 1, lines: [...error.problems.map((problem) => `taskwire: ${problem}.`), advice] };
  }
  if (error instanceof StartError) {
    return { exitCode: 1, lines: [`taskwire: ${sentence(error.message)}`, sentence(error.advice)] };
  }
  const said = error instanceof Error ? error.message.split("\n")[0] : String(error);
  const advice = "This was not foreseen: the log line above has the details; please report it.";
  return { exitCode: 1, lines: [`taskwire: could not start: ${sentence(said ?? "")}`, advice] };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
