/** How long a failed job waits: twice as long each time, with half of it left to chance, so that they do not come together. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** `attempt` counts from 1. Between half of and the whole of `firstMs` × 2^(attempt − 1), at most `maxMs`. */
export const backoffMs = ({ firstMs, maxMs }: Backoff, attempt: number, random = Math.random): number =>
  Math.min(maxMs, firstMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
