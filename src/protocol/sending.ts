/** What an administrator or a host application tells people: some of them, everybody, or one connection. */
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { defineEvent } from "./event.ts";
import { Id, MutationId } from "./ids.ts";
import { Notification, NotificationCategory } from "./notifications.ts";
import { Line, Text } from "./text.ts";

const mutation = { mutation_id: MutationId.optional() };

const NotificationType = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+([_.-][a-z0-9]+)*$/, "is a name such as build_failed");
const MessageData = z
  .record(z.string(), z.unknown())
  .refine((data) => JSON.stringify(data).length <= 16_384, "is larger than 16 KiB");

export const recipientsMax = 10_000;

export const SendNotification = z
  .strictObject({
    user_id: Id.optional(),
    user_ids: z.array(Id).min(1).max(recipientsMax).optional(),
    type: NotificationType,
    message: Line(2_000),
    category: NotificationCategory.optional(),
    data: MessageData.optional(),
    ...mutation,
  })
  .refine((body) => (body.user_id === undefined) !== (body.user_ids === undefined), {
    message: "give either user_id or user_ids",
    path: ["user_id"],
  });
export type SendNotification = z.infer<typeof SendNotification>;

/** Unknown and disabled people are listed; the rest was told. */
export const SentNotification = z.object({ sent: z.int(), unknown_user_ids: z.array(z.string()) });
export type SentNotification = z.infer<typeof SentNotification>;

export const Broadcast = z.strictObject({
  type: NotificationType,
  message: Line(2_000),
  data: MessageData.optional(),
  /** False: only those who are connected hear it, and nothing is kept. */
  persist: z.boolean().default(true),
  ...mutation,
});
export type Broadcast = z.infer<typeof Broadcast>;

export const DirectMessage = z.strictObject({ message: Text(2_000), data: MessageData.optional(), ...mutation });
export type DirectMessage = z.infer<typeof DirectMessage>;

/** How many people it is for; of what is not kept, how many connections heard it, of the servers that said so. */
export const SentBroadcast = z.object({ sent: z.int() });
export type SentBroadcast = z.infer<typeof SentBroadcast>;

export const sendingEvents = {
  direct_message: defineEvent({
    audience: "connection",
    durable: false,
    description: "A message to this one connection.",
    data: z.object({ message: z.string(), data: z.record(z.string(), z.unknown()) }),
  }),
  broadcast: defineEvent({
    audience: "connection",
    durable: false,
    description: "A message to everybody who is connected, which is not kept.",
    data: z.object({ type: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()) }),
  }),
};

const sending = { tag: "sending", who: "administrator", scope: "notifications:send" } as const;

export const sendingEndpoints = {
  sendNotification: defineEndpoint({
    ...sending,
    method: "POST",
    path: "/api/notifications/send",
    summary: "Tell one person or many",
    description:
      "Takes an administrator. Each finds it in their inbox, and by mail and push as they chose for the category (default `messages`).",
    body: SendNotification,
    answer: SentNotification,
    errors: ["forbidden", "too_large", "idempotency_mismatch"],
  }),
  broadcastNotification: defineEndpoint({
    ...sending,
    method: "POST",
    path: "/api/notifications/broadcast",
    summary: "Tell everybody",
    description:
      "Takes an administrator. Everybody's inbox gets it, a thousand people at a time. With `persist: false` those who are connected hear the event `broadcast`, and nothing is kept.",
    body: Broadcast,
    answer: SentBroadcast,
    errors: ["forbidden", "too_large", "idempotency_mismatch"],
  }),
  messageSession: defineEndpoint({
    ...sending,
    method: "POST",
    path: "/api/sessions/:session_id/message",
    summary: "Tell one live connection",
    description:
      "Takes an administrator. It hears the event `direct_message`; nothing is kept. With several servers it may be connected to any of them; `unavailable` where one of them did not say whether it has the connection.",
    body: DirectMessage,
    status: 204,
    errors: ["forbidden", "not_found", "too_large", "idempotency_mismatch"],
  }),
  testNotification: defineEndpoint({
    ...sending,
    method: "POST",
    path: "/api/test/notification/:user_id",
    summary: "Send somebody a notification to see whether it arrives",
    description: "Takes an administrator. It goes by every channel that the person and this server have.",
    answer: z.object({ notification: Notification, mail: z.boolean(), push: z.boolean() }),
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};
