/** Events of applications over HTTP. */
import { answer, handle, type Route } from "../../http/kit.ts";
import { customEventEndpoints } from "../../protocol/custom-events.ts";
import { type PublishDeps, publishEvents } from "./publish.ts";

export const eventRoutes = (deps: PublishDeps): Route[] => [
  handle(customEventEndpoints.publishEvents, async ({ ctx, params, body }) => {
    const published = await publishEvents(ctx, params.id, body, deps);
    // Where the durable ones are to be read.
    const first = published.events.find(({ seq }) => seq !== undefined)?.seq ?? 1;
    return answer(201, published, { location: `/api/projects/${params.id}/events?since=${first - 1}` });
  }),
];
