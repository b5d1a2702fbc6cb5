/**
 * Native frames as packets of Socket.IO, protocol 5, and back (https://socket.io/docs/v4/socket-io-protocol/). The native
 * text is taken apart where it is known to be cut, never parsed: a room's event is spelled once, whoever hears it.
 */
import { AppError } from "../../protocol/errors.ts";
import type { SocketFrame } from "./frame-text.ts";

const eventStart = '{"event":"';
const dataKey = ',"data":';

/** An Engine.IO message with a Socket.IO packet of the main namespace. */
export type SocketIoText = string;

/** What a native frame (S2, S3) is for a client of Socket.IO: an event, or an acknowledgement. */
export const spell = (frame: string): SocketIoText => (frame.startsWith(eventStart) ? event(frame) : ack(frame));

/**
 * `{"event":"x","room":…,"at":…,"data":{…}}` is `42["x",{…,"_meta":{"room":…,"at":…}}]`. What stands before the data are
 * our own fields, in whose texts a quote is always escaped: the first `,"data":` is the frame's. `_meta` comes last, so that
 * data of an application with a `_meta` of its own does not hide ours.
 */
function event(frame: string): SocketIoText {
  const nameEnd = frame.indexOf('"', eventStart.length);
  const dataAt = frame.indexOf(dataKey, nameEnd);
  const name = frame.slice(eventStart.length, nameEnd);
  const meta = frame.slice(nameEnd + 2, dataAt);
  const data = frame.slice(dataAt + dataKey.length, -1);
  const members = data === "{}" ? "{" : `${data.slice(0, -1)},`;
  return `42["${name}",${members}"_meta":{${meta}}}]`;
}

/** `{"id":7,"ok":true,"data":{…}}` is `437[{"ok":true,"data":{…}}]`; the ids of acknowledgements are numbers. */
function ack(frame: string): SocketIoText {
  const idEnd = frame.indexOf(",");
  return `43${frame.slice('{"id":'.length, idEnd)}[{${frame.slice(idEnd + 1)}]`;
}

/** An event of a client as a frame; one with more than its data, or with bytes for data, is refused. */
export function readEvent(args: readonly unknown[], id: number | undefined, size: number): SocketFrame {
  const [name, data] = args;
  const wrong = (message: string) =>
    new AppError("invalid", `data: ${message}`, { errors: [{ path: "data", message }] });
  if (args.length > 2)
    return { size, id, event: String(name), data, refused: wrong("is one argument, with all of the data") };
  // Each byte would be a key.
  if (ArrayBuffer.isView(data))
    return { size, id, event: String(name), data: {}, refused: wrong("is JSON, not bytes") };
  return { size, id, event: String(name), data, refused: undefined };
}

/** What `connect_error` tells: the code as the error's message, the rest as its data. */
export const connectErrorOf = ({ code, message, extras }: AppError) => ({
  message: code,
  data: { code, message, ...(extras.retryAfter !== undefined && { retry_after: extras.retryAfter }) },
});
