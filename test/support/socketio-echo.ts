/**
 * The echo application that the protocol suites of Engine.IO 4 and Socket.IO 5 speak to, on the gateway of the house:
 * `/engine.io/` answers messages with themselves; `/socket.io/` has the namespaces `/` and `/custom`, tells each client its
 * `auth`, and answers `message` and `message-with-ack`. As a program it listens where the suites look for it, on port 3000.
 */
import type { Server, ServerWebSocket } from "bun";
import { PacketType } from "socket.io-parser";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { sayClose } from "../../src/http/headers.ts";
import { createEngine, type Engine, type EngineLink } from "../../src/realtime/transport/engine.ts";
import { packetTypes } from "../../src/realtime/transport/engine-packets.ts";
import type { EngineListener, EngineSession } from "../../src/realtime/transport/engine-session.ts";
import { type Beating, createHeartbeat, type Heartbeat, nowhere } from "../../src/realtime/transport/heartbeat.ts";
import { Namespaces } from "../../src/realtime/transport/socketio-namespaces.ts";

/** What the suites expect to be told. */
const pingIntervalMs = 300;
const pingTimeoutMs = 200;
const maxPayloadBytes = 1_000_000;
/** Enough for two frames to be read one by one. */
const apartMs = 20;
/** A session is over by the time both have passed, so it is closed a while before. */
const tickMs = 25;
const earlyTicks = 4;

class EchoSession implements EngineListener, Beating {
  heardAt = 0;
  pingAt = 0;
  wakeAt = nowhere;

  constructor(
    readonly session: EngineSession,
    private readonly heartbeat: Heartbeat<EchoSession>,
    intervalTicks: number,
  ) {
    heartbeat.add(this);
    this.pingAt = heartbeat.tick + intervalTicks; // first pings are spread over the interval; here nobody wants that
  }

  message(data: string | Buffer): void {
    this.session.send(typeof data === "string" ? packetTypes.message + data : data);
  }
  control(): void {
    this.heardAt = this.heartbeat.tick;
  }
  polled(): void {}
  allows(): boolean {
    return true;
  }
  closed(): void {
    this.heartbeat.remove(this);
  }
}

class EchoClient extends EchoSession {
  readonly #namespaces: Namespaces;

  constructor(session: EngineSession, heartbeat: Heartbeat<EchoSession>, intervalTicks: number) {
    super(session, heartbeat, intervalTicks);
    this.#namespaces = new Namespaces(session, new Set(["/", "/custom"]));
  }

  override message(message: string | Buffer): void {
    const said = this.#namespaces.read(message);
    if (!said) return;
    const nsp = said.namespace;
    const emit = (...data: unknown[]) => this.#namespaces.send({ type: PacketType.EVENT, nsp, data });
    if (said.kind === "connect") {
      this.#namespaces.accept(nsp, Bun.randomUUIDv7());
      // The suites listen for one frame after the other, and would not hear the second of a segment.
      setTimeout(emit, apartMs, "auth", said.auth ?? {});
    } else if (said.kind === "event") {
      const [name, ...data] = said.args;
      if (name === "message") emit("message-back", ...data);
      if (name === "message-with-ack" && said.id !== undefined)
        this.#namespaces.send({ type: PacketType.ACK, nsp, id: said.id, data });
    }
  }
}

export interface Echo {
  readonly url: string;
  stop(): Promise<void>;
}

export interface EchoOptions {
  /** 0, the default, takes any. */
  readonly port?: number;
  /** Between two pings; default: what the suites expect. */
  readonly intervalMs?: number;
  /** Seconds after which the listener ends a silent connection; default: Bun's. */
  readonly idleTimeout?: number;
  /** Whose time pings and their ends are told by; default: the machine's. */
  readonly clock?: Clock;
}

export function startEcho(options: EchoOptions = {}): Echo {
  const { port = 0, intervalMs = pingIntervalMs, idleTimeout, clock = systemClock } = options;
  const intervalTicks = intervalMs / tickMs;
  const heartbeat = createHeartbeat<EchoSession>({
    clock,
    tickMs,
    intervalSeconds: intervalTicks,
    timeoutSeconds: (intervalMs + pingTimeoutMs) / tickMs - earlyTicks,
    ping: ({ session }) => void session.send(packetTypes.ping),
    lost: ({ session }) => session.close(4408, "nothing was heard"),
    concerns: () => Number.POSITIVE_INFINITY,
  });
  const create = (listen: (session: EngineSession) => EngineListener): Engine =>
    createEngine({
      clock,
      pingIntervalMs: intervalMs,
      pingTimeoutMs,
      maxPayloadBytes,
      bufferBytes: maxPayloadBytes,
      draining: () => false,
      greet: () => listen,
      slow: (session) => session.close(4408, "too slow"),
    });
  const engines: Readonly<Record<string, Engine>> = {
    "/engine.io/": create((session) => new EchoSession(session, heartbeat, intervalTicks)),
    "/socket.io/": create((session) => new EchoClient(session, heartbeat, intervalTicks)),
  };
  // What is said on a WebSocket is its session's affair: one engine serves the links of both.
  const [any] = Object.values(engines);
  const server: Server<EngineLink> = Bun.serve<EngineLink>({
    hostname: "127.0.0.1",
    port,
    ...(idleTimeout !== undefined && { idleTimeout }),
    async fetch(request, self) {
      const engine = engines[new URL(request.url).pathname];
      if (!engine) return new Response(null, { status: 404 });
      const answer = await engine.answer(request, self);
      return answer && sayClose(answer, request);
    },
    websocket: {
      maxPayloadLength: maxPayloadBytes,
      open: (ws: ServerWebSocket<EngineLink>) => any?.open(ws.data, ws),
      message: (ws, message) => any?.message(ws.data, message),
      close: (ws, code) => any?.close(ws.data, code),
    },
  });
  return {
    url: server.url.origin,
    async stop() {
      heartbeat.stop();
      await server.stop(true);
    },
  };
}

if (import.meta.main) startEcho({ port: 3000 });
