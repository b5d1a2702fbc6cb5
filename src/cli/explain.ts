/** What a failed command says: what is wrong and what to do, never a stack. */
import { ConfigError } from "../core/config.ts";
import { StartError } from "../core/start-error.ts";
import { AppError, type ErrorCode } from "../protocol/errors.ts";
import { CommandError } from "./command-error.ts";
import { printable } from "./table.ts";
import { UsageError } from "./usage-error.ts";

export interface Explanation {
  /** `usage`, `configuration`, `failed`, `internal`, or one of the contract's codes. */
  readonly code: string;
  /** Whole sentences. */
  readonly problems: readonly string[];
  readonly advice: string;
  readonly exitCode: 1 | 2;
}

export function explain(error: unknown): Explanation {
  if (error instanceof UsageError) {
    const help = ["taskwire", error.command, "--help"].filter(Boolean).join(" ");
    return told("usage", error.message, `Run "${help}" for what there is.`, 2);
  }
  if (error instanceof ConfigError) {
    const advice = "Correct it in the environment or in the file .env, and start again.";
    return { ...told("configuration", "", advice), problems: error.problems.map(sentence) };
  }
  if (error instanceof StartError) return told("failed", error.message, error.advice);
  if (error instanceof CommandError) return told(error.code, error.message, error.advice);
  if (error instanceof AppError) return told(error.code, error.message, advices[error.code] ?? "Nothing was changed.");
  const said = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return told(
    "internal",
    said ?? "",
    "This was not foreseen: please report it, with what LOG_LEVEL=debug shows of it.",
  );
}

/** The contract's messages say most of it already. */
const advices: Partial<Record<ErrorCode, string>> = {
  invalid: "Correct it and try again; nothing was changed.",
  unavailable: "Nothing may be lost by trying again.",
  storage_full: "Free space on the disk of the database.",
};

function told(code: string, message: string, advice: string, exitCode: 1 | 2 = 1): Explanation {
  return { code, problems: [sentence(message)], advice: sentence(advice), exitCode };
}

/** For people, on standard error; `mark` paints what each problem begins with. */
export const explanationLines = ({ problems, advice }: Explanation, mark: (text: string) => string): string[] => [
  ...problems.map((problem) => `${mark("taskwire:")} ${printable(problem)}`),
  printable(advice),
];

/** For programs: with --json the one document on standard output. */
export const explanationDocument = ({ code, problems, advice }: Explanation) => ({
  error: { code, message: problems.join(" "), advice },
});

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
