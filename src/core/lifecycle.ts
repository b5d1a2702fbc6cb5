/** Starts the parts of the server in order and stops them in reverse under one deadline. */
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

export interface Part {
  readonly name: string;
  start?(): Promise<void> | void;
  /** `deadline` aborts when the time for the whole stop is over: finish at once. */
  stop?(deadline: AbortSignal): Promise<void> | void;
}

export interface Lifecycle {
  /** Starts one part after the other. Where one fails, those that run are stopped again and its error is thrown. */
  start(): Promise<void>;
  /** Stops in reverse; never throws. Answers the names of the parts that failed or did not finish in time. */
  stop(): Promise<readonly string[]>;
}

interface Options {
  readonly log: Log;
  readonly clock: Clock;
  readonly stopDeadlineMs: number;
}

export function createLifecycle(parts: readonly Part[], options: Options): Lifecycle {
  const running: Part[] = [];
  let stopping: Promise<readonly string[]> | undefined;
  const stop = () => {
    stopping ??= stopAll(running, options);
    return stopping;
  };
  const start = async () => {
    for (const part of parts) {
      if (stopping) throw new Error("stopped while starting");
      running.push(part); // before it started: what it opened half-way is closed too
      try {
        await part.start?.();
      } catch (error) {
        await stop();
        throw error;
      }
    }
  };
  return { start, stop };
}

/** A part that is late is left behind, and the rest is still told to stop: the database closes in any case. */
async function stopAll(running: readonly Part[], { log, clock, stopDeadlineMs }: Options): Promise<readonly string[]> {
  const late: string[] = [];
  const deadline = new AbortController();
  const cancel = clock.setTimeout(() => deadline.abort(), stopDeadlineMs);
  for (const part of running.toReversed()) {
    try {
      if (!(await finishes(part, deadline.signal))) {
        log.warn({ part: part.name }, "part did not stop in time");
        late.push(part.name);
      }
    } catch (error) {
      log.error({ part: part.name, err: error }, "part failed to stop");
      late.push(part.name);
    }
  }
  cancel();
  return late;
}

/** After the deadline each remaining part has one more turn of the event loop, so that what is synchronous succeeds. */
async function finishes(part: Part, deadline: AbortSignal): Promise<boolean> {
  const done = Promise.resolve(part.stop?.(deadline)).then(() => true);
  const over = new Promise<false>((resolve) => {
    const end = () => setImmediate(() => resolve(false));
    if (deadline.aborted) end();
    else deadline.addEventListener("abort", end, { once: true });
  });
  return Promise.race([done, over]);
}
