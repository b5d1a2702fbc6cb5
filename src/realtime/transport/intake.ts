/** Frames as they come in: counted, read, put in their connection's queue; the queue runs and answers them. */
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Meter } from "../../core/meter.ts";
import { AppError, closeCodes } from "../../protocol/errors.ts";
import type { Relay } from "../relay.ts";
import type { FrameDoor } from "./frame-door.ts";
import { createFrameLimit, flooding } from "./frame-limit.ts";
import { FrameQueue, type FrameRunner } from "./frame-queue.ts";
import { openingOf, readFrame, refusedFrame, type SocketFrame } from "./frame-text.ts";
import type { GaugedLane } from "./lane-gauge.ts";
import type { Socket } from "./socket.ts";

export interface Intake {
  /** A text frame came in. */
  text(socket: Socket, text: string): void;
  /** Something of `size` characters or bytes came in; `read` answers the frame in it, if it is one. */
  take(socket: Socket, size: number, read: () => SocketFrame | undefined): void;
  /** A ping or pong came in. */
  control(socket: Socket): void;
  /** Before anything else of the socket is run: registers it and says `connected`. */
  open(socket: Socket): void;
  /** The socket is gone, with what it waited for. */
  close(socket: Socket): void;
  /** From now on what comes in is left unanswered; settles when all that came before is answered. */
  drain(): Promise<void>;
}

export interface IntakeDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly relay: Relay;
  readonly lane: GaugedLane;
  readonly door: FrameDoor;
  /** Never rejects; what fails closes the socket. */
  readonly opening: (socket: Socket) => Promise<string>;
  /** The heartbeat's present tick. */
  readonly tick: () => number;
}

/** Frames of one connection that may wait for their answers; beyond it they are refused, and beyond twice it closed. */
const framesMax = 256;

export function createIntake(deps: IntakeDeps): Intake {
  const { config, clock, relay, lane } = deps;
  const limit = createFrameLimit(config);
  /** Frames of all sockets that are not answered yet. */
  let pending = 0;
  let drained: (() => void) | undefined;

  const settled = (frames: number): void => {
    pending -= frames;
    if (pending === 0) drained?.();
  };

  const runner: FrameRunner<Socket, SocketFrame> = {
    run: (socket, frame) => (frame.opening ? frame.opening(frame.refused) : deps.door(socket, frame)),
    send(socket, text) {
      deps.meter.framesAnswered++;
      socket.send(text);
    },
    sendLater(socket, text) {
      deps.meter.framesAnswered++;
      socket.sendLater(text);
    },
    answered(socket) {
      if (socket.ending) socket.close(socket.ending.code, socket.ending.reason);
      else socket.goLive(relay);
      settled(1);
    },
  };

  /** Counts one frame of any kind; answers 0, the milliseconds to wait, or `flooding` after it closed the socket. */
  const meter = (socket: Socket): number => {
    socket.heardAt = deps.tick();
    const waitMs = limit.take(socket, clock.now());
    if (waitMs === flooding) socket.close(closeCodes.flooding, "too many frames: back off");
    return waitMs;
  };

  const refusal = (queue: FrameQueue<Socket, SocketFrame>, size: number, waitMs: number): AppError | undefined => {
    // Tenths of a second, rounded up.
    if (waitMs > 0)
      return new AppError("rate_limited", "too many frames", { retryAfter: Math.ceil(waitMs / 100) / 10 });
    if (queue.length < framesMax && queue.size + size <= config.webSocketBufferBytes) return undefined;
    return new AppError("rate_limited", "too many frames wait for their answers", { retryAfter: 1 });
  };

  const queueOf = (socket: Socket): FrameQueue<Socket, SocketFrame> => {
    socket.queue ??= new FrameQueue(socket, runner, lane);
    return socket.queue;
  };

  const push = (socket: Socket, frame: SocketFrame): void => {
    pending++;
    queueOf(socket).push(frame);
  };

  const take: Intake["take"] = (socket, size, read) => {
    deps.meter.framesReceived++;
    const waitMs = meter(socket);
    if (waitMs === flooding || drained) return;
    const queue = queueOf(socket);
    if (queue.length >= 2 * framesMax) return socket.close(closeCodes.flooding, "too many frames: back off");
    const frame = read();
    if (!frame) return;
    const refused = refusal(queue, size, waitMs);
    push(socket, refused ? refusedFrame(frame.id, refused, frame.opening) : frame);
  };

  return {
    text: (socket, text) => take(socket, text.length, () => readFrame(text)),
    take,
    control: (socket) => void meter(socket),
    open(socket) {
      limit.fill(socket, clock.now());
      if (socket.identity)
        push(
          socket,
          openingOf(() => deps.opening(socket)),
        );
    },
    close({ queue }) {
      if (!queue) return;
      const lost = queue.length;
      queue.close();
      settled(lost);
    },
    drain: () =>
      new Promise((resolve) => {
        drained = resolve;
        settled(0);
      }),
  };
}
