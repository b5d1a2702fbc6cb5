/**
 * Batches as large as the database writes in a moment. On the embedded database nobody else is answered meanwhile; on
 * PostgreSQL nobody waits for a project that is not to be seen yet, and larger ones cost less.
 */
import { setImmediate } from "node:timers/promises";

export interface Batches {
  /** The next of them; fewer, or none, at the end. Lets others run on the event loop every few. */
  take<Item>(items: Iterator<Item>): Promise<Item[]>;
  /** Runs the writing of a batch, and learns of how long it took. */
  timed(write: () => Promise<void>): Promise<void>;
}

const targetsMs = { postgres: 200, embedded: 100 } as const;
const least = 50;
const most = 3_000;
/** Items made without a break: less than a millisecond's worth, about. */
const atOnce = 32;

export function createBatches(kind: keyof typeof targetsMs): Batches {
  let size = 250;
  return {
    async take(items) {
      const batch = [];
      for (const wanted = size; batch.length < wanted; ) {
        const next = items.next();
        if (next.done) break;
        batch.push(next.value);
        if (batch.length % atOnce === 0) await setImmediate();
      }
      return batch;
    },
    async timed(write) {
      const startedAtMs = performance.now();
      await write();
      const tookMs = Math.max(performance.now() - startedAtMs, 1);
      // Half of the way only: one slow commit says little.
      size = Math.round(Math.min(most, Math.max(least, (size + (size * targetsMs[kind]) / tookMs) / 2)));
    },
  };
}
