/**
 * One timer for all connections (S7): a wheel of seconds in which every connection stands at the second of its next
 * concern. Time is counted in ticks, not read from a clock, so that a wall clock set anew loses nobody.
 */
import type { CancelTimer, Clock } from "../../core/clock.ts";

/** What the wheel keeps in a connection; all in ticks. */
export interface Beating {
  heardAt: number;
  pingAt: number;
  /** Its place in the wheel. */
  wakeAt: number;
}

export interface Heartbeat<Socket extends Beating> {
  /** Seconds since the start. Store it as `heardAt` whenever a byte came in. */
  readonly tick: number;
  add(socket: Socket): void;
  remove(socket: Socket): void;
  /** Its concerns changed: look at it now. */
  look(socket: Socket): void;
  stop(): void;
}

export interface HeartbeatOptions<Socket> {
  readonly clock: Clock;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** The length of what is called a second here. */
  readonly tickMs?: number;
  readonly ping: (socket: Socket) => void;
  /** Nothing was heard for the whole timeout; must remove the socket. */
  readonly lost: (socket: Socket) => void;
  /** Whatever else is due; answers the tick of its next concern (Infinity: none). May remove the socket. */
  readonly concerns: (socket: Socket, tick: number) => number;
}

const secondMs = 1_000;
/** Concerns further away than the wheel is round are looked at once too often, which does no harm. */
const slots = 128;
/** Of one that was removed. */
export const nowhere = -1;

export function createHeartbeat<Socket extends Beating>(options: HeartbeatOptions<Socket>): Heartbeat<Socket> {
  const { clock, intervalSeconds, timeoutSeconds, tickMs = secondMs } = options;
  const wheel = Array.from({ length: slots }, () => new Set<Socket>());
  let tick = 0;
  let added = 0;

  const slotOf = (at: number): Set<Socket> | undefined => wheel[at % slots];

  const take = (socket: Socket): boolean => {
    const stood = socket.wakeAt !== nowhere && slotOf(socket.wakeAt)?.delete(socket) === true;
    socket.wakeAt = nowhere;
    return stood;
  };

  const place = (socket: Socket, at: number): void => {
    socket.wakeAt = Math.min(Math.max(at, tick + 1), tick + slots - 1);
    slotOf(socket.wakeAt)?.add(socket);
  };

  /** Takes the socket's place as a sign of life: whoever has none has been removed. */
  const look = (socket: Socket): void => {
    if (!take(socket)) return;
    place(socket, tick + 1);
    // The tick in which it was heard had partly passed: one more, so that nobody is closed early.
    const lostAt = socket.heardAt + timeoutSeconds + 1;
    if (tick >= lostAt) {
      options.lost(socket);
      return;
    }
    if (tick >= socket.pingAt) {
      socket.pingAt = tick + intervalSeconds;
      options.ping(socket);
    }
    const next = options.concerns(socket, tick);
    if (take(socket)) place(socket, Math.min(socket.pingAt, socket.heardAt + timeoutSeconds + 1, next));
  };

  const cancel: CancelTimer = clock.setInterval(() => {
    tick++;
    for (const socket of [...(slotOf(tick) ?? [])]) look(socket);
  }, tickMs);

  return {
    get tick() {
      return tick;
    },
    add(socket) {
      socket.heardAt = tick;
      // Spread over the interval: those who came back together after a restart are not all pinged in one tick.
      socket.pingAt = tick + intervalSeconds - (added++ % intervalSeconds);
      place(socket, tick + 1);
      look(socket);
    },
    remove: (socket) => void take(socket),
    look,
    stop: cancel,
  };
}
