/**
 * Is the database alive? A probe on a link of its own is asked again and again; when it stays silent or cannot be
 * reached, that is an outage, until a probe gets through again.
 *
 * Silence is counted in short steps, each at most as long as it should have been: a process whose own event loop
 * stood still has not listened, and must not take that for an outage. A call that came back is a sign of life too.
 */
import type { CancelTimer, Clock } from "../core/clock.ts";

/** One link to the database, for probes only. */
export interface Link {
  /** Resolves when the database answered. */
  probe(): Promise<unknown>;
  /** Drops the link; a probe that waits is rejected or stays silent. */
  destroy(): void;
}

export interface WatchTimes {
  /** Pause between an answer and the next probe. */
  readonly intervalMs: number;
  /** How long a probe may be silent. */
  readonly silenceMs: number;
  /** Pause between two attempts during an outage. */
  readonly retryMs: number;
}

/** Found 1.3 s after the last answer, which leaves room for a busy machine before 2 s; back well within 3 s. */
export const postgresTimes: WatchTimes = { intervalMs: 300, silenceMs: 1000, retryMs: 200 };

/** Silence is counted in steps of this length. */
const stepMs = 100;

export interface WatchOptions {
  readonly clock: Clock;
  readonly times: WatchTimes;
  /** The first link, which has answered already. */
  readonly link: Link;
  /** Makes another one; it connects with its first probe. */
  readonly relink: () => Link;
  /** An outage began. */
  readonly lost: () => void;
  /** What must be done over the new link before an outage counts as over. A rejection or silence is a failed probe. */
  readonly recover: () => Promise<unknown>;
  /** The database answered over a new link, after an outage or after links were lost. */
  readonly back: (afterOutage: boolean) => void;
}

export interface Watch {
  /** Somebody lost a link: probes now. */
  suspect(): void;
  /** Somebody was answered: no silence. */
  alive(): void;
  stop(): void;
}

type Answer = "answered" | "silent" | "failed";

export function startWatch(options: WatchOptions): Watch {
  const { clock, times } = options;
  let link = options.link;
  let silentMs = 0;
  let stopped = false;
  let suspected = false;
  let wake: (() => void) | undefined;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.setTimeout(resolve, ms);
      wake = () => {
        cancel();
        resolve();
      };
    });
  const ask = (question: () => Promise<unknown>) =>
    new Promise<Answer>((resolve) => {
      silentMs = 0;
      const stopCounting = countSilence(clock, times.silenceMs, {
        add: (ms) => (silentMs += ms),
        over: () => resolve("silent"),
      });
      const settle = (answer: Answer) => () => {
        stopCounting();
        resolve(answer);
      };
      question().then(settle("answered"), settle("failed"));
    });

  const loop = async () => {
    let down = false;
    let fresh = false;
    while (!stopped) {
      const unheard = fresh || suspected;
      suspected = false;
      let answer = await ask(() => link.probe());
      if (answer === "answered" && down && !stopped) answer = await ask(options.recover);
      if (stopped) return;
      if (answer === "answered") {
        if (down || unheard) options.back(down);
        down = fresh = false;
        if (!suspected) await pause(times.intervalMs);
        continue;
      }
      // A link that broke gets a second chance on a new one: somebody may have cut just this one.
      if (!down && (fresh || answer === "silent")) {
        down = true;
        options.lost();
      }
      link.destroy();
      link = options.relink();
      fresh = true;
      if (down) await pause(times.retryMs);
    }
  };
  void loop();

  return {
    suspect() {
      suspected = true;
      wake?.();
    },
    alive() {
      silentMs = 0;
    },
    stop() {
      stopped = true;
      wake?.();
      link.destroy();
    },
  };
}

/** Calls `over` when `add` has counted up to `limitMs`. Returns a function that stops counting. */
function countSilence(
  clock: Clock,
  limitMs: number,
  { add, over }: { add: (ms: number) => number; over: () => void },
): CancelTimer {
  let last = clock.now();
  let cancel: CancelTimer;
  const step = () => {
    const now = clock.now();
    // Late steps, and clocks set forward or back, count as one.
    const silent = add(Math.min(Math.max(now - last, 0), stepMs * 1.5));
    last = now;
    if (silent >= limitMs) over();
    else cancel = clock.setTimeout(step, stepMs);
  };
  cancel = clock.setTimeout(step, stepMs);
  return () => cancel();
}
