/** What a connection hears about itself. */
import { z } from "zod";
import { SocketError } from "./errors.ts";
import { defineEvent } from "./event.ts";
import { Me } from "./users.ts";

export const RoomPosition = z.object({ room: z.string(), epoch: z.string(), seq: z.int() });
export type RoomPosition = z.infer<typeof RoomPosition>;

export const Connected = z.object({
  /** This one connection, not the signed-in session. */
  session_id: z.string(),
  user: Me,
  server_time: z.string(),
  version: z.string(),
  protocol: z.int(),
  heartbeat_seconds: z.number(),
  user_room: RoomPosition,
});
export type Connected = z.infer<typeof Connected>;

export const sessionEvents = {
  connected: defineEvent({
    audience: "connection",
    durable: false,
    description: "First frame after authentication.",
    data: Connected,
  }),
  error: defineEvent({
    audience: "connection",
    durable: false,
    description: "A frame without id failed.",
    data: SocketError,
  }),
  pong: defineEvent({
    audience: "connection",
    durable: false,
    description: "Answer to a ping without id.",
    data: z.object({ server_time: z.string() }),
  }),
  token_expiring: defineEvent({
    audience: "connection",
    durable: false,
    description: "The token ends in a minute: send `authenticate` with a new one.",
    data: z.object({ expires_at: z.string() }),
  }),
  session_ended: defineEvent({
    audience: "user",
    durable: true,
    description: "A sign-in ended; every node closes its connections. `session_id` null: all of the person's.",
    data: z.object({
      session_id: z.string().nullable(),
      reason: z.enum(["signed_out", "revoked", "disabled"]),
    }),
  }),
};
