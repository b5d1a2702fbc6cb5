/**
 * Socket.IO at `/socket.io/` (I1–I3). A client of it is a `Socket` like any other, whose line spells native frames as
 * packets: the same frames, rights, limits and rooms.
 */
import { clientAddressHeader } from "../../core/client-address.ts";
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Log } from "../../core/log.ts";
import { asAppError } from "../../db/errors.ts";
import { AppError, closeCodes } from "../../protocol/errors.ts";
import type { RoomName } from "../../protocol/rooms.ts";
import type { Hub } from "../hub.ts";
import { encodeEphemeral } from "../log.ts";
import type { Authenticator } from "./authenticator.ts";
import { createEngine, type Engine, type EngineServer } from "./engine.ts";
import { packetTypes } from "./engine-packets.ts";
import type { EngineListener, EngineSession } from "./engine-session.ts";
import { openingOf, type SocketFrame } from "./frame-text.ts";
import { Socket } from "./socket.ts";
import { identify, readProofs, type SocketIoProofs } from "./socketio-handshake.ts";
import { Namespaces } from "./socketio-namespaces.ts";
import { connectErrorOf, readEvent, spell } from "./socketio-packets.ts";
import type { Sockets } from "./sockets.ts";
import type { Line, Publisher } from "./transport.ts";

export interface SocketIoDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly hub: Hub;
  readonly sockets: Sockets;
  readonly authenticator: Authenticator;
  /** May this request act with its cookie? */
  readonly originAllowed: (request: Request) => boolean;
}

export interface SocketIoTransport extends Pick<Engine, "open" | "message" | "control" | "close">, Publisher {
  /**
   * Answers a request at `/socket.io/`; undefined where it became a WebSocket. Throws `not_found` where sockets are switched
   * off.
   */
  answer(request: Request, server: EngineServer): Promise<Response | undefined>;
}

export const socketIoPath = "/socket.io/";

const mainNamespace = "/";
const namespaces: ReadonlySet<string> = new Set([mainNamespace]);
/** Closing for these, a client is told by the event `error`: polling has no close codes. */
const toldCodes: ReadonlyMap<number, "unauthenticated" | "rate_limited"> = new Map([
  [closeCodes.unauthenticated, "unauthenticated"],
  [closeCodes.flooding, "rate_limited"],
]);

const topicOf = (room: RoomName): string => `sio:${room}`;

export function createSocketIoTransport(deps: SocketIoDeps): SocketIoTransport {
  const { config, clock, sockets } = deps;
  const intervalMs = config.webSocketPingIntervalSeconds * 1_000;
  const engine = createEngine({
    clock,
    pingIntervalMs: intervalMs,
    // Of an answer to the ping: silence ends a connection as early and as late as a native one.
    pingTimeoutMs: config.webSocketPingTimeoutSeconds * 1_000 - intervalMs,
    maxPayloadBytes: config.webSocketMaxPayloadBytes,
    bufferBytes: config.webSocketBufferBytes,
    draining: () => sockets.draining,
    greet(request) {
      const proofs = readProofs(request, deps.originAllowed);
      const address = request.headers.get(clientAddressHeader) ?? "";
      return (session) => new SocketIoLine(session, proofs, address, deps);
    },
    slow: (session) => session.close(closeCodes.slowConsumer, "too slow: resume", { mayReturn: true }),
  });
  return {
    ...engine,
    async answer(request, server) {
      if (!config.webSocketEnabled) throw new AppError("not_found", "sockets are switched off on this server");
      return engine.answer(request, server);
    },
    publish(room, frame) {
      const topic = topicOf(room);
      if (engine.hears(topic)) engine.publish(topic, spell(frame));
    },
  };
}

/** Between a session of Engine.IO and the socket of the house. */
class SocketIoLine implements Line, EngineListener {
  /** Whose line it is; another one once the client has left the namespace and may enter it again. */
  data = new Socket(undefined, undefined);
  readonly transport = "socketio";
  readonly #namespaces: Namespaces;

  constructor(
    private readonly session: EngineSession,
    private readonly proofs: SocketIoProofs,
    readonly remoteAddress: string,
    private readonly house: SocketIoDeps,
  ) {
    this.#namespaces = new Namespaces(session, namespaces);
    house.sockets.opened(this.data, this);
  }

  sendText(frame: string): number {
    return this.session.send(spell(frame));
  }
  cork(write: (line: Line) => void): void {
    this.session.cork(() => write(this));
  }
  subscribe(room: RoomName): void {
    this.session.subscribe(topicOf(room));
  }
  unsubscribe(room: RoomName): void {
    this.session.unsubscribe(topicOf(room));
  }
  ping(): void {
    if (this.session.send(packetTypes.ping) === 0) this.close(closeCodes.slowConsumer, "too slow: resume");
  }

  close(code: number, reason: string): void {
    const told = toldCodes.get(code);
    if (code === closeCodes.revoked) this.#namespaces.dismiss(mainNamespace);
    else if (told && this.data.connected) {
      const at = new Date(this.house.clock.now()).toISOString();
      this.sendText(encodeEphemeral("error", at, JSON.stringify({ code: told, message: reason })));
    }
    this.session.close(code, reason, {
      lastWords: code !== closeCodes.slowConsumer,
      mayReturn: code !== closeCodes.revoked,
    });
  }

  message(data: string | Buffer): void {
    this.house.sockets.intake.take(this.data, data.length, () => this.#read(data));
  }
  control(): void {
    this.house.sockets.intake.control(this.data);
  }
  polled(): void {
    this.house.sockets.heard(this.data);
  }
  allows(request: Request): boolean {
    return this.proofs.cookie === null || this.house.originAllowed(request);
  }
  closed(code: number): void {
    this.house.sockets.closed(this.data, code);
  }

  #read(data: string | Buffer): SocketFrame | undefined {
    const said = this.#namespaces.read(data);
    if (!said) return undefined;
    if (said.kind === "event") return readEvent(said.args, said.id, data.length);
    if (said.kind === "connect") return openingOf((refused) => this.#connect(said.auth, refused));
    this.#leave();
    return undefined;
  }

  async #connect(auth: unknown, refused: AppError | undefined): Promise<string> {
    const { data: socket } = this;
    try {
      if (refused) throw refused;
      socket.identity = await identify(this.proofs, auth, this.house.authenticator, this.remoteAddress);
      if (socket.isOpen()) {
        // It may have left while its room was opened.
        const accept = () => socket.isOpen() && this.#namespaces.accept(mainNamespace, socket.id);
        await this.house.sockets.session.open(socket, accept);
      }
    } catch (error) {
      this.#refuse(socket, error);
    }
    return "";
  }

  #refuse(socket: Socket, thrown: unknown): void {
    if (socket.identity) this.house.hub.drop(socket);
    socket.identity = undefined;
    if (!socket.isOpen()) return;
    this.#namespaces.refuse(mainNamespace, connectErrorOf(this.#refusalOf(thrown)));
    this.house.sockets.awaitAuthentication(socket);
  }

  #refusalOf(thrown: unknown): AppError {
    const error = asAppError(thrown);
    if (!(error instanceof AppError)) {
      this.house.log.warn({ err: thrown, session_id: this.data.id }, "socket could not be opened");
      return new AppError("unavailable", "not available now: come back", { retryAfter: 1 });
    }
    return error.code === "not_found" ? new AppError("unauthenticated", "the sign-in has ended") : error;
  }

  /**
   * The client left the namespace; its session is there still, and may enter again as somebody new, who hears nothing of
   * what this one heard and may say no more than what this one left of the limit.
   */
  #leave(): void {
    const { data: left } = this;
    // Before it counts as closed: then it has no line whose topics could be left.
    this.house.hub.drop(left);
    this.house.sockets.closed(left, 1000);
    this.data = new Socket(undefined, undefined);
    this.house.sockets.opened(this.data, this);
    this.data.meterAs(left);
  }
}
