/** Batches as large as the database writes in a moment: others have the room, and the embedded database, in between. */

export interface Batches {
  /** The next of them; fewer, or none, at the end. */
  take<Item>(items: Iterator<Item>): Item[];
  /** Runs the writing of a batch, and learns of how long it took. */
  timed(write: () => Promise<void>): Promise<void>;
}

const targetMs = 60;
const least = 50;
const most = 3_000;

export function createBatches(kind: "postgres" | "embedded"): Batches {
  let size = kind === "postgres" ? 500 : 250;
  return {
    take(items) {
      const batch = [];
      while (batch.length < size) {
        const next = items.next();
        if (next.done) break;
        batch.push(next.value);
      }
      return batch;
    },
    async timed(write) {
      const startedAtMs = performance.now();
      await write();
      const tookMs = Math.max(performance.now() - startedAtMs, 1);
      // Half of the way only: one slow commit says little.
      size = Math.round(Math.min(most, Math.max(least, (size + (size * targetMs) / tookMs) / 2)));
    },
  };
}
