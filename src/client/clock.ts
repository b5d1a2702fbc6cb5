/** Time, as the client asks for it: a test gives a clock that it moves itself. */

/** Stops the timer; harmless when it fired already. */
export type CancelTimer = () => void;

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(run: () => void, delayMs: number): CancelTimer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
