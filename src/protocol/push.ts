/** Web Push: where a person's browsers are told of notifications while the page is closed. */
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { MutationId } from "./ids.ts";
import { Notification } from "./notifications.ts";
import { Line } from "./text.ts";

const mutation = { mutation_id: MutationId.optional() };
const bytesOf = (text: string): number => Math.floor((text.replace(/=+$/, "").length * 3) / 4);
const Key = (bytes: number) =>
  z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_-]+={0,2}$/, "is not base64url")
    .refine((text) => bytesOf(text) === bytes, `is not ${bytes} bytes`);

const Endpoint = z.url({ protocol: /^https?$/ }).max(2_000);

/** What a browser's `PushSubscription.toJSON()` gives, without its `expirationTime`. */
export const CreatePushSubscription = z.strictObject({
  endpoint: Endpoint,
  keys: z.strictObject({ p256dh: Key(65), auth: Key(16) }),
  ...mutation,
});
export type CreatePushSubscription = z.infer<typeof CreatePushSubscription>;

export const DeletePushSubscription = z.strictObject({ endpoint: Endpoint, ...mutation });
export type DeletePushSubscription = z.infer<typeof DeletePushSubscription>;

export const PushSubscription = z
  .object({
    id: z.string(),
    endpoint: z.string(),
    /** The browser, as it called itself when it subscribed. */
    user_agent: Line(500).nullable(),
    created_at: z.string(),
  })
  .meta({ id: "PushSubscription" });
export type PushSubscription = z.infer<typeof PushSubscription>;

/** A person's browsers; the one that subscribed first goes when there is one more. */
export const pushSubscriptionsMax = 20;

const push = { tag: "notifications", scope: "session", path: "/api/push-subscriptions" } as const;

export const pushEndpoints = {
  listPushSubscriptions: defineEndpoint({
    ...push,
    method: "GET",
    summary: "The caller's browsers, and the key to subscribe another with",
    description: "`public_key` is the `applicationServerKey` of `pushManager.subscribe`, in base64url.",
    answer: z.object({ public_key: z.string(), items: z.array(PushSubscription) }),
  }),
  createPushSubscription: defineEndpoint({
    ...push,
    method: "POST",
    summary: "Subscribe a browser",
    description:
      "At most 20 a person: the oldest goes. An endpoint that is known gets its keys anew, and is the caller's from now on.",
    body: CreatePushSubscription,
    status: 201,
    answer: PushSubscription,
    errors: ["idempotency_mismatch"],
  }),
  deletePushSubscription: defineEndpoint({
    ...push,
    method: "DELETE",
    summary: "Push to a browser no longer",
    body: DeletePushSubscription,
    status: 204,
    errors: ["idempotency_mismatch"],
  }),
  testPushSubscription: defineEndpoint({
    ...push,
    method: "POST",
    path: "/api/push-subscriptions/:id/test",
    summary: "Push to one of the caller's browsers to see whether it arrives",
    description: "At once, whatever was chosen. It stands in the caller's inbox too; nothing is mailed.",
    answer: Notification,
    errors: ["not_found", "idempotency_mismatch"],
  }),
};
