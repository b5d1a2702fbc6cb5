/** The seed against a bare database, and what a database holds. */
import type { z } from "zod";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import type { Store } from "../../src/db/context.ts";
import type { Database } from "../../src/db/open.ts";
import type { SeedOptions, SeedReport, SeedResult } from "../../src/features/seed/options.ts";
import { seedData } from "../../src/features/seed/service.ts";

interface Surroundings {
  readonly clock?: Clock;
  readonly committed?: Store["committed"];
  readonly report?: SeedReport;
}

export const runSeed = (
  database: Database,
  options: z.input<typeof SeedOptions>,
  { clock = systemClock, committed = () => {}, report }: Surroundings = {},
): Promise<SeedResult> => seedData({ store: { database, committed }, clock }, options, report);

const tables = [
  ...["users", "accounts", "projects", "members", "columns", "labels", "tasks", "comments", "checklist_items"],
  ...["rooms", "events", "activity", "positions", "meta"],
];

/** The number of each table's rows and a hash of them. */
export async function contents({ sql }: Database): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const table of tables) {
    const [row] = await sql.unsafe<{ count: number; hash: string }[]>(
      `select count(*) as count, md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as hash from ${table} x`,
    );
    found[table] = { ...row };
  }
  return found;
}
