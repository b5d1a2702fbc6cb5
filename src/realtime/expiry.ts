/** Things that end a fixed time after they were last touched; one timer for all of them. */
import type { CancelTimer, Clock } from "../core/clock.ts";

export interface Expiry<Item> {
  /** The item's time begins anew. */
  touch(item: Item): void;
  /** It will not expire; false where it was not waiting. */
  delete(item: Item): boolean;
  has(item: Item): boolean;
  stop(): void;
}

/** The delay is the same for all, so the order of touching is the order of expiring. */
export function createExpiry<Item>(clock: Clock, delayMs: number, expired: (item: Item) => void): Expiry<Item> {
  const dueAtMs = new Map<Item, number>();
  let cancel: CancelTimer | undefined;

  const schedule = (): void => {
    const first = dueAtMs.values().next();
    // A clock set back must not make anything wait longer than its delay.
    cancel = first.done ? undefined : clock.setTimeout(run, Math.min(delayMs, Math.max(0, first.value - clock.now())));
  };
  const run = (): void => {
    for (const [item, due] of dueAtMs) {
      const leftMs = due - clock.now();
      if (leftMs > 0 && leftMs <= delayMs) break;
      dueAtMs.delete(item);
      expired(item);
    }
    schedule();
  };

  return {
    touch(item) {
      dueAtMs.delete(item);
      dueAtMs.set(item, clock.now() + delayMs);
      if (!cancel) schedule();
    },
    delete: (item) => dueAtMs.delete(item),
    has: (item) => dueAtMs.has(item),
    stop() {
      cancel?.();
      cancel = undefined;
      dueAtMs.clear();
    },
  };
}
