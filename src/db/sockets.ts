/**
 * The sockets of one pool, made for postgres.js: they can be cut off at once, and one whose server owes an answer for
 * too long is dropped, which rejects what was asked over it. Without that a session that was stopped, or a path that
 * swallows packets, would hold up its callers until TCP gives up.
 */
import { Socket } from "node:net";
import type { Address } from "./address.ts";

export interface Sockets {
  /** The option `socket` of postgres.js. */
  readonly open: () => Socket;
  /** Drops all, and those that postgres.js still asks for. */
  cut(): void;
  /** Resolves when none is open. */
  allClosed(): Promise<void>;
  /** Until the returned function is called, no silence is too long. */
  bePatient(): () => void;
}

/** `silenceMs`: how long an answer may take; undefined: for ever. */
export function createSockets(address: Address, silenceMs: number | undefined): Sockets {
  const open = new Set<Socket>();
  let wasCut = false;
  let patient = 0;
  let empty: (() => void) | undefined;
  const forget = (socket: Socket) => {
    open.delete(socket);
    if (open.size === 0) empty?.();
  };
  return {
    open() {
      // `host` and `port` are what postgres.js names in errors and checks certificates against.
      const socket = Object.assign(new Socket(), { host: address.host, port: address.port });
      for (const other of open) if (other.destroyed) forget(other); // TLS has taken their listeners away
      open.add(socket);
      socket.once("close", () => forget(socket));
      if (silenceMs !== undefined) onSilence(socket, silenceMs, () => patient === 0 && socket.destroy());
      // Not connected yet: postgres.js listens only after it was handed the socket, and some errors come at once.
      setImmediate(() => {
        if (wasCut)
          socket.destroy(); // a reconnection planned before
        else if (address.path !== undefined) socket.connect({ path: address.path });
        else socket.setNoDelay(true).connect({ host: address.host, port: address.port });
      });
      return socket;
    },
    cut() {
      wasCut = true;
      for (const socket of open) socket.destroy();
    },
    allClosed: () =>
      new Promise((resolve) => {
        empty = resolve;
        if (open.size === 0) resolve();
      }),
    bePatient() {
      patient++;
      return () => void patient--;
    },
  };
}

/** Calls `silent` when nothing was heard for `limitMs` and the last that was said has no answer. */
function onSilence(socket: Socket, limitMs: number, silent: () => void): void {
  let saidWhenHeard = 0;
  socket.on("data", () => {
    saidWhenHeard = socket.bytesWritten;
  });
  socket.setTimeout(limitMs, () => {
    if (socket.bytesWritten > saidWhenHeard) silent();
  });
}
