/** Who is here, and who is typing. */
import { z } from "zod";
import { defineEvent } from "./event.ts";
import { User } from "./users.ts";

export const PresenceStatus = z.enum(["active", "idle", "busy", "away", "offline"]);
export type PresenceStatus = z.infer<typeof PresenceStatus>;

export const UserPresence = z.object({
  user_id: z.string(),
  status: PresenceStatus,
  task_id: z.string().optional(),
  last_seen_at: z.string(),
});
export type UserPresence = z.infer<typeof UserPresence>;

export const presenceEvents = {
  user_presence: defineEvent({
    audience: "project",
    durable: false,
    description: "Somebody came, went, or changed status; one entry a person and room.",
    data: UserPresence,
  }),
  user_typing_status: defineEvent({
    audience: "project",
    durable: false,
    description: "Somebody started or stopped typing on a task.",
    data: z.object({ task_id: z.string(), user: User, is_typing: z.boolean() }),
  }),
};
