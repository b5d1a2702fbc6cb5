/** The work of a command, written once: it runs in the command's own process, or in the server that owns the database. */
import type { z } from "zod";
import type { Config } from "../core/config.ts";
import type { Store } from "../db/context.ts";
import type { Administration } from "../features/auth/administration.ts";
import { parse } from "../protocol/errors.ts";

/** How far a long work has come. */
export interface Progress {
  /** What is being made, such as `tasks`. */
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** Throws where nobody waits for the work any more. */
export type Report = (progress: Progress) => void;

/** What an operation has at hand. */
export interface Office {
  readonly config: Config;
  readonly store: Store;
  readonly administration: Administration;
  /** Does a server run in this process? */
  readonly serving: boolean;
}

export interface Operation<Input, Output> {
  readonly name: string;
  readonly output: z.ZodType<Output>;
  /** May it make the embedded database where there is none? */
  readonly makes: boolean;
  /** Does it work on the tables of this version? Else on the database as it is. */
  readonly migrated: boolean;
  readonly run: (office: Office, input: Input, report: Report) => Promise<Output>;
  /** As `run`, for an input that came over the control socket. */
  readonly serve: (office: Office, input: unknown, report: Report) => Promise<Output>;
}

interface Definition<Input, Output> {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** Default: false. */
  readonly makes?: boolean;
  /** Default: true. */
  readonly migrated?: boolean;
  readonly run: Operation<Input, Output>["run"];
}

export const defineOperation = <Input, Output>({
  name,
  input,
  output,
  makes = false,
  migrated = true,
  run,
}: Definition<Input, Output>): Operation<Input, Output> => ({
  name,
  output,
  makes,
  migrated,
  run,
  serve: async (office, given, report) => run(office, parse(input, given), report),
});
