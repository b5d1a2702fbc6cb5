/** The migrations of this build, in order. */

import { readMigrations } from "./migration-files.ts" with { type: "macro" };
import type { Migration } from "./migration-files.ts";

export const migrations: readonly Migration[] = readMigrations();
