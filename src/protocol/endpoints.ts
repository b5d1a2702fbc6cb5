/** Every HTTP route there is; routes, validation and reference follow from this table. */
import { accountEndpoints } from "./accounts.ts";
import { activityEndpoints } from "./activity.ts";
import { apiKeyEndpoints } from "./api-keys.ts";
import { blockerEndpoints } from "./blockers.ts";
import { checklistEndpoints } from "./checklist.ts";
import { columnEndpoints } from "./columns.ts";
import { commentEndpoints } from "./comments.ts";
import { connectionEndpoints } from "./connections.ts";
import { customEventEndpoints } from "./custom-events.ts";
import type { Endpoint } from "./endpoint.ts";
import { jobEndpoints } from "./jobs.ts";
import { labelEndpoints } from "./labels.ts";
import { metricsEndpoints } from "./metrics.ts";
import { inboxEndpoints } from "./notifications.ts";
import { operationEndpoints } from "./operations.ts";
import { memberEndpoints, projectEndpoints } from "./projects.ts";
import { pushEndpoints } from "./push.ts";
import { reminderEndpoints } from "./reminders.ts";
import { sendingEndpoints } from "./sending.ts";
import { snapshotEndpoints } from "./snapshot.ts";
import { taskEndpoints } from "./tasks.ts";
import { unsubscribeEndpoints } from "./unsubscribe.ts";
import { userEndpoints } from "./users.ts";
import { watcherEndpoints } from "./watchers.ts";

export const endpoints = {
  ...accountEndpoints,
  ...userEndpoints,
  ...apiKeyEndpoints,
  ...projectEndpoints,
  ...snapshotEndpoints,
  ...customEventEndpoints,
  ...memberEndpoints,
  ...columnEndpoints,
  ...labelEndpoints,
  ...taskEndpoints,
  ...blockerEndpoints,
  ...watcherEndpoints,
  ...checklistEndpoints,
  ...commentEndpoints,
  ...activityEndpoints,
  ...reminderEndpoints,
  ...inboxEndpoints,
  ...pushEndpoints,
  ...unsubscribeEndpoints,
  ...sendingEndpoints,
  ...connectionEndpoints,
  ...jobEndpoints,
  ...operationEndpoints,
  ...metricsEndpoints,
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;
