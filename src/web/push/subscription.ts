/** What the server is told of a subscription. The page and the worker both tell it. */
import type { z } from "zod";
import type { CreatePushSubscription, pushEndpoints } from "../../protocol/push.ts";

/** A person's browsers, and the server's key. */
export type PushSubscriptions = z.output<(typeof pushEndpoints)["listPushSubscriptions"]["answer"]>;

export const subscriptionsPath = "/api/push-subscriptions";

/** Throws where the browser gave no keys: then nothing could be encrypted for it. */
export function bodyOf(subscription: PushSubscription): CreatePushSubscription {
  const { endpoint, keys: { p256dh, auth } = {} } = subscription.toJSON();
  if (endpoint === undefined || p256dh === undefined || auth === undefined)
    throw new Error("the browser's subscription has no address or no keys");
  return { endpoint, keys: { p256dh, auth } };
}
