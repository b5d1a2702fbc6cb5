/** Whether the database is there, and the promise that nobody waits for one that is not. */
import { asAppError, databaseUnavailable, isLinkLost } from "./errors.ts";

export type Unsubscribe = () => void;

export interface Guard {
  readonly state: "up" | "down";
  /** See Database.guard. */
  run<T>(work: () => Promise<T>): Promise<T>;
  onUp(listener: () => void): Unsubscribe;
  onDown(listener: () => void): Unsubscribe;
  /** An outage began: rejects all that is in flight, tells the listeners. */
  down(): void;
  /** The database answers (again): takes calls, tells the listeners. */
  up(): void;
  /** Takes no more calls; those in flight settle by themselves. */
  close(): void;
}

export interface Evidence {
  /** A call came back: the database lives. */
  readonly alive: () => void;
  /** A call lost its link: look whether the database lives. */
  readonly linkLost: () => void;
}

export function createGuard(evidence: Evidence): Guard {
  let state: Guard["state"] = "up";
  const inFlight = new Set<(error: Error) => void>();
  const upListeners = new Set<() => void>();
  const downListeners = new Set<() => void>();
  const run = <T>(work: () => Promise<T>): Promise<T> => {
    if (state === "down") return Promise.reject(databaseUnavailable());
    return new Promise<T>((resolve, reject) => {
      inFlight.add(reject);
      Promise.try(work).then(
        (value) => {
          if (inFlight.delete(reject)) evidence.alive();
          resolve(value);
        },
        (error: unknown) => {
          if (inFlight.delete(reject) && isLinkLost(error)) evidence.linkLost();
          reject(asAppError(error));
        },
      );
    });
  };
  return {
    get state() {
      return state;
    },
    run,
    onUp: (listener) => subscribe(upListeners, listener),
    onDown: (listener) => subscribe(downListeners, listener),
    down() {
      state = "down";
      const rejects = [...inFlight];
      inFlight.clear();
      for (const reject of rejects) reject(databaseUnavailable());
      for (const listener of [...downListeners]) listener();
    },
    up() {
      state = "up";
      for (const listener of [...upListeners]) listener();
    },
    close() {
      state = "down";
    },
  };
}

/** The same function may be given twice: each subscription is its own. */
function subscribe(listeners: Set<() => void>, listener: () => void): Unsubscribe {
  const own = () => listener();
  listeners.add(own);
  return () => void listeners.delete(own);
}
