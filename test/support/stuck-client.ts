/**
 * A socket that takes in very little: plain blocking TCP with a small receive buffer, which Bun's own sockets cannot
 * have (the system's buffers would swallow megabytes before the server notices anything). Linux only.
 */
import { dlopen, FFIType } from "bun:ffi";
import { encodeClientFrame } from "./wire.ts";

const { int, ptr, u64, i64 } = FFIType;
const load = () =>
  dlopen("libc.so.6", {
    socket: { args: [int, int, int], returns: int },
    setsockopt: { args: [int, int, int, ptr, int], returns: int },
    connect: { args: [int, ptr, int], returns: int },
    send: { args: [int, ptr, u64, int], returns: i64 },
    recv: { args: [int, ptr, u64, int], returns: i64 },
    close: { args: [int], returns: int },
  }).symbols;
let loaded: ReturnType<typeof load> | undefined;

const [AF_INET, SOCK_STREAM, SOL_SOCKET, SO_RCVBUF, SO_RCVTIMEO] = [2, 1, 1, 8, 20] as const;
const readTimeoutSeconds = 10;

export interface StuckClient {
  /** Sends a frame; nothing is read. */
  send(frame: object): void;
  /** Reads until `text` has come. */
  readUntil(text: string): void;
  /** Reads what there is until the connection has ended; answers the bytes. Throws where it does not end. */
  drain(): number;
  close(): void;
}

/** Opens `/ws` of a server on 127.0.0.1 with a token. */
export function openStuckClient(url: string, token: string, receiveBytes = 4096): StuckClient {
  loaded ??= load();
  const libc = loaded;
  const must = (result: number | bigint, what: string) => {
    if (result < 0) throw new Error(`${what} failed`);
    return Number(result);
  };
  const fd = must(libc.socket(AF_INET, SOCK_STREAM, 0), "socket");
  must(libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Int32Array([receiveBytes]), 4), "setsockopt");
  must(
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, new BigInt64Array([BigInt(readTimeoutSeconds), 0n]), 16),
    "setsockopt",
  );
  const { port, host } = new URL(url);
  const address = new Uint8Array([
    AF_INET,
    0,
    Number(port) >> 8,
    Number(port) & 255,
    127,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  must(libc.connect(fd, address, address.length), "connect");
  const buffer = new Uint8Array(65_536);
  const write = (bytes: Uint8Array) => must(libc.send(fd, bytes, bytes.length, 0), "send");
  const read = (): number => Number(libc.recv(fd, buffer, buffer.length, 0));
  const readUntil = (text: string): void => {
    for (let seen = ""; !seen.includes(text); ) {
      const count = read();
      if (count <= 0) throw new Error(`the connection ended before ${text}`);
      seen += new TextDecoder().decode(buffer.subarray(0, count));
    }
  };
  const head = [
    "GET /ws HTTP/1.1",
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Authorization: Bearer ${token}`,
  ];
  write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
  readUntil('"connected"');
  return {
    send: (frame) => void write(encodeClientFrame(1, JSON.stringify(frame))),
    readUntil,
    drain() {
      const startedAt = performance.now();
      must(libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Int32Array([1_000_000]), 4), "setsockopt");
      for (let bytes = 0; ; ) {
        const count = read();
        if (count > 0) bytes += count;
        else if (performance.now() - startedAt > readTimeoutSeconds * 900) throw new Error("it was not closed");
        else return bytes;
      }
    },
    close: () => void libc.close(fd),
  };
}
