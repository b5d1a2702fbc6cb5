/** The native socket, `GET /ws` (S1–S11), on Bun's own WebSocket server and its topics. Here Bun's callbacks land. */
import type { Config } from "../../core/config.ts";
import { AppError, closeCodes } from "../../protocol/errors.ts";
import type { Authenticator } from "./authenticator.ts";
import { asksForSocket, readHandshake, upgradeRequired } from "./handshake.ts";
import { Socket } from "./socket.ts";
import type { Sockets } from "./sockets.ts";
import type { Line, Publisher } from "./transport.ts";

export interface WebSocketDeps {
  readonly config: Config;
  readonly sockets: Sockets;
  readonly authenticator: Authenticator;
  /** May this request act with its cookie? */
  readonly originAllowed: (request: Request) => boolean;
  /** Instead of this build's. */
  readonly protocolVersion?: number | undefined;
}

/** As much of the listener as is used. */
export interface SocketServer {
  upgrade(request: Request, options: { data: Socket; headers: Record<string, string> }): boolean;
  publish(topic: string, frame: string): number;
}

/** What a transport does with the WebSockets whose `data` is its own, whatever else the listener serves. */
export interface WebSocketEvents<Data, Ws> {
  open(data: Data, ws: Ws): void;
  message(data: Data, message: string | Buffer): void;
  /** A WebSocket ping or pong. */
  control(data: Data): void;
  close(data: Data, code: number): void;
}

export interface WebSocketTransport extends WebSocketEvents<Socket, Line>, Publisher {
  /**
   * Makes a socket of the request (and answers nothing), or answers that it is none. Throws AppError:
   * `unauthenticated`, `forbidden`, `invalid`, `unavailable`, `not_found` where sockets are switched off.
   */
  upgrade(request: Request, server: SocketServer): Promise<Response | undefined>;
}

export function createWebSocketTransport(deps: WebSocketDeps): WebSocketTransport {
  const { config, sockets } = deps;
  const { intake } = sockets;
  let publish = (_room: string, _frame: string): void => {};

  return {
    async upgrade(request, server) {
      if (!config.webSocketEnabled) throw new AppError("not_found", "sockets are switched off on this server");
      if (!asksForSocket(request)) return upgradeRequired(request);
      const { identity, refused, protocol, headers } = await readHandshake(request, deps);
      if (sockets.draining) throw new AppError("unavailable", "the server is stopping", { retryAfter: 1 });
      publish = (room, frame) => void server.publish(room, frame);
      if (server.upgrade(request, { data: new Socket(identity, refused, protocol), headers })) return undefined;
      throw new AppError("invalid", "this is not a WebSocket handshake of version 13");
    },

    open(socket, ws) {
      sockets.opened(socket, ws);
      if (socket.refused) socket.close(socket.refused.code, socket.refused.reason);
    },
    message(socket, message) {
      if (typeof message === "string") intake.text(socket, message);
      else socket.close(closeCodes.badProtocol, "frames are text");
    },
    control: (socket) => intake.control(socket),
    close: (socket, code) => sockets.closed(socket, code),
    publish: (room, frame) => publish(room, frame),
  };
}
