/**
 * The sockets of this process, whatever protocol their clients speak: one heartbeat, one way in for frames, one set of
 * handlers, one end. A transport makes a `Socket`, gives it a line, and tells what comes in on it.
 */
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Log } from "../../core/log.ts";
import { type Meter, raise, record } from "../../core/meter.ts";
import type { Store } from "../../db/context.ts";
import { closeCodes } from "../../protocol/errors.ts";
import { createExpiry } from "../expiry.ts";
import type { Live } from "../live.ts";
import type { Presence } from "../presence.ts";
import type { Typing } from "../typing.ts";
import type { Authenticator } from "./authenticator.ts";
import { authenticateBy, createDeadlines } from "./deadlines.ts";
import { createFrameDoor } from "./frame-door.ts";
import type { FrameHandlers } from "./frame-handlers.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createIntake, type Intake } from "./intake.ts";
import { gaugeLane } from "./lane-gauge.ts";
import { createSessionFrames, endingOf, type SessionFrames } from "./session-frames.ts";
import type { Socket } from "./socket.ts";
import type { Connection, Line, TransportName } from "./transport.ts";

export interface SocketsDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly store: Store;
  readonly live: Live;
  readonly authenticator: Authenticator;
  readonly presence: Presence;
  readonly typing: Typing;
  /** The features' frames. */
  readonly handlers: FrameHandlers;
  /** The server's version, as `connected` tells it. */
  readonly version: string;
}

/** One that has authenticated. */
export interface OpenConnection {
  readonly connection: Connection;
  readonly transport: TransportName;
  /** Of the other end, null once it closed. */
  readonly address: string | null;
}

/** What those ask who are not a transport. */
export interface OpenSockets {
  /** Open sockets, also those that have not authenticated. */
  count(): number;
  /** Those that have authenticated. */
  connections(): Iterable<OpenConnection>;
  /** Open sockets by transport. */
  counts(): Record<TransportName, number>;
  /** Those that have heard `connected`. */
  all(): Iterable<Connection>;
  /** A sign-in ended: closes its connections. `sessionId` null: all of the person's. */
  sessionEnded(userId: string, sessionId: string | null): void;
  /** Takes nobody any more, lets what runs finish (two seconds at most) and closes everyone with 1012. */
  drain(): Promise<void>;
}

export interface Sockets extends OpenSockets {
  readonly intake: Intake;
  readonly session: SessionFrames;
  /** It is being drained: nobody is taken any more. */
  readonly draining: boolean;
  /** A socket has its line. One that is authenticated already is greeted. */
  opened(socket: Socket, line: Line): void;
  /** Its line is gone. */
  closed(socket: Socket, code: number): void;
  /** A byte came in: it lives. */
  heard(socket: Socket): void;
  /** It has the full time to authenticate again. */
  awaitAuthentication(socket: Socket): void;
}

/** Longer than it takes to look at a token. */
const endedMs = 60_000;
const drainMs = 2_000;
/** Closed in one go while draining; between two the loop turns. */
const drainBatch = 500;
/** The time over which the clients of a node that stops should spread their return: a second for each so many … */
const clientsASecond = 1_000;
/** … but at least and at most so long. */
const jitterMs = { min: 1_000, max: 20_000 } as const;

export function createSockets(deps: SocketsDeps): Sockets {
  const { config, clock, live, meter } = deps;
  const sockets = new Set<Socket>();
  let draining = false;

  const heartbeat = createHeartbeat<Socket>({
    clock,
    intervalSeconds: config.webSocketPingIntervalSeconds,
    timeoutSeconds: config.webSocketPingTimeoutSeconds,
    ping: (socket) => void socket.ws?.ping(),
    lost: (socket) => socket.close(closeCodes.slowConsumer, "nothing was heard from you: resume"),
    concerns: createDeadlines(clock),
  });
  const lane = gaugeLane(live.lane);
  const ended = createExpiry<string>(clock, endedMs, () => {});
  const session = createSessionFrames(
    { ...deps, database: deps.store.database, endedLately: ended.has },
    heartbeat.look,
  );
  const door = createFrameDoor({ ...deps, live: { ...live, lane }, socketHandlers: session.handlers });

  const opening = async (socket: Socket): Promise<string> => {
    try {
      await session.open(socket);
    } catch (error) {
      deps.log.warn({ err: error, session_id: socket.id }, "socket could not be opened");
      socket.ending = endingOf(error);
    }
    return "";
  };
  const tick = (): number => heartbeat.tick;
  const intake = createIntake({ config, clock, meter, relay: live.relay, lane, door, opening, tick });

  return {
    intake,
    session,
    get draining() {
      return draining;
    },

    opened(socket, line) {
      socket.ws = line;
      meter.socketsOpened++;
      sockets.add(socket);
      socket.authenticateBy = authenticateBy(heartbeat.tick);
      heartbeat.add(socket);
      intake.open(socket);
    },

    closed(socket, code) {
      // Nothing else tells an operator why: the client is told a number at most, and the frame is gone.
      if (code === closeCodes.tooLarge) {
        const fields = { session_id: socket.id, user_id: socket.identity?.actor.id, transport: transportOf(socket) };
        deps.log.debug(fields, "socket closed: it sent more at once than WEBSOCKET_MAX_PAYLOAD_BYTES");
      }
      raise(meter.socketsClosed, closeCodeName(code));
      record(meter.socketSeconds, openMs(socket) / 1000);
      socket.ws = undefined;
      sockets.delete(socket);
      heartbeat.remove(socket);
      intake.close(socket);
      if (socket.identity) live.hub.drop(socket);
    },

    heard(socket) {
      socket.heardAt = heartbeat.tick;
    },

    awaitAuthentication(socket) {
      socket.authenticateBy = authenticateBy(heartbeat.tick);
      heartbeat.look(socket);
    },

    count: () => sockets.size,

    *connections() {
      for (const socket of sockets) {
        const address = socket.ws?.remoteAddress ?? null;
        if (socket.identity) yield { connection: socket, transport: transportOf(socket), address };
      }
    },

    counts() {
      const counts = { websocket: 0, socketio: 0 };
      for (const socket of sockets) counts[transportOf(socket)]++;
      return counts;
    },

    *all() {
      for (const socket of sockets) if (socket.connected) yield socket;
    },

    sessionEnded(userId, sessionId) {
      if (sessionId !== null) ended.touch(sessionId);
      for (const connection of [...live.hub.connectionsOf(userId)]) {
        if (sessionId !== null && connection.actor.sessionId !== sessionId) continue;
        connection.close(closeCodes.revoked, "the sign-in ended");
      }
    },

    async drain() {
      draining = true;
      await within(clock, drainMs, intake.drain());
      const spreadMs = Math.min(jitterMs.max, Math.max(jitterMs.min, (sockets.size / clientsASecond) * 1_000));
      const reason = `restart jitter_ms=${Math.round(spreadMs)}`;
      const everyone = [...sockets];
      for (let i = 0; i < everyone.length; i += drainBatch) {
        for (const socket of everyone.slice(i, i + drainBatch)) socket.close(closeCodes.restart, reason);
        await new Promise((resolve) => setImmediate(resolve));
      }
      heartbeat.stop();
      ended.stop();
    },
  };
}

const transportOf = ({ ws }: Socket): TransportName => ws?.transport ?? "websocket";

/** A connection's id is a UUIDv7, whose first 48 bits are when it was made by the machine's clock: no field for that. */
const openMs = ({ id }: Socket): number =>
  Math.max(0, Date.now() - Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));

/** Ours and the protocol's (RFC 6455, 7.4.1); what a client may make up is one. */
const knownCodes: ReadonlySet<number> = new Set([1000, 1001, 1002, 1005, 1006, 1007, ...Object.values(closeCodes)]);
const closeCodeName = (code: number): string => (knownCodes.has(code) ? String(code) : "other");

async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  let cancel = (): void => {};
  await Promise.race([work, new Promise<void>((resolve) => (cancel = clock.setTimeout(resolve, ms)))]);
  cancel();
}
