/** What a command of the command line is. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Lines for `taskwire help <name>`: a command line and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Answers the exit code: 0 done, 1 failed. Throws what `explain` can tell a person. */
  readonly run: () => Promise<number>;
}

/** The command line was wrong; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
