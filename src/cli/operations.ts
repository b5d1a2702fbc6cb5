/** Every operation that a server takes over its control socket. */
import { apiKeys } from "./api-key-operations.ts";
import { jobOperations } from "./jobs-operations.ts";
import { migrateOperations } from "./migrate-operations.ts";
import type { Operation } from "./operation.ts";
import { makeSeed } from "./seed-operations.ts";
import { userOperations } from "./user-operations.ts";

export const operations: readonly Pick<Operation<never, unknown>, "name" | "serve">[] = [
  ...migrateOperations,
  ...userOperations,
  ...Object.values(apiKeys),
  ...Object.values(jobOperations),
  makeSeed,
];
