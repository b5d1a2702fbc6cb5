/** A person's browsers over HTTP. */
import { answer, handle, noContent, type Route } from "../../http/kit.ts";
import { pushEndpoints } from "../../protocol/push.ts";
import type { Notifier } from "../notifications/send.ts";
import type { PushDeps } from "./jobs.ts";
import { listSubscriptions, subscribe, unsubscribe } from "./subscriptions.ts";
import { pushTrial } from "./trial.ts";

const userAgentMax = 500;

type Deps = Pick<PushDeps, "vapid" | "anywhere"> & Notifier;

export const pushRoutes = ({ vapid, anywhere, ...notifier }: Deps): Route[] => [
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
  handle(pushEndpoints.testPushSubscription, async ({ ctx, params, body }) =>
    answer(200, await pushTrial(ctx, notifier, params.id, body)),
  ),
];
