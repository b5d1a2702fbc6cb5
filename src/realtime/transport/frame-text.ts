/** Frames to and from text: what a client's frame must look like, and how it is answered (S2, S11). */
import { jsonText } from "../../core/raw-json.ts";
import { AppError, issuesOf, type SocketError } from "../../protocol/errors.ts";
import { ClientFrame, FrameId } from "../../protocol/frames.ts";
import { encodeEphemeral } from "../log.ts";

/** A client's frame, its data unchecked. `refused`: it is no frame, or may not be taken. */
export interface SocketFrame {
  /** Characters of its text, as far as they are kept. */
  readonly size: number;
  readonly id: FrameId | undefined;
  readonly event: string;
  readonly data: unknown;
  readonly refused: AppError | undefined;
  /** It opens the socket; `refused` as above. The text to send in the end. Must not throw or reject. */
  readonly opening?: Opening | undefined;
}

type Opening = (refused: AppError | undefined) => Promise<string>;

/** A frame that is none of the client's: what a socket begins with, in its turn. */
export const openingOf = (opening: Opening): SocketFrame => ({
  size: 0,
  id: undefined,
  event: "",
  data: undefined,
  refused: undefined,
  opening,
});

/** Reads a client's text. Never throws: what does not fit comes back refused, with its id where it has one. */
export function readFrame(text: string): SocketFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refusedFrame(undefined, invalid("the frame is not JSON", [{ path: "", message: "is not JSON" }]));
  }
  if (isFrame(value))
    return { size: text.length, id: value.id, event: value.event, data: value.data, refused: undefined };
  const frame = ClientFrame.safeParse(value);
  if (frame.success) {
    const { id, event, data } = frame.data;
    return { size: text.length, id, event, data, refused: undefined };
  }
  const id =
    typeof value === "object" && value !== null && "id" in value ? FrameId.safeParse(value.id).data : undefined;
  return refusedFrame(id, invalid("the frame does not fit its schema", issuesOf(frame.error)));
}

/** Is it a frame beyond doubt? The same as the schema at a tenth of its cost; what is doubtful the schema decides. */
export function isFrame(value: unknown): value is ClientFrame {
  if (typeof value !== "object" || value === null || !("event" in value) || typeof value.event !== "string")
    return false;
  if (value.event.length > eventMax) return false;
  let known = 1;
  if ("data" in value) known++;
  if ("id" in value) {
    known++;
    const { id } = value;
    if (typeof id === "string" ? id.length > idMax : !Number.isSafeInteger(id)) return false;
  }
  return Object.keys(value).length === known;
}

const eventMax = 100;
const idMax = 200;

const invalid = (message: string, errors: ReturnType<typeof issuesOf>) => new AppError("invalid", message, { errors });

export const refusedFrame = (id: FrameId | undefined, refused: AppError, opening?: Opening): SocketFrame => ({
  size: 0,
  id,
  event: "",
  data: undefined,
  refused,
  opening,
});

/** The answer to a frame that succeeded. `data` is JSON text. */
export const answerText = (id: FrameId, data: string): string =>
  `{"id":${JSON.stringify(id)},"ok":true,"data":${data}}`;

/** The answer to a frame that failed; without an id it is the event `error`. `at` is RFC 3339. */
export function failureText(id: FrameId | undefined, error: AppError, at: string): string {
  const text = errorText(error);
  return id === undefined
    ? encodeEphemeral("error", at, text)
    : `{"id":${JSON.stringify(id)},"ok":false,"error":${text}}`;
}

function errorText({ code, message, extras }: AppError): string {
  const text = JSON.stringify({
    code,
    message,
    ...(extras.errors && { errors: [...extras.errors] }),
    ...(extras.retryAfter !== undefined && { retry_after: extras.retryAfter }),
  } satisfies SocketError);
  // The resource may be JSON text already.
  return extras.current === undefined ? text : `${text.slice(0, -1)},"current":${jsonText(extras.current)}}`;
}
