/**
 * Packets of Engine.IO, protocol 4 (https://socket.io/docs/v4/engine-io-protocol/): a type's digit before the text. A
 * WebSocket carries one a frame, bytes as a binary frame; polling carries several, parted by U+001E, bytes as base64.
 */

export const packetTypes = {
  open: "0",
  close: "1",
  ping: "2",
  pong: "3",
  message: "4",
  upgrade: "5",
  noop: "6",
} as const;

/** A packet on its way out: text with its type, or the bytes of a message. */
export type Packet = string | Uint8Array;

/** What a message carries. */
export type Message = string | Buffer;

const separator = "\x1e";
const bytesMark = "b";

/** The body of a poll's answer. */
export const encodePayload = (packets: readonly Packet[]): string => packets.map(payloadText).join(separator);

const payloadText = (packet: Packet): string =>
  typeof packet === "string" ? packet : bytesMark + Buffer.from(packet).toString("base64");

/** The packets in the body of a POST, in order; bytes stand as Buffers. */
export const decodePayload = (body: string): Message[] =>
  body
    .split(separator)
    .map((text) => (text.startsWith(bytesMark) ? Buffer.from(text.slice(bytesMark.length), "base64") : text));

export interface OpenPacket {
  readonly sid: string;
  readonly upgrades: readonly string[];
  /** Milliseconds, as all of the protocol. */
  readonly pingInterval: number;
  readonly pingTimeout: number;
  /** Bytes. */
  readonly maxPayload: number;
}

export const encodeOpen = (open: OpenPacket): string => packetTypes.open + JSON.stringify(open);
