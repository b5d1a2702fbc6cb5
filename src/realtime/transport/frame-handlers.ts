/** What a feature gives the sockets: a handler for each of its frames. */
import type { RawJson } from "../../core/raw-json.ts";
import type { ClientFrameName, FrameAnswer, FrameData } from "../../protocol/frames.ts";
import type { LiveCtx } from "../live.ts";
import type { Connection } from "./transport.ts";

export interface FrameCall {
  readonly ctx: LiveCtx;
  readonly connection: Connection;
}

/** Takes parsed data, answers the frame's answer (or its JSON text); throws AppError. Frames of one connection run in order. */
export type FrameHandlers = {
  readonly [Name in ClientFrameName]?: (call: FrameCall, data: FrameData<Name>) => Promise<FrameAnswer<Name> | RawJson>;
};
