/** Every named schema of the wire, by the name it is exported under: the reference's components. */
import { z } from "zod";
import * as accounts from "./accounts.ts";
import * as activity from "./activity.ts";
import * as apiKeys from "./api-keys.ts";
import * as checklist from "./checklist.ts";
import * as columns from "./columns.ts";
import * as comments from "./comments.ts";
import * as connections from "./connections.ts";
import * as customEvents from "./custom-events.ts";
import * as endpoint from "./endpoint.ts";
import * as errors from "./errors.ts";
import * as event from "./event.ts";
import * as frames from "./frames.ts";
import * as ids from "./ids.ts";
import * as jobs from "./jobs.ts";
import * as labels from "./labels.ts";
import * as metrics from "./metrics.ts";
import * as notifications from "./notifications.ts";
import * as operations from "./operations.ts";
import * as presence from "./presence.ts";
import * as projects from "./projects.ts";
import * as push from "./push.ts";
import * as reminders from "./reminders.ts";
import * as sending from "./sending.ts";
import * as sessions from "./sessions.ts";
import * as snapshot from "./snapshot.ts";
import * as tasks from "./tasks.ts";
import * as text from "./text.ts";
import * as users from "./users.ts";

const files = {
  accounts,
  activity,
  apiKeys,
  checklist,
  columns,
  comments,
  connections,
  customEvents,
  endpoint,
  errors,
  event,
  frames,
  ids,
  jobs,
  labels,
  metrics,
  notifications,
  operations,
  presence,
  projects,
  push,
  reminders,
  sending,
  sessions,
  snapshot,
  tasks,
  text,
  users,
};

export const namedSchemas: ReadonlyMap<string, z.ZodType> = new Map(
  Object.values(files)
    .flatMap((file) => Object.entries<unknown>(file))
    .filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType),
);
