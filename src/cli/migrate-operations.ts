/** The work of `taskwire migrate …`. */
import { z } from "zod";
import { migrateDown, migrateUp, migrationStatus } from "../db/migrate.ts";
import { countServers } from "../db/servers.ts";
import { CommandError } from "./command-error.ts";
import { defineOperation } from "./operation.ts";

const AppliedMigration = z.object({ name: z.string(), applied_at: z.string() });

export const getStatus = defineOperation({
  name: "migrate-status",
  migrated: false,
  input: z.object({}),
  output: z.object({
    applied: z.array(AppliedMigration),
    pending: z.array(z.string()),
    /** Of a newer version. */
    ahead: z.array(z.string()),
    /** Edited since they were applied. */
    changed: z.array(z.string()),
  }),
  async run({ store }) {
    const { applied, pending, ahead, changed } = await migrationStatus(store.database);
    return {
      applied: applied.map(({ name, appliedAt }) => ({ name, applied_at: appliedAt })),
      pending: [...pending],
      ahead: [...ahead],
      changed: [...changed],
    };
  },
});

export const goUp = defineOperation({
  name: "migrate-up",
  makes: true,
  migrated: false,
  input: z.object({}),
  output: z.object({ applied: z.array(z.string()) }),
  async run({ store }, _input, report) {
    const { pending } = await migrationStatus(store.database);
    let done = 0;
    const step = () => report({ step: "migrations", done, total: pending.length });
    if (pending.length > 0) step();
    const applied = await migrateUp(store.database, undefined, {
      applied() {
        done++;
        step();
      },
    });
    return { applied };
  },
});

export const goDown = defineOperation({
  name: "migrate-down",
  migrated: false,
  input: z.object({ steps: z.int().min(1) }),
  output: z.object({ taken_back: z.array(z.string()) }),
  async run({ store, serving }, { steps }, report) {
    if (serving || (await countServers(store.database)) > 0) {
      throw new CommandError(
        "a server uses this database",
        "Stop it first: it cannot work on tables that are taken away.",
        "conflict",
      );
    }
    const { applied } = await migrationStatus(store.database);
    const total = Math.min(steps, applied.length);
    const takenBack: string[] = [];
    // One at a time, for each is a transaction of its own.
    while (takenBack.length < total) {
      report({ step: "migrations", done: takenBack.length, total });
      const names = await migrateDown(store.database, 1);
      if (names.length === 0) break;
      takenBack.push(...names);
    }
    return { taken_back: takenBack };
  },
});

export const migrateOperations = [getStatus, goUp, goDown];
