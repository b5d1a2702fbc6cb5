/** The work of `taskwire seed`. */
import { systemClock } from "../core/clock.ts";
import { SeedOptions, SeedResult } from "../features/seed/options.ts";
import { seedData } from "../features/seed/service.ts";
import { defineOperation } from "./operation.ts";

export const makeSeed = defineOperation({
  name: "seed",
  makes: true,
  input: SeedOptions,
  output: SeedResult,
  async run({ store }, options, report) {
    const result = await seedData({ store, clock: systemClock }, options, report);
    return options.password === undefined ? result : { ...result, password: null };
  },
});
