/**
 * What the server counts while it works: plain numbers, raised in place where things happen, so that counting costs
 * next to nothing. Nothing here knows how they are shown; see metrics.ts.
 */

/** How many values were of which size. */
export interface Distribution {
  /** Upper bounds, rising. */
  readonly bounds: readonly number[];
  /** `counts[i]`: values up to `bounds[i]` and above the bound before it; one more for those above the last bound. */
  readonly counts: Float64Array;
  sum: number;
}

/** What is remembered of the database: see cache.ts. */
export const cacheNames = ["sessions", "keys", "host_people", "tokens", "projects", "task_projects"] as const;
export type CacheName = (typeof cacheNames)[number];

export interface CacheCount {
  /** Answered from memory, or by a load under way. */
  hits: number;
  misses: number;
  entries: number;
}

/** Numbers by name. The names must come from a closed list: each is kept for ever. */
export type Tally = Map<string, number>;

export interface Meter {
  socketsOpened: number;
  /** By close code, "other" for those that are not ours or the protocol's. */
  readonly socketsClosed: Tally;
  /** How long closed sockets were open. */
  readonly socketSeconds: Distribution;
  /** Connections that resumed a position they had from an earlier one. */
  reconnects: number;
  /** Joins and resumptions that came to their end, by what became of the position given. */
  readonly joins: { fresh: number; recovered: number; unrecovered: number };
  /** Events replayed to clients that came back. */
  eventsReplayed: number;

  framesReceived: number;
  /** Sent to one connection: answers and what concerns it alone. */
  framesAnswered: number;
  /** Published to a room, each once … */
  framesPublished: number;
  /** … and the copies of them, one for each connection that heard. */
  framesDelivered: number;
  /** Time from a frame's start to its answer, by event; "unknown" for events that are none. */
  readonly frameSeconds: Map<string, Distribution>;
  /** By error code. */
  readonly frameErrors: Tally;

  /** From the news of a commit to its publication; one event at a time is timed. */
  readonly publishSeconds: Distribution;
  /** Numbers missing from a room's order for longer than they take to arrive by themselves. */
  gaps: number;
  /** Events the relay read from the log: to fill gaps, and those other servers wrote. */
  eventsRead: number;

  readonly laneBatch: Distribution;
  readonly laneSeconds: Distribution;
  /** Commands that wait for the batch in flight. */
  laneWaiting: number;

  /** By `METHOD route status`. */
  readonly requests: Tally;
  /** By `METHOD route`. */
  readonly requestSeconds: Map<string, Distribution>;

  /** By `kind outcome`. */
  readonly jobAttempts: Tally;
  /** By kind. */
  readonly jobSeconds: Map<string, Distribution>;
  /** From the moment a reminder is for to the moment it is told, by kind. */
  readonly reminderSeconds: Map<string, Distribution>;
  /** By `channel outcome`. */
  readonly notifications: Tally;

  readonly loopDelaySeconds: Distribution;
  readonly caches: Readonly<Record<CacheName, CacheCount>>;
  /** Uses counted for a limit by this server alone, because Redis did not answer. */
  limitsAlone: number;
}

const secondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;
const openBounds = [1, 10, 60, 300, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600] as const;
/** A tick late at first, up to a long downtime. */
const latenessBounds = [1, 2, 5, 10, 30, 60, 300, 1800, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600] as const;
const batchBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;

const createCacheCount = (): CacheCount => ({ hits: 0, misses: 0, entries: 0 });

const createDistribution = (bounds: readonly number[]): Distribution => ({
  bounds,
  counts: new Float64Array(bounds.length + 1),
  sum: 0,
});

export function record(distribution: Distribution, value: number): void {
  const { bounds, counts } = distribution;
  let at = 0;
  while (at < bounds.length && value > (bounds[at] ?? 0)) at++;
  counts[at] = (counts[at] ?? 0) + 1;
  distribution.sum += value;
}

export const countOf = ({ counts }: Distribution): number => counts.reduce((sum, count) => sum + count, 0);

/** Records a duration under a name from a closed list. */
export function recordSeconds(
  durations: Map<string, Distribution>,
  name: string,
  seconds: number,
  bounds: readonly number[] = secondsBounds,
): void {
  let distribution = durations.get(name);
  if (!distribution) {
    distribution = createDistribution(bounds);
    durations.set(name, distribution);
  }
  record(distribution, seconds);
}

/** Records how late a reminder of this kind was told. */
export const recordLateness = ({ reminderSeconds }: Meter, kind: string, seconds: number): void =>
  recordSeconds(reminderSeconds, kind, seconds, latenessBounds);

export const raise = (tally: Tally, name: string, by = 1): void => void tally.set(name, (tally.get(name) ?? 0) + by);

export const createMeter = (): Meter => ({
  socketsOpened: 0,
  socketsClosed: new Map(),
  socketSeconds: createDistribution(openBounds),
  reconnects: 0,
  joins: { fresh: 0, recovered: 0, unrecovered: 0 },
  eventsReplayed: 0,
  framesReceived: 0,
  framesAnswered: 0,
  framesPublished: 0,
  framesDelivered: 0,
  frameSeconds: new Map(),
  frameErrors: new Map(),
  publishSeconds: createDistribution(secondsBounds),
  gaps: 0,
  eventsRead: 0,
  laneBatch: createDistribution(batchBounds),
  laneSeconds: createDistribution(secondsBounds),
  laneWaiting: 0,
  requests: new Map(),
  requestSeconds: new Map(),
  jobAttempts: new Map(),
  jobSeconds: new Map(),
  reminderSeconds: new Map(),
  notifications: new Map(),
  loopDelaySeconds: createDistribution(secondsBounds),
  caches: {
    sessions: createCacheCount(),
    keys: createCacheCount(),
    host_people: createCacheCount(),
    tokens: createCacheCount(),
    projects: createCacheCount(),
    task_projects: createCacheCount(),
  },
  limitsAlone: 0,
});
