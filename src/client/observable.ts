/** A value that can be watched: the smallest thing every view library can be bridged to. */

export interface Observable<T> {
  readonly value: T;
  /** Calls `listener` at once with the value, then after each change. Answers the function that ends it. */
  subscribe(listener: (value: T) => void): () => void;
}

export interface Cell<T> extends Observable<T> {
  /** Tells the listeners, unless the value is the same (`Object.is`). */
  set(value: T): void;
}

/** A cell with its first value. A listener that throws does not keep the others from hearing. */
export function createCell<T>(initial: T): Cell<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get value() {
      return value;
    },
    set(next) {
      if (Object.is(value, next)) return;
      value = next;
      for (const listener of [...listeners]) callSafely(() => listener(value));
    },
    subscribe(listener) {
      // Wrapped, so that one function subscribed twice is two subscriptions.
      const own = (next: T) => listener(next);
      listeners.add(own);
      listener(value);
      return () => void listeners.delete(own);
    },
  };
}

/** Runs foreign code; what it throws becomes an uncaught error of its own instead of breaking the caller. */
export function callSafely(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Settles with the first value for which `matches` holds. */
export function when<T>(observable: Observable<T>, matches: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    let done = false;
    stop = observable.subscribe((value) => {
      if (done || !matches(value)) return;
      done = true;
      stop?.();
      resolve(value);
    });
    if (done) stop();
  });
}
