/** The sockets' frames on comments. */
import { RawJson } from "../../core/raw-json.ts";
import type { FrameHandlers } from "../../realtime/transport/frame-handlers.ts";
import { createComment } from "./service.ts";

export const commentFrames = {
  new_comment: async ({ ctx }, data) => {
    const { json, seq } = await createComment(ctx, data);
    return new RawJson(`{"comment":${json.text},"seq":${seq}}`);
  },
} satisfies FrameHandlers;
