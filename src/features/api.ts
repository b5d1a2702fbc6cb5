/** Every route of `/api`. */
import { Elysia } from "elysia";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { requestIdHeader } from "../http/headers.ts";
import { type HttpKit, register } from "../http/kit.ts";
import { problem } from "../http/problem.ts";
import { takeRoute } from "../http/route-taken.ts";
import type { Messenger } from "../realtime/messenger.ts";
import type { Node } from "../realtime/node.ts";
import { activityRoutes } from "./activity/routes.ts";
import type { Connections } from "./admin/connections.ts";
import { adminRoutes, jobRoutes } from "./admin/routes.ts";
import { authBasePath } from "./auth/handler.ts";
import { authRoutes, keyRoutes } from "./auth/routes.ts";
import type { Auth } from "./auth/service.ts";
import type { Background } from "./background/service.ts";
import { commentRoutes } from "./comments/routes.ts";
import { eventRoutes } from "./events/routes.ts";
import { metricsRoutes } from "./metrics/routes.ts";
import type { ConnectionFigures } from "./metrics/service.ts";
import { inboxRoutes, sendingRoutes } from "./notifications/routes.ts";
import { memberRoutes, projectRoutes } from "./projects/routes.ts";
import { pushRoutes } from "./push/routes.ts";
import { reminderRoutes } from "./reminders/routes.ts";
import { blockerRoutes, checklistRoutes, taskRoutes, watcherRoutes } from "./tasks/routes.ts";
import { userRoutes } from "./users/routes.ts";

export interface ApiDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly auth: Auth;
  readonly node: Node;
  readonly background: Background;
  readonly messenger: Messenger;
  readonly connections: Connections;
  readonly figures: ConnectionFigures;
}

/** Elysia routes /api; what its handlers throw is answered as a problem. */
export function createApi(kit: HttpKit, deps: ApiDeps): Elysia {
  const { log, clock, auth, node, messenger } = deps;
  const { notifier, browsers } = deps.background;
  const api = new Elysia({ handler: { standardHostname: false } });
  api.onError(({ error, request: { headers, signal } }) =>
    problem(error, { requestId: headers.get(requestIdHeader) ?? "", log, signal }),
  );
  const accounts = `${authBasePath}/*`;
  const toAccounts = (request: Request): Promise<Response> => {
    takeRoute(request, accounts);
    return auth.handler(request);
  };
  api.all(accounts, ({ request }) => toAccounts(request), { parse: "none" });
  register(api, kit, [
    ...authRoutes(auth),
    ...keyRoutes({ forgetUser: auth.forgetUser, clock }),
    ...userRoutes(auth),
    ...eventRoutes({ cast: node.cast, nowMs: clock.now }),
    ...adminRoutes(deps.connections),
    ...jobRoutes(notifier.wake),
    ...projectRoutes(),
    ...memberRoutes(),
    ...taskRoutes(),
    ...blockerRoutes(),
    ...watcherRoutes(),
    ...checklistRoutes(),
    ...reminderRoutes(),
    ...inboxRoutes(notifier),
    ...pushRoutes({ ...browsers, ...notifier }),
    ...sendingRoutes({ ...notifier, messenger, nowMs: clock.now }),
    ...commentRoutes(),
    ...metricsRoutes(deps.figures),
    ...activityRoutes(),
  ]);
  return api;
}
