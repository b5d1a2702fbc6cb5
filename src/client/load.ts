/** Reading something once, when it is first wanted: tried again while it may help, and read anew where it is in doubt. */
import { backoffMs } from "./backoff.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import { TaskwireError } from "./errors.ts";
import type { Observable } from "./observable.ts";

export interface LoadOptions<Answer> {
  readonly ask: () => Promise<Answer>;
  /** A question goes out: from here on events are newer than its answer may be. */
  readonly begin?: () => void;
  readonly use: (answer: Answer) => void;
  /** It will not come: there is none, or it is not ours. */
  readonly refused?: (error: TaskwireError) => void;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
}

export interface Load {
  /** Somebody looks: reads it, unless that was done or is under way. */
  want(): void;
  /** Reads it anew if it was ever wanted; the answer to an earlier question is not heard any more. */
  reload(): void;
  /** There is a connection again: reads what could not be read. */
  retry(): void;
  close(): void;
}

export function createLoad<Answer>(options: LoadOptions<Answer>): Load {
  const { clock } = options;
  let state: "idle" | "loading" | "waiting" | "done" = "idle";
  let question = 0;
  let failures = 0;
  let cancel: CancelTimer = () => {};

  const run = async (): Promise<void> => {
    cancel();
    state = "loading";
    const own = ++question;
    options.begin?.();
    try {
      const answer = await options.ask();
      if (own !== question) return;
      state = "done";
      failures = 0;
      options.use(answer);
    } catch (error) {
      if (own === question) fail(error instanceof TaskwireError ? error : new TaskwireError("internal", String(error)));
    }
  };
  const fail = (error: TaskwireError): void => {
    state = error.retry ? "waiting" : "done";
    if (!error.retry) {
      options.refused?.(error);
      return;
    }
    // Also where nothing was reached: the connection that came back meanwhile does not come back again to say so.
    cancel = clock.setTimeout(() => void run(), backoffMs(failures++, options.random(), error.extras.retryAfterMs));
  };

  return {
    want() {
      if (state === "idle") void run();
    },
    reload() {
      if (state !== "idle") void run();
    },
    retry() {
      if (state === "waiting") void run();
    },
    close() {
      question++;
      state = "done";
      cancel();
    },
  };
}

/** The same observable, which calls `first` whenever somebody begins to watch it. */
export function onWatch<T>(observable: Observable<T>, first: () => void): Observable<T> {
  return {
    get value() {
      return observable.value;
    },
    subscribe(listener) {
      const stop = observable.subscribe(listener);
      first();
      return stop;
    },
  };
}
