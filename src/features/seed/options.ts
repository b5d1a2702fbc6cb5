/** What can be asked of the seed, and what it answers. */
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { Store } from "../../db/context.ts";
import { passwordLength } from "../../protocol/accounts.ts";

export const SeedOptions = z.strictObject({
  /** People to be there in all. */
  people: z.int().min(1).max(1_000).default(5),
  /** Projects to be there in all. */
  projects: z.int().min(1).max(500).default(3),
  /** Tasks to be there in all, shared evenly by the projects. */
  tasks: z.int().min(0).max(1_000_000).default(200),
  /** Another seed is another world beside this one: other people, projects and tasks. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  /** The address of an account that becomes an owner of the projects. */
  owner: z.string().trim().toLowerCase().optional(),
  /** Of the people made now; absent: one is made up. */
  password: z.string().min(passwordLength.min).max(passwordLength.max).optional(),
});
export type SeedOptions = z.infer<typeof SeedOptions>;

export const SeedResult = z.object({
  people: z.array(z.object({ id: z.string(), name: z.string(), email: z.string(), made: z.boolean() })),
  projects: z.array(
    z.object({
      id: z.string(),
      key: z.string(),
      name: z.string(),
      /** Made-up tasks made in this run, and in all. */
      made: z.int(),
      tasks: z.int(),
    }),
  ),
  /** The one password of all people made in this run, kept nowhere; null where nobody was made. */
  password: z.string().nullable(),
  /** The address of the made-up person who became the server's administrator, for there was no account before. */
  administrator: z.string().nullable(),
});
export type SeedResult = z.infer<typeof SeedResult>;

export interface SeedProgress {
  /** `people`, then `tasks`. */
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** Called between transactions. Where it throws the seed stops, and the next run with the same options goes on. */
export type SeedReport = (progress: SeedProgress) => void;

export interface SeedParts {
  readonly store: Store;
  readonly clock: Clock;
}
