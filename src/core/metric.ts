/** What a metric is, and where its value may be read. */
import type { Distribution, Meter } from "./meter.ts";

/** Connections of a database pool. */
export interface PoolLoad {
  /** Made. */
  readonly open: number;
  /** Held by a statement or a transaction. */
  readonly used: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
  /** How many may be made. */
  readonly max: number;
}

/** Work that waits or failed. The database holds it, so that every server tells the same. */
export interface Workload {
  /** Jobs of each kind and state; a kind that has none in a state may be missing. */
  readonly jobs: readonly { readonly kind: string; readonly state: string; readonly count: number }[];
  /** Seconds for which the job that is due longest waits, by kind; 0 where none does. */
  readonly jobLags: readonly { readonly kind: string; readonly seconds: number }[];
  /** Seconds since the oldest reminder was due that is not told yet. */
  readonly reminderLag: number;
}

/** A line to something outside that the server can do without. */
export interface LineState {
  readonly up: boolean;
  /** How often it was restored. */
  readonly reconnects: number;
}

/** What is not counted but looked at when somebody asks. Given by the application. */
export interface Gauges {
  readonly version: string;
  readonly database: "postgres" | "embedded";
  /** Open sockets, also those that have not authenticated. */
  readonly connections: () => number;
  /** The same, by transport. */
  readonly transports: () => Readonly<Record<string, number>>;
  /** People connected. */
  readonly people: () => number;
  /** Connections by the project they joined. */
  readonly projects: () => ReadonlyMap<string, number>;
  readonly databaseUp: () => boolean;
  /** What carries wakes between servers. */
  readonly broker: () => LineState & { readonly kind: string };
  readonly redis: () => LineState | undefined;
  readonly pool: () => PoolLoad;
  /** Asked of the database; undefined where it does not answer. */
  readonly workload: () => Promise<Workload | undefined>;
}

export interface Sources extends Gauges {
  readonly meter: Meter;
}

/** What one text is made from. */
export interface Readings extends Omit<Sources, "workload"> {
  readonly workload: Workload | undefined;
}

type Labels = Readonly<Record<string, string>>;
export type Sample<Value> = readonly [value: Value, labels: Labels];

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface Numbers extends Described {
  readonly type: "counter" | "gauge";
  readonly read: (readings: Readings) => number | Iterable<Sample<number>>;
}

export interface Distributions extends Described {
  readonly type: "histogram";
  readonly read: (readings: Readings) => Distribution | Iterable<Sample<Distribution>>;
}

export type Metric = Numbers | Distributions;
