/** Activity over HTTP. */
import { answerLarge, handle, type Route } from "../../http/kit.ts";
import { activityEndpoints } from "../../protocol/activity.ts";
import { listProjectActivity, listTaskActivity } from "./service.ts";

export const activityRoutes = (): Route[] => [
  handle(activityEndpoints.listTaskActivity, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listTaskActivity(ctx, params.id, query)),
  ),
  handle(activityEndpoints.listProjectActivity, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listProjectActivity(ctx, params.id, query)),
  ),
];
