/**
 * What the database said, kept in this process for as long as it may be believed: the one way to remember an answer. Every
 * server keeps its own and is told what to forget (see realtime/node.ts); what a lost message costs is bounded by
 * `believedForMs`, or by the reader, who proves what it decided on. Why not in Redis: docs/decisions/0009-redis.md.
 */
import type { Clock } from "./clock.ts";
import type { CacheName, Meter } from "./meter.ts";

export interface Cache<Value> {
  /** What is kept, at once. */
  peek(key: string): Value | undefined;
  /**
   * What is kept, else what `load` answers; callers at the same time share one load. `undefined` is not kept. Rejects with
   * what `load` rejects with.
   */
  get(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined>;
  /** Keeps what was read along with something else. Only for a cache whose values never change: nothing says when it was read. */
  put(key: string, value: Value): void;
  /** Drops what is about `subject`. Loads under way began before: they are not kept, and nobody who asks from now on shares them. */
  forget(subject: string): void;
  clear(): void;
}

export interface CacheOptions<Value> {
  /** Its label in the metrics. */
  readonly name: CacheName;
  /** The bound on its memory: beyond it the oldest go first. */
  readonly entriesMax: number;
  /** So long after its load began a value is to be read again. Absent: not before it is forgotten. */
  readonly believedForMs?: number;
  /** When a value ends by itself, in milliseconds since 1970. Absent: never. */
  readonly endsAtMs?: (value: Value) => number;
  /** What `forget` names it by. Absent: its key. */
  readonly about?: (value: Value) => string;
}

/** An object or text; `undefined` is for what is not there. */
export type Kept = object | string;
export type MakeCache = <Value extends Kept>(options: CacheOptions<Value>) => Cache<Value>;

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** S10: what is revoked on one server bites on the others within a second, also where nobody could tell them. */
export const freshMs = 1_000;

export const createCaches =
  (clock: Clock, meter: Meter): MakeCache =>
  (options) =>
    createCache(options, clock, meter);

function createCache<Value extends Kept>(options: CacheOptions<Value>, clock: Clock, meter: Meter): Cache<Value> {
  const { name, entriesMax, believedForMs = Number.POSITIVE_INFINITY, endsAtMs, about } = options;
  const lasting = believedForMs === Number.POSITIVE_INFINITY;
  const unending = lasting && !endsAtMs;
  const count = meter.caches[name];
  const values = new Map<string, Value>();
  /** Of those that are not kept until they are forgotten: most are, and two numbers each would be half of their memory. */
  const spans = new Map<string, Span>();
  const loading = new Map<string, Promise<Value | undefined>>();

  const remove = (key: string): void => {
    values.delete(key);
    spans.delete(key);
    count.entries = values.size;
  };

  const peek = (key: string): Value | undefined => {
    const value = values.get(key);
    if (value === undefined || (!unending && !holds(spans.get(key), clock.now()))) return undefined;
    count.hits++;
    return value;
  };

  let sweeping = false;
  /** What is no longer believed would only hold memory: one entry for everybody who ever connected. */
  const sweep = (): void => {
    const nowMs = clock.now();
    for (const [key, span] of spans) if (!holds(span, nowMs)) remove(key);
    sweeping = false;
    sweepLater();
  };
  const sweepLater = (): void => {
    if (sweeping || lasting || spans.size === 0) return;
    sweeping = true;
    clock.setTimeout(sweep, 2 * believedForMs);
  };

  const keep = (key: string, value: Value, readAtMs: number): void => {
    remove(key); // the youngest stands last
    const oldest = values.size >= entriesMax ? values.keys().next().value : undefined;
    if (oldest !== undefined) remove(oldest);
    values.set(key, value);
    count.entries = values.size;
    if (unending) return;
    const untilMs = Math.min(readAtMs + believedForMs, endsAtMs?.(value) ?? Number.POSITIVE_INFINITY);
    spans.set(key, { fromMs: readAtMs, untilMs });
    sweepLater();
  };

  const start = async (key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> => {
    const readAtMs = clock.now();
    const promise = load();
    loading.set(key, promise);
    count.misses++;
    try {
      const value = await promise;
      if (value !== undefined && loading.get(key) === promise) keep(key, value, readAtMs);
      return value;
    } finally {
      if (loading.get(key) === promise) loading.delete(key);
    }
  };

  return {
    peek,
    async get(key, load) {
      const value = peek(key);
      if (value !== undefined) return value;
      const shared = loading.get(key);
      if (!shared) return start(key, load);
      count.hits++;
      return shared;
    },
    put(key, value) {
      if (!values.has(key)) keep(key, value, clock.now());
    },
    forget(subject) {
      if (!about) {
        loading.delete(subject);
        remove(subject);
        return;
      }
      loading.clear(); // what they will be about is not known
      for (const [key, value] of values) if (about(value) === subject) remove(key);
    },
    clear() {
      loading.clear();
      values.clear();
      spans.clear();
      count.entries = 0;
    },
  };
}

/** Not before its beginning: a clock that was set back proves nothing. */
const holds = (span: Span | undefined, nowMs: number): boolean =>
  span !== undefined && span.fromMs <= nowMs && nowMs < span.untilMs;
