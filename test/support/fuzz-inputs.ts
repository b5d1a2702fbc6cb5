/** Inputs of every kind, from the catalogues of endpoints and frames: whatever is added there is fuzzed from then on. */
import fc from "fast-check";
import type { EndpointName } from "../../src/protocol/endpoints.ts";
import type { ClientFrameName } from "../../src/protocol/frames.ts";
import { byteInputs } from "./fuzz-bytes.ts";
import { type FrameCaller, frameInputs } from "./fuzz-frames.ts";
import { type damages, requestInputs } from "./fuzz-requests.ts";
import { type SocketIoInput, socketIoInputs } from "./fuzz-socketio.ts";
import { type TokenInput, tokenInputs } from "./fuzz-tokens.ts";

/** Who sends an input; fuzz-callers.ts knows them. `guest`: a cookie whose session may end. */
export type Caller = FrameCaller | "publishKey" | "guest" | "nobody";

/** How the bytes of a body differ from its text. */
export type Damage = (typeof damages)[number] | "none";

export interface RequestInput {
  readonly kind: "request";
  readonly endpoint: EndpointName;
  readonly caller: Caller;
  /** With things (fuzz-values.ts) to be put in, as are all texts below. */
  readonly path: string;
  readonly body: string | undefined;
  readonly damage: Damage;
  readonly headers: readonly (readonly [string, string])[];
}

export interface FrameInput {
  readonly kind: "frame";
  readonly caller: FrameCaller;
  /** Undefined: the text is no frame, or one of an event that is not known. */
  readonly event: ClientFrameName | undefined;
  readonly text: string;
}

/** Bytes over a connection of their own: an HTTP request, or what follows a handshake. */
export interface BytesInput {
  readonly kind: "http bytes" | "socket bytes";
  /** Latin-1. */
  readonly bytes: string;
}

export type Input = RequestInput | FrameInput | BytesInput | TokenInput | SocketIoInput;

export const inputs: fc.Arbitrary<Input> = fc.oneof(
  { weight: 60, arbitrary: requestInputs },
  { weight: 30, arbitrary: frameInputs },
  { weight: 6, arbitrary: tokenInputs },
  { weight: 4, arbitrary: byteInputs },
  { weight: 8, arbitrary: socketIoInputs },
);
