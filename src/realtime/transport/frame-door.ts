/** Runs a client's frame: checks its data, calls its handler, makes the text of the answer. */
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { type Meter, raise, recordSeconds } from "../../core/meter.ts";
import { jsonText } from "../../core/raw-json.ts";
import type { Store } from "../../db/context.ts";
import { asAppError } from "../../db/errors.ts";
import { AppError, closeCodes, parse } from "../../protocol/errors.ts";
import { type ClientFrameName, clientFrames, type FrameData } from "../../protocol/frames.ts";
import type { Live } from "../live.ts";
import { encodeEphemeral } from "../log.ts";
import type { FrameHandlers } from "./frame-handlers.ts";
import { requireFrameRights } from "./frame-rights.ts";
import { answerText, failureText, type SocketFrame } from "./frame-text.ts";
import type { SocketHandlers } from "./session-frames.ts";
import type { Socket } from "./socket.ts";

export interface FrameDoorDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly store: Store;
  readonly live: Live;
  /** The features' frames. */
  readonly handlers: FrameHandlers;
  readonly socketHandlers: SocketHandlers;
}

/** Answers the text to send, "" for nothing; never throws or rejects. */
export type FrameDoor = (socket: Socket, frame: SocketFrame) => string | Promise<string>;

/** One event's way in: unchecked data → the answer's data. Throws. */
type Door = (socket: Socket, data: unknown, requestId: string) => unknown;

export function createFrameDoor(deps: FrameDoorDeps): FrameDoor {
  const { clock, log, meter } = deps;
  const doors = openDoors(deps);
  const nowText = (): string => new Date(clock.now()).toISOString();

  const done = ({ event }: SocketFrame, startedAtMs: number): void =>
    recordSeconds(meter.frameSeconds, doors.has(event) ? event : "unknown", (performance.now() - startedAtMs) / 1000);

  const succeeded = (frame: SocketFrame, answer: unknown, startedAtMs: number): string => {
    done(frame, startedAtMs);
    if (frame.id !== undefined) return answerText(frame.id, jsonText(answer));
    return frame.event === "ping" ? encodeEphemeral("pong", nowText(), jsonText(answer)) : "";
  };

  const failed = (frame: SocketFrame, thrown: unknown, requestId: string, startedAtMs: number): string => {
    done(frame, startedAtMs);
    const error = asAppError(thrown);
    raise(meter.frameErrors, error instanceof AppError ? error.code : "internal");
    if (error instanceof AppError) return failureText(frame.id, error, nowText());
    log.error({ err: thrown, request_id: requestId, event: frame.event }, "frame failed");
    const message = `something went wrong here; ${requestId} finds it in the log`;
    return failureText(frame.id, new AppError("internal", message), nowText());
  };

  return (socket, frame) => {
    const startedAtMs = performance.now();
    const requestId = `${socket.id}.${++socket.frames}`;
    try {
      const door = admit(doors, socket, frame, clock.now());
      const answer = door(socket, frame.data, requestId);
      if (!(answer instanceof Promise)) return succeeded(frame, answer, startedAtMs);
      return answer.then(
        (value) => succeeded(frame, value, startedAtMs),
        (error) => failed(frame, error, requestId, startedAtMs),
      );
    } catch (error) {
      return failed(frame, error, requestId, startedAtMs);
    }
  };
}

/** The door of a frame that may be run now; throws what it is refused with. */
function admit(doors: ReadonlyMap<string, Door>, socket: Socket, frame: SocketFrame, nowMs: number): Door {
  if (frame.refused) throw frame.refused;
  const door = doors.get(frame.event);
  if (frame.event !== "authenticate") {
    const { identity } = socket;
    if (!identity) throw new AppError("unauthenticated", "send `authenticate` first");
    // The heartbeat closes it within a second; until then nothing more is done in this person's name.
    if (identity.expiresAtMs !== null && identity.expiresAtMs <= nowMs) {
      socket.ending = { code: closeCodes.unauthenticated, reason: "the token expired" };
      throw new AppError("unauthenticated", "the token expired");
    }
  }
  if (door) return door;
  const errors = [{ path: "event", message: "is not an event a client may send" }];
  throw new AppError("invalid", "unknown event", { errors });
}

function openDoors({ store, live, handlers, socketHandlers }: FrameDoorDeps): ReadonlyMap<string, Door> {
  const doors = new Map<string, Door>();
  const open = <Name extends ClientFrameName>(name: Name): void => {
    const own = socketHandlers[name];
    const handler = handlers[name];
    // Parsed by the schema of this very name; the compiler does not follow a table's index so far.
    const read = (data: unknown) => parse(clientFrames[name].data, data ?? {}) as FrameData<Name>;
    const run = (socket: Socket, input: FrameData<Name>, requestId: string): unknown => {
      if (own) return own(socket, input);
      return handler?.({ ctx: { store, live, actor: socket.actor, requestId }, connection: socket }, input);
    };
    if (!own && !handler) return;
    doors.set(name, (socket, data, requestId) => {
      const input = read(data);
      const actor = socket.identity?.actor;
      const looking = actor && requireFrameRights({ store, live }, actor, name, input);
      return looking ? looking.then(() => run(socket, input, requestId)) : run(socket, input, requestId);
    });
  };
  for (const name of Object.keys(clientFrames) as ClientFrameName[]) open(name); // the table is closed: `as const`
  return doors;
}
