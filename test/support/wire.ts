/** A raw client of `/ws`: WebSocket by hand over TCP, so that a test sees every byte, may send any, and may stop reading. */
import { connect, type Socket as TcpSocket } from "node:net";
import type { SocketError } from "../../src/protocol/errors.ts";

export type Data = Readonly<Record<string, unknown>>;

/** A server frame (S3) or an answer (S2), as it came. */
export interface WireFrame {
  readonly id?: number | string;
  readonly ok?: boolean;
  readonly error?: SocketError;
  readonly event?: string;
  readonly room?: string;
  readonly seq?: number;
  readonly at?: string;
  readonly data: Data;
}

export interface Closed {
  /** 1006 where the connection ended without a close frame. */
  readonly code: number;
  readonly reason: string;
}

export interface Wire {
  /** Of the handshake; 101 where it is a socket now. */
  readonly status: number;
  /** Of the handshake, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Of a handshake that was refused. */
  readonly body: string;
  /** Every frame so far, oldest first. */
  readonly frames: readonly WireFrame[];
  /** Pings of the server so far. */
  readonly pings: number;
  readonly closed: Promise<Closed>;
  send(frame: object): void;
  sendText(text: string): void;
  sendBinary(bytes: Uint8Array): void;
  /** Bytes as they are, see `encodeClientFrame`. */
  sendRaw(bytes: Uint8Array): void;
  sendPing(payload?: string): void;
  /** Several texts in one TCP segment, so that the server reads them in one tick. */
  sendTogether(frames: readonly object[]): void;
  /** Sends a frame with an id of its own and waits for its answer. Throws where the connection ends before. */
  ask(event: string, data?: object): Promise<WireFrame>;
  /** The first frame, also of those that came already, for which `wanted` holds. Each frame is given once. */
  take(wanted: string | ((frame: WireFrame) => boolean)): Promise<WireFrame>;
  /** Settles once the server has handled all that was sent so far; answers the frames that came since `from`. */
  settled(from?: number): Promise<readonly WireFrame[]>;
  /** Settles when the server's `count`th ping is here. */
  pinged(count: number): Promise<void>;
  /** Settles when the server's `count`th pong is here. */
  ponged(count: number): Promise<void>;
  /** Stops reading: what the server sends piles up. */
  pause(): void;
  resume(): void;
  /** Ends with a close frame. */
  close(code?: number): void;
  /** Says that nothing more comes (FIN), and goes on reading. */
  finish(): void;
  /** Ends without a word. */
  destroy(): void;
}

export interface WireOptions {
  readonly token?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Default `/ws`. */
  readonly path?: string;
  /** Does it answer pings (default true)? */
  readonly pongs?: boolean;
  /** Is it a WebSocket handshake at all (default true)? */
  readonly upgrade?: boolean;
}

const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const maskKey = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** One client frame; clients mask (RFC 6455, 5.3). */
export function encodeClientFrame(opcode: number, payload: string | Uint8Array, final = true): Buffer {
  const body = Buffer.from(payload);
  const head =
    body.length < 126
      ? Buffer.from([0, body.length])
      : body.length < 65_536
        ? Buffer.from([0, 126, body.length >> 8, body.length & 255])
        : Buffer.from([0, 127, 0, 0, 0, 0, ...lengthBytes(body.length)]);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (head[1] ?? 0);
  for (let i = 0; i < body.length; i++) body[i] = (body[i] ?? 0) ^ (maskKey[i & 3] ?? 0);
  return Buffer.concat([head, maskKey, body]);
}

const lengthBytes = (length: number): number[] => [24, 16, 8, 0].map((shift) => (length >>> shift) & 255);

interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Takes whole frames off the front of `bytes`; answers them with what is left. Servers do not mask. */
function takeFrames(bytes: Buffer): { frames: ServerFrame[]; rest: Buffer } {
  const frames: ServerFrame[] = [];
  let at = 0;
  while (bytes.length - at >= 2) {
    let length = (bytes[at + 1] ?? 0) & 127;
    let head = 2;
    if (length === 126) head = 4;
    else if (length === 127) head = 10;
    if (bytes.length - at < head) break;
    if (head === 4) length = bytes.readUInt16BE(at + 2);
    if (head === 10) length = Number(bytes.readBigUInt64BE(at + 2));
    if (bytes.length - at < head + length) break;
    frames.push({ opcode: (bytes[at] ?? 0) & 15, payload: bytes.subarray(at + head, at + head + length) });
    at += head + length;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** Opens a connection; resolves when the handshake is answered, whatever the answer. */
export async function openWire(url: string, options: WireOptions = {}): Promise<Wire> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  socket.write(handshake(url, options));
  const { head, rest } = await readHead(socket);
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const status = Number(statusLine.split(" ")[1]);
  if (status === 101) return createWire(socket, headers, rest, options.pongs ?? true);
  const body = await readBody(socket, rest, Number(headers.get("content-length") ?? 0));
  return { ...createWire(socket, headers, Buffer.alloc(0), false), status, body };
}

/** The connection of somebody who was greeted: from then on it hears all that the person's room is told. */
export async function openLive(url: string, token: string): Promise<Wire> {
  const wire = await openWire(url, { token });
  await wire.take("connected");
  return wire;
}

function handshake(url: string, { token, protocols, headers = {}, path = "/ws", upgrade = true }: WireOptions): string {
  const all: Record<string, string> = {
    Host: new URL(url).host,
    ...(upgrade && {
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }),
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(protocols && { "Sec-WebSocket-Protocol": protocols.join(", ") }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

function readHead(socket: TcpSocket): Promise<{ head: string; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", read);
      resolve({ head: bytes.subarray(0, end).toString(), rest: bytes.subarray(end + 4) });
    };
    socket.on("data", read);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection ended before the handshake was answered")));
  });
}

function readBody(socket: TcpSocket, start: Buffer, length: number): Promise<string> {
  return new Promise((resolve) => {
    let bytes = start;
    const done = () => bytes.length >= length && resolve(bytes.toString());
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, Buffer.from(chunk)]);
      done();
    });
    socket.once("close", () => resolve(bytes.toString()));
    done();
  });
}

interface Waiter {
  readonly wanted: () => boolean;
  readonly reject: (error: Error) => void;
}

function createWire(socket: TcpSocket, headers: Wire["headers"], rest: Buffer, pongs: boolean): Wire {
  const frames: WireFrame[] = [];
  const taken = new Set<WireFrame>();
  const closed = Promise.withResolvers<Closed>();
  let waiters: Waiter[] = [];
  let unread = Buffer.alloc(0);
  let pings = 0;
  let pongsHeard = 0;
  let asked = 0;
  let over: Closed | undefined;

  const write = (bytes: Buffer) => void socket.write(bytes);
  const end = (code: number, reason: string) => {
    over ??= { code, reason };
    closed.resolve(over);
    waiters = waiters.filter(({ wanted }) => !wanted()); // what came in the same read as the end
    for (const { reject } of waiters.splice(0)) reject(new Error(`closed with ${over.code} ${over.reason}`));
  };
  const handle = ({ opcode, payload }: ServerFrame) => {
    if (opcode === opcodes.text) frames.push(JSON.parse(payload.toString()));
    else if (opcode === opcodes.pong) pongsHeard++;
    else if (opcode === opcodes.ping) {
      pings++;
      if (pongs) write(encodeClientFrame(opcodes.pong, payload));
    } else if (opcode === opcodes.close) {
      end(payload.length >= 2 ? payload.readUInt16BE(0) : 1005, payload.subarray(2).toString());
      socket.end();
    }
  };
  const read = (chunk: Buffer) => {
    const all = takeFrames(unread.length > 0 ? Buffer.concat([unread, chunk]) : chunk);
    unread = Buffer.from(all.rest);
    all.frames.forEach(handle);
    waiters = waiters.filter(({ wanted }) => !wanted());
  };
  socket.on("data", read);
  socket.on("error", () => end(1006, ""));
  socket.on("close", () => end(1006, ""));
  if (rest.length > 0) read(rest);

  /** Settles when `wanted` does something with the state and answers true. */
  const when = (wanted: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = () => {
        if (!wanted()) return false;
        resolve();
        return true;
      };
      if (done()) return;
      if (over) reject(new Error(`closed with ${over.code} ${over.reason}`));
      else waiters.push({ wanted: done, reject });
    });
  const take: Wire["take"] = async (wanted) => {
    const fits = typeof wanted === "string" ? (frame: WireFrame) => frame.event === wanted : wanted;
    let found: WireFrame | undefined;
    await when(() => {
      found = frames.find((frame) => !taken.has(frame) && fits(frame));
      if (found) taken.add(found);
      return found !== undefined;
    });
    if (!found) throw new Error("unreachable: it was found");
    return found;
  };
  const sendText = (text: string) => write(encodeClientFrame(opcodes.text, text));
  const send = (frame: object) => sendText(JSON.stringify(frame));
  const ask: Wire["ask"] = (event, data) => {
    const id = `ask ${++asked}`;
    send({ id, event, ...(data && { data }) });
    return take((frame) => frame.id === id);
  };

  return {
    status: 101,
    headers,
    body: "",
    frames,
    get pings() {
      return pings;
    },
    closed: closed.promise,
    send,
    sendText,
    sendBinary: (bytes) => write(encodeClientFrame(opcodes.binary, bytes)),
    sendRaw: (bytes) => write(Buffer.from(bytes)),
    sendPing: (payload = "") => write(encodeClientFrame(opcodes.ping, payload)),
    sendTogether: (all) =>
      write(Buffer.concat(all.map((frame) => encodeClientFrame(opcodes.text, JSON.stringify(frame))))),
    ask,
    take,
    async settled(from = 0) {
      const answer = await ask("ping");
      return frames.slice(from).filter((frame) => frame !== answer);
    },
    pinged: (count) => when(() => pings >= count),
    ponged: (count) => when(() => pongsHeard >= count),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: (code = 1000) => write(encodeClientFrame(opcodes.close, Buffer.from([code >> 8, code & 255]))),
    finish: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}
