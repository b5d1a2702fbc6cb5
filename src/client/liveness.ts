/** Is the server still there? Page scripts cannot see WebSocket pings, so silence is answered with a `ping` (S7). */
import type { CancelTimer, Clock } from "./clock.ts";

export interface Liveness {
  /** A connection began; the server speaks at least every `heartbeatMs`, unseen. */
  start(heartbeatMs: number): void;
  /** A frame came. */
  heard(): void;
  /** There is doubt: ask now, and wait less. */
  probe(): void;
  stop(): void;
}

const silenceMs = 10_000;
const answerMs = 10_000;
const probeMs = 4000;

/** `ping` sends one; any frame counts as its answer. `dead` is called once a connection, then `start` is awaited. */
export function createLiveness(clock: Clock, ping: () => Promise<unknown>, dead: () => void): Liveness {
  let cancel: CancelTimer = () => {};
  let running = false;
  let heard = false;
  let heardAt = 0;
  let allowedMs = 0;

  const watch = (): void => {
    const quietMs = clock.now() - heardAt;
    // One timer runs on instead of one set anew by every frame.
    if (quietMs >= allowedMs) ask(answerMs);
    else cancel = clock.setTimeout(watch, allowedMs - quietMs);
  };
  const ask = (waitMs: number): void => {
    heard = false;
    // Its answer arrives as a frame like any other; its failure is what the timer finds.
    ping().catch(() => {});
    cancel();
    cancel = clock.setTimeout(() => {
      if (heard) {
        watch();
      } else {
        running = false;
        dead();
      }
    }, waitMs);
  };

  return {
    start(heartbeatMs) {
      running = true;
      heardAt = clock.now();
      allowedMs = heartbeatMs + silenceMs;
      cancel();
      watch();
    },
    heard() {
      heard = true;
      heardAt = clock.now();
    },
    probe() {
      if (running) ask(probeMs);
    },
    stop() {
      running = false;
      cancel();
    },
  };
}
