/** Every HTTP route there is; routes, validation and reference follow from this table. */
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
  ...memberEndpoints,
  ...taskEndpoints,
  ...commentEndpoints,
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;
