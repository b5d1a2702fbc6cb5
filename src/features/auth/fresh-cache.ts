/** Remembers answers for so short a time that another node's revocation still bites within a second (S10). */
import type { Clock } from "../../core/clock.ts";

const freshMs = 1_000;
const entriesMax = 20_000;

export interface FreshCache<Value> {
  /** What `load` answered at most a second ago; callers at the same time share one load. `undefined` is not kept. */
  get(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined>;
  /** Forgets what `matches`; loads under way began before and are shared with nobody who asks from now on. */
  drop(matches: (value: Value) => boolean): void;
}

interface Entry<Value> {
  readonly value: Value;
  /** When its load began: what was read is at least as new. */
  readonly readAtMs: number;
}

export function createFreshCache<Value>(clock: Clock): FreshCache<Value> {
  const entries = new Map<string, Entry<Value>>();
  const loading = new Map<string, Promise<Value | undefined>>();

  let sweeping = false;
  /** What is no longer fresh would only hold memory: one entry for everybody who ever connected. */
  const sweep = (): void => {
    const oldest = clock.now() - freshMs;
    for (const [key, { readAtMs }] of entries) if (readAtMs <= oldest) entries.delete(key);
    sweeping = entries.size > 0;
    if (sweeping) clock.setTimeout(sweep, 2 * freshMs);
  };

  const start = async (key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> => {
    const readAtMs = clock.now();
    const promise = load();
    loading.set(key, promise);
    try {
      const value = await promise;
      if (value !== undefined && loading.get(key) === promise) {
        if (entries.size >= entriesMax) entries.clear();
        entries.set(key, { value, readAtMs });
        if (!sweeping) clock.setTimeout(sweep, 2 * freshMs);
        sweeping = true;
      }
      return value;
    } finally {
      if (loading.get(key) === promise) loading.delete(key);
    }
  };

  return {
    async get(key, load) {
      const entry = entries.get(key);
      const age = entry ? clock.now() - entry.readAtMs : Number.POSITIVE_INFINITY;
      if (entry && age >= 0 && age < freshMs) return entry.value;
      return loading.get(key) ?? start(key, load);
    },
    drop(matches) {
      loading.clear();
      for (const [key, { value }] of entries) if (matches(value)) entries.delete(key);
    },
  };
}
