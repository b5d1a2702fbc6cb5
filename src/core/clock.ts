/** Time that a test can move. Anything a test may want to move asks this, never `Date.now()`. */

/** Stops the timer; calling it again or after the timer fired does nothing. */
export type CancelTimer = () => void;

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(run: () => void, delayMs: number): CancelTimer;
  setInterval(run: () => void, intervalMs: number): CancelTimer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  setInterval(run, intervalMs) {
    const timer = setInterval(run, intervalMs);
    return () => clearInterval(timer);
  },
};
