/** One WebSocket, in the few words the client needs. Works with the browser's, Bun's, Node's and the one of `ws`. */

export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

export interface OpenSocket {
  send(text: string): void;
  /** Nothing is heard of it after this, whatever the other side still does. */
  close(): void;
}

export interface SocketListeners {
  readonly message: (text: string) => void;
  /** Once, with the close code; 1006 where the socket could not be opened or broke. Never inside the constructor. */
  readonly closed: (code: number, reason: string) => void;
}

/** Those of the version it speaks and of the one before, once there is one: its server may be a release behind. */
export const subprotocols: readonly string[] = ["taskwire.v1"];
const normalClosure = 1000;
const brokenCode = 1006;

/** Opens a socket; a token travels as a subprotocol, the one header a page can set (S1). */
export function openSocket(
  WebSocket: SocketConstructor,
  url: string,
  token: string | undefined,
  listeners: SocketListeners,
): OpenSocket {
  let open = true;
  const closed = (code: number, reason: string): void => {
    if (!open) return;
    open = false;
    listeners.closed(code, reason);
  };
  let socket: SocketLike;
  try {
    socket = new WebSocket(url, token === undefined ? [...subprotocols] : [...subprotocols, `bearer.${token}`]);
  } catch {
    queueMicrotask(() => closed(brokenCode, ""));
    return {
      send() {},
      close() {
        open = false;
      },
    };
  }
  socket.addEventListener("message", ({ data }) => {
    if (open && typeof data === "string") listeners.message(data);
  });
  socket.addEventListener("close", ({ code, reason }) => closed(code, reason));
  // A close event follows every error, but without a listener some runtimes call the error uncaught.
  socket.addEventListener("error", () => {});
  return {
    send: (text) => socket.send(text),
    close() {
      open = false;
      socket.close(normalClosure);
    },
  };
}
