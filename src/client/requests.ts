/** Frames that wait for their answer (S2). */
import type { SocketError } from "../protocol/errors.ts";
import type { ServerFrame } from "../protocol/event.ts";
import type { ClientFrameName, FrameAnswer, FrameInput } from "../protocol/frames.ts";
import { fromSocketError, type TaskwireError } from "./errors.ts";

export type AnswerFrame =
  | { readonly id: number | string; readonly ok: true; readonly data: unknown }
  | { readonly id: number | string; readonly ok: false; readonly error: SocketError };

interface Waiting {
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: TaskwireError) => void;
}

/** A frame from the server; undefined where the text is none (a proxy's, a newer server's). */
export function parseFrame(text: string): AnswerFrame | ServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== "object" || frame === null) return undefined;
    // The server keeps the contract; the two kinds of frames are told apart by what only they have.
    if ("ok" in frame && "id" in frame) return frame as AnswerFrame;
    if ("event" in frame && typeof frame.event === "string") return frame as ServerFrame;
  } catch {
    // Not JSON: nothing for us.
  }
  return undefined;
}

export function createRequests() {
  const waiting = new Map<number | string, Waiting>();
  let lastId = 0;
  return {
    /** Sends a frame with an id; settles with its answer, or by `fail`. */
    send<Name extends ClientFrameName>(
      socket: { send(text: string): void },
      event: Name,
      data: FrameInput<Name>,
    ): Promise<FrameAnswer<Name>> {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        // An answer has the shape that its frame has in the protocol's table.
        waiting.set(id, { resolve: (answer) => resolve(answer as FrameAnswer<Name>), reject });
        socket.send(JSON.stringify({ id, event, data }));
      });
    },
    answer(frame: AnswerFrame): void {
      const request = waiting.get(frame.id);
      waiting.delete(frame.id);
      if (frame.ok) request?.resolve(frame.data);
      else request?.reject(fromSocketError(frame.error));
    },
    /** The connection ended: nobody will answer. */
    fail(error: TaskwireError): void {
      const all = [...waiting.values()];
      waiting.clear();
      for (const { reject } of all) reject(error);
    },
  };
}
