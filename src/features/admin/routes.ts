/** Administration over HTTP. */
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { connectionEndpoints } from "../../protocol/connections.ts";
import { jobEndpoints } from "../../protocol/jobs.ts";
import type { Connections } from "./connections.ts";
import { cancelJob, listJobs, retryJob } from "./jobs.ts";

export const adminRoutes = (connections: Connections): Route[] => [
  handle(connectionEndpoints.listSessions, async ({ request, query }) =>
    answerLarge(request, await connections.list(query)),
  ),
];

/** `wake`: a job is due now. */
export const jobRoutes = (wake: () => void): Route[] => [
  handle(jobEndpoints.listJobs, async ({ ctx, request, query }) => answerLarge(request, await listJobs(ctx, query))),
  handle(jobEndpoints.retryJob, async ({ ctx, params, body }) => {
    const job = await retryJob(ctx, params.id, body);
    wake();
    return answer(200, job);
  }),
  handle(jobEndpoints.cancelJob, async ({ ctx, params, body }) => {
    await cancelJob(ctx, params.id, body);
    return noContent();
  }),
];
