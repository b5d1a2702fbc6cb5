/** What becomes due on a socket without a frame: the time to authenticate (S1), the end of its token (S10). */
import type { Clock } from "../../core/clock.ts";
import { closeCodes } from "../../protocol/errors.ts";
import { encodeEphemeral } from "../log.ts";
import type { Socket } from "./socket.ts";

/** How long a client may stay silent before it authenticates. */
const authenticateSeconds = 10;
/** `token_expiring` comes so long before the end. */
const warnMs = 60_000;

/** The tick at which a socket opened at `tick` is closed unless it has authenticated; that tick had partly passed. */
export const authenticateBy = (tick: number): number => tick + authenticateSeconds + 1;

/** Looks at a socket, takes back what it does not need now, and answers the tick of its next concern, Infinity where there is none. May close it. */
export function createDeadlines(clock: Clock): (socket: Socket, tick: number) => number {
  return (socket, tick) => {
    // Whoever said something once and listens since is idle, too.
    if (socket.queue?.length === 0) socket.queue = undefined;
    const { identity } = socket;
    if (!identity) {
      if (tick >= socket.authenticateBy) socket.close(closeCodes.unauthenticated, "authenticate within 10 s");
      return socket.authenticateBy;
    }
    if (identity.expiresAtMs === null) return Number.POSITIVE_INFINITY;
    const leftMs = identity.expiresAtMs - clock.now();
    if (leftMs <= 0) {
      socket.close(closeCodes.unauthenticated, "the token expired");
      return Number.POSITIVE_INFINITY;
    }
    if (leftMs > warnMs) return tick + Math.ceil((leftMs - warnMs) / 1000);
    if (!socket.warned && socket.connected) warn(socket, clock.now(), identity.expiresAtMs);
    return tick + Math.ceil(leftMs / 1000);
  };
}

function warn(socket: Socket, nowMs: number, expiresAtMs: number): void {
  socket.warned = true;
  const data = { expires_at: new Date(expiresAtMs).toISOString() };
  socket.send(encodeEphemeral("token_expiring", new Date(nowMs).toISOString(), JSON.stringify(data)));
}
