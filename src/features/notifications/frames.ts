/** The sockets' frames on the inbox. */
import type { FrameHandlers } from "../../realtime/transport/frame-handlers.ts";
import { markRead } from "./inbox.ts";

export const notificationFrames = {
  mark_read: ({ ctx }, data) => markRead(ctx, data),
} satisfies FrameHandlers;
