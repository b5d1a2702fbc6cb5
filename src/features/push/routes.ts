/** A person's browsers over HTTP. */
import { answer, handle, noContent, type Route } from "../../http/kit.ts";
import { pushEndpoints } from "../../protocol/push.ts";
import type { PushDeps } from "./jobs.ts";
import { listSubscriptions, subscribe, unsubscribe } from "./subscriptions.ts";

const userAgentMax = 500;

export const pushRoutes = ({ vapid, anywhere }: Pick<PushDeps, "vapid" | "anywhere">): Route[] => [
  handle(pushEndpoints.listPushSubscriptions, async ({ ctx }) => {
    const { publicKey: public_key } = await vapid();
    return answer(200, { public_key, items: await listSubscriptions(ctx) });
  }),
  handle(pushEndpoints.createPushSubscription, async ({ ctx, request, body }) => {
    const agent = request.headers
      .get("user-agent")
      ?.replace(/\p{Cc}/gu, "")
      .trim()
      .slice(0, userAgentMax);
    const made = await subscribe(ctx, body, { userAgent: agent || null, anywhere });
    return answer(201, made, { location: "/api/push-subscriptions" });
  }),
  handle(pushEndpoints.deletePushSubscription, async ({ ctx, body }) => {
    await unsubscribe(ctx, body);
    return noContent();
  }),
];
