/** Every HTTP route there is; routes, validation and reference follow from this table. */
import { accountEndpoints } from "./accounts.ts";
import { activityEndpoints } from "./activity.ts";
import { apiKeyEndpoints } from "./api-keys.ts";
import { blockerEndpoints } from "./blockers.ts";
import { checklistEndpoints } from "./checklist.ts";
import { columnEndpoints } from "./columns.ts";
import { commentEndpoints } from "./comments.ts";
import type { Endpoint } from "./endpoint.ts";
import { memberEndpoints, projectEndpoints } from "./projects.ts";
import { snapshotEndpoints } from "./snapshot.ts";
import { taskEndpoints } from "./tasks.ts";
import { userEndpoints } from "./users.ts";

export const endpoints = {
  ...userEndpoints,
  ...projectEndpoints,
  ...snapshotEndpoints,
import { watcherEndpoints } from "./watchers.ts";
  ...memberEndpoints,
  ...taskEndpoints,
  ...commentEndpoints,
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;
  ...blockerEndpoints,
  ...watcherEndpoints,
  ...checklistEndpoints,
  ...activityEndpoints,
  ...connectionEndpoints,
  ...operationEndpoints,
  ...metricsEndpoints,
