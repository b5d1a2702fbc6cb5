/** Every transport on one listener: native sockets and Socket.IO, told apart by what a WebSocket's `data` is. */
import type { Server, WebSocketHandler } from "bun";
import { closeCodes } from "../../protocol/errors.ts";
import type { EngineLink } from "./engine.ts";
import { Socket } from "./socket.ts";
import { createSocketIoTransport, type SocketIoTransport } from "./socketio.ts";
import { createSockets, type OpenSockets, type SocketsDeps } from "./sockets.ts";
import type { Publisher } from "./transport.ts";
import { createWebSocketTransport, type WebSocketTransport } from "./websocket.ts";

/** Bun closes with 1009 whoever sends too large a frame, but tells us of a lost connection (1006) with this reason. */
const tooLargeReason = "Received too big message";
const lostCode = 1006;

export type SocketData = Socket | EngineLink;

export interface TransportsDeps extends SocketsDeps {
  /** May this request act with its cookie? */
  readonly originAllowed: (request: Request) => boolean;
  /** Instead of this build's. */
  readonly protocolVersion?: number | undefined;
}

export interface Transports extends OpenSockets {
  /** `GET /ws`. */
  readonly upgrade: WebSocketTransport["upgrade"];
  /** `/socket.io/`. */
  readonly socketIo: (request: Request, server: Server<SocketData>) => ReturnType<SocketIoTransport["answer"]>;
  /** For `Bun.serve({ websocket })`. */
  readonly handlers: WebSocketHandler<SocketData>;
  readonly publisher: Publisher;
}

export function createTransports(deps: TransportsDeps): Transports {
  const { config } = deps;
  const sockets = createSockets(deps);
  const native = createWebSocketTransport({ ...deps, sockets });
  const socketIo = createSocketIoTransport({ ...deps, hub: deps.live.hub, sockets });
  const control = (data: SocketData): void => (data instanceof Socket ? native.control(data) : socketIo.control(data));

  return {
    ...sockets,
    upgrade: native.upgrade,
    socketIo: (request, server) => socketIo.answer(request, server),
    publisher: {
      publish(room, frame) {
        native.publish(room, frame);
        socketIo.publish(room, frame);
      },
    },
    handlers: {
      perMessageDeflate: false,
      maxPayloadLength: config.webSocketMaxPayloadBytes,
      backpressureLimit: config.webSocketBufferBytes,
      closeOnBackpressureLimit: true, // without it what does not fit is dropped silently
      idleTimeout: 0, // outgoing frames reset it, so it does not find dead peers in busy rooms; the heartbeat does
      sendPings: false,
      open(ws) {
        if (ws.data instanceof Socket) native.open(ws.data, ws);
        else socketIo.open(ws.data, ws);
      },
      message(ws, message) {
        if (ws.data instanceof Socket) native.message(ws.data, message);
        else socketIo.message(ws.data, message);
      },
      ping: (ws) => control(ws.data),
      pong: (ws) => control(ws.data),
      close(ws, code, reason) {
        const why = code === lostCode && reason === tooLargeReason ? closeCodes.tooLarge : code;
        if (ws.data instanceof Socket) native.close(ws.data, why);
        else socketIo.close(ws.data, why);
      },
    },
  };
}
